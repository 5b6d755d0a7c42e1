"""GNOME's file manager, by the daemon that it works with (gvfs) and its command, on a bus of its own."""

import os
import subprocess
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path
from urllib.parse import quote

from tests.dav.clients.drivers.driver import lines, run

_MOVES = 24
"""gvfs 1.50 gives back no connection of a MOVE, and waits for ever for the 33rd: so many in one mount."""


@contextmanager
def bus(home: Path) -> Iterator[dict[str, str]]:
    """The environment of a session of the desktop, and what was started in it ends with it."""
    runtime = home / "run"
    runtime.mkdir(mode=0o700, parents=True)
    places = {"HOME": f"{home}", "XDG_RUNTIME_DIR": f"{runtime}"}
    environment = {**places, "LC_ALL": "C.UTF-8", "GIO_USE_VFS": "gvfs"}
    with subprocess.Popen(
        ["dbus-daemon", "--session", "--nofork", "--nopidfile", "--print-address=1"],
        env={**os.environ, **environment},
        stdout=subprocess.PIPE,
        stderr=subprocess.DEVNULL,
        text=True,
    ) as daemon:
        assert daemon.stdout is not None
        yield {**environment, "DBUS_SESSION_BUS_ADDRESS": daemon.stdout.readline().strip()}
        daemon.terminate()


class Gvfs:
    """A Driver that Lists."""

    unsendable = ""
    longest_name = 255
    largest_file = 1 << 30

    def __init__(self, address: str, session: dict[str, str]) -> None:
        """`address` is host and port, which are mounted already."""
        self._url = f"dav://{address}"
        self._session = session

    def make_folder(self, folder: str) -> None:
        self._gio("mkdir", self._at(folder))

    def upload(self, source: Path, names: Sequence[str], folder: str) -> None:
        self._gio("copy", *((source / name).as_uri() for name in names), self._at(folder))

    def download(self, folder: str, names: Sequence[str], target: Path) -> None:
        self._gio("copy", *(self._at(folder, name) for name in names), target.as_uri())

    def move(self, folder: str, names: Sequence[str], target: str) -> None:
        for start in range(0, len(names), _MOVES):
            self._mount_anew()
            some = names[start : start + _MOVES]
            self._gio("move", *(self._at(folder, name) for name in some), self._at(target))

    def rename(self, folder: str, name: str, new: str) -> None:
        self._mount_anew()
        self._gio("rename", "--", self._at(folder, name), new)

    def delete(self, folder: str, names: Sequence[str]) -> None:
        self._gio("remove", *(self._at(folder, name) for name in names))

    def listing(self, folder: str) -> set[str]:
        return lines(self._gio("list", "--hidden", self._at(folder)))

    def _at(self, folder: str, name: str = "") -> str:
        return f"{self._url}/{quote(f'{folder}/{name}'.rstrip('/'))}"

    def _mount_anew(self) -> None:
        self._gio("mount", "-u", self._url)
        self._gio("mount", self._url)

    def _gio(self, *words: str) -> str:
        return run(["gio", *words], environment=self._session)


@contextmanager
def gvfs(address: str, home: Path) -> Iterator[Gvfs]:
    """The drive mounted, and unmounted afterwards."""
    with bus(home) as session:
        run(["gio", "mount", f"dav://{address}"], environment=session)
        try:
            yield Gvfs(address, session)
        finally:
            run(["gio", "mount", "-u", f"dav://{address}"], environment=session)
