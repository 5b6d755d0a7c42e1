"""davfs2: a mount by the kernel, which locks files while they are open. Its listings need an older kernel."""

import os
import subprocess
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest

from tests.dav.clients.drive import Drive, drive
from tests.mounts.waiting import wait_until

pytestmark = pytest.mark.skipif(os.getuid() != 0, reason="davfs2 mounts for root")


@contextmanager
def mounted(served: Drive, folder: Path) -> Iterator[Path]:
    """Unmounted afterwards, which sends everything."""
    (folder / "mnt").mkdir()
    with tempfile.TemporaryDirectory(prefix="vfs-davfs2-") as cache:
        os.chmod(cache, 0o777)  # a user of its own writes there
        (folder / "conf").write_text(f"ask_auth 0\ncache_dir {cache}\ndelay_upload 0\nuse_locks 1\n")
        place = [f"{served.url}/files", os.fspath(folder / "mnt")]
        subprocess.run(["mount", "-t", "davfs", "-o", f"conf={folder}/conf", *place], check=True, timeout=60)
        try:
            yield folder / "mnt"
        finally:
            subprocess.run(["umount", place[1]], check=True, timeout=60, capture_output=True)


def test_a_session(tmp_path: Path) -> None:
    """Made, written under a lock, read, moved, changed, removed; the size of the file system."""
    (tmp_path / "files").mkdir()
    (tmp_path / "files" / "there").write_text("from before")
    with drive(tmp_path) as served, mounted(served, tmp_path) as mount:
        assert (mount / "there").read_text() == "from before"
        (mount / "new").mkdir()
        (mount / "new" / "file").write_text("by davfs")
        wait_until(lambda: served.text("files:new/file") == "by davfs", 30, "the upload")
        os.rename(mount / "new" / "file", mount / "moved")
        assert served.text("files:moved") == "by davfs"
        with (mount / "moved").open("a") as file:
            file.write(", changed")
        wait_until(lambda: served.text("files:moved") == "by davfs, changed", 30, "the change")
        os.unlink(mount / "moved")
        os.rmdir(mount / "new")
        assert sorted(path.name for path in (tmp_path / "files").iterdir()) == ["there"]
        assert os.statvfs(mount).f_bavail > 0
        assert {"LOCK", "UNLOCK"} <= {line.split()[0] for line in served.requests()}
