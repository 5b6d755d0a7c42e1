"""davfs2: a mount by the kernel, which locks files while they are open for writing."""

import os
import shutil
import subprocess
import tempfile
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from functools import partial
from pathlib import Path

from tests.mounts.waiting import wait_until


class Davfs2:
    """A Driver that Locks. Whether it lists depends on the kernel."""

    unsendable = ""
    longest_name = 248  # its cache adds seven to a name
    largest_file = 1 << 30

    def __init__(self, mount: Path) -> None:
        """`mount` shows the whole drive."""
        self._mount = mount

    def make_folder(self, folder: str) -> None:
        (self._mount / folder).mkdir()

    def upload(self, source: Path, names: Sequence[str], folder: str) -> None:
        for name in names:
            wait_until(partial(self._is_copied, source, name, folder), 20, f"davfs2 to know {folder}")

    def _is_copied(self, source: Path, name: str, folder: str) -> bool:
        """False where davfs2 says, without a request, that a folder is not there which it made just before.

        The log of the server shows it: it was asked nothing.
        """
        try:
            shutil.copyfile(source / name, self._mount / folder / name)
        except FileNotFoundError:
            return False
        return True

    def download(self, folder: str, names: Sequence[str], target: Path) -> None:
        for name in names:
            shutil.copyfile(self._mount / folder / name, target / name)

    def move(self, folder: str, names: Sequence[str], target: str) -> None:
        for name in names:
            os.rename(self._mount / folder / name, self._mount / target / name)

    def rename(self, folder: str, name: str, new: str) -> None:
        os.rename(self._mount / folder / name, self._mount / folder / new)

    def delete(self, folder: str, names: Sequence[str]) -> None:
        for name in names:
            os.unlink(self._mount / folder / name)

    @contextmanager
    def locked(self, folder: str, name: str) -> Iterator[None]:
        with (self._mount / folder / name).open("r+"):
            yield


@contextmanager
def davfs2(url: str, folder: Path) -> Iterator[Path]:
    """Where the drive is mounted; unmounted afterwards, which sends everything."""
    mount = folder / "mnt"
    mount.mkdir(parents=True)
    with tempfile.TemporaryDirectory(prefix="vfs-davfs2-") as cache:
        os.chmod(cache, 0o777)  # a user of its own writes there
        (folder / "conf").write_text(f"ask_auth 0\ncache_dir {cache}\ndelay_upload 0\nuse_locks 1\n")
        options = ["-t", "davfs", "-o", f"conf={folder}/conf"]
        subprocess.run(["mount", *options, url, mount], check=True, timeout=60)
        try:
            yield mount
        finally:
            subprocess.run(["umount", mount], check=True, timeout=60, capture_output=True)
