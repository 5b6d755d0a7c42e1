"""KDE's file manager, by the workers that it works with (KIO) and their command, without a screen."""

import socket
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path
from urllib.parse import quote

from tests.dav.clients.drivers.driver import lines, run

_WITHOUT_COOKIES = "[Cookies]\nCookies=false\n"
"""Else it would wait for their daemon."""


class Kio:
    """A Driver that Lists."""

    unsendable = ""
    longest_name = 250  # what is not whole yet ends with ".part"
    largest_file = (
        64 << 20
    )  # its downloads take the longer for each byte, the bigger the file, whoever serves them

    def __init__(self, address: str, home: Path) -> None:
        """`address` is host and port."""
        self._url = f"webdav://{address}"
        self._empty = home / "empty"
        for folder in (self._empty, home / "run", home / ".config"):
            folder.mkdir(parents=True, mode=0o700)
        (home / ".config" / "kioslaverc").write_text(_WITHOUT_COOKIES)
        self._session = {
            "HOME": f"{home}",
            "XDG_RUNTIME_DIR": f"{home}/run",
            "XDG_CONFIG_HOME": f"{home}/.config",
            "LC_ALL": "C.UTF-8",
            "DBUS_SESSION_BUS_ADDRESS": "disabled:",
            "KDE_FORK_SLAVES": "1",  # each command has workers of its own
        }

    def make_folder(self, folder: str) -> None:
        # There is no command for it: a folder without files is copied.
        self._kio("copy", self._empty.as_uri(), self._at(folder).rstrip("/"))

    def upload(self, source: Path, names: Sequence[str], folder: str) -> None:
        self._kio("copy", *((source / name).as_uri() for name in names), self._at(folder))

    def download(self, folder: str, names: Sequence[str], target: Path) -> None:
        self._kio("copy", *(self._at(folder, name) for name in names), target.as_uri())

    def move(self, folder: str, names: Sequence[str], target: str) -> None:
        self._kio("move", *(self._at(folder, name) for name in names), self._at(target))

    def rename(self, folder: str, name: str, new: str) -> None:
        self._kio("move", self._at(folder, name), self._at(folder, new))

    def delete(self, folder: str, names: Sequence[str]) -> None:
        self._kio("remove", *(self._at(folder, name) for name in names))

    def listing(self, folder: str) -> set[str]:
        return lines(self._kio("ls", self._at(folder))) - {"."}

    def _at(self, folder: str, name: str = "") -> str:
        return f"{self._url}/{quote(folder)}/{quote(name)}"

    def _kio(self, *words: str) -> str:
        command = ["kioclient5", "--noninteractive", "--platform", "offscreen"]
        return run([*command, *words], environment=self._session)


@contextmanager
def kio(address: str, home: Path) -> Iterator[Kio]:
    """Without the daemon that keeps its cache small: each download would wait 3 s for that to start."""
    asked = Kio(address, home)
    with socket.socket(socket.AF_UNIX) as cleaner:
        cleaner.bind(f"{home}/run/kio_http_cache_cleaner")
        cleaner.listen(1000)
        yield asked
