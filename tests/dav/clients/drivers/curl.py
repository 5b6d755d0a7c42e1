"""curl: each request is said word by word."""

import re
import xml.etree.ElementTree as ET
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from itertools import chain
from pathlib import Path
from urllib.parse import quote, unquote, urlsplit

from tests.dav.clients.drivers.driver import lines, run

_LOCK = (
    '<lockinfo xmlns="DAV:"><lockscope><exclusive/></lockscope><locktype><write/></locktype>'
    "<owner>curl</owner></lockinfo>"
)


class Curl:
    """A Driver that Lists and Locks."""

    unsendable = ""
    longest_name = 255
    largest_file = 1 << 30

    def __init__(self, url: str) -> None:
        self._url = url

    def make_folder(self, folder: str) -> None:
        self._ask("-X", "MKCOL", self._at(folder, ""))

    def upload(self, source: Path, names: Sequence[str], folder: str) -> None:
        self._ask(*chain.from_iterable(("-T", f"{source}/{name}", self._at(folder, name)) for name in names))

    def download(self, folder: str, names: Sequence[str], target: Path) -> None:
        self._ask(*chain.from_iterable(("-o", f"{target}/{name}", self._at(folder, name)) for name in names))

    def move(self, folder: str, names: Sequence[str], target: str) -> None:
        for name in names:
            self._move(self._at(folder, name), self._at(target, name))

    def rename(self, folder: str, name: str, new: str) -> None:
        self._move(self._at(folder, name), self._at(folder, new))

    def _move(self, source: str, target: str) -> None:
        self._ask("-X", "MOVE", "-H", f"Destination: {target}", source)

    def delete(self, folder: str, names: Sequence[str]) -> None:
        self._ask("-X", "DELETE", *(self._at(folder, name) for name in names))

    def listing(self, folder: str) -> set[str]:
        told = self._ask("-X", "PROPFIND", "-H", "Depth: 1", "--compressed", self._at(folder, ""))
        paths = [urlsplit(each.text or "").path for each in ET.fromstring(told).iter("{DAV:}href")]
        return lines("\n".join(unquote(path).rpartition("/")[2] for path in paths))

    @contextmanager
    def locked(self, folder: str, name: str) -> Iterator[None]:
        at = self._at(folder, name)
        told = self._ask("-X", "LOCK", "--data-binary", _LOCK, "-H", "Depth: 0", "-i", at)
        (token,) = re.findall(r"^Lock-Token: (.+)$", told, re.MULTILINE)
        yield
        self._ask("-X", "UNLOCK", "-H", f"Lock-Token: {token}", at)

    def _at(self, folder: str, name: str) -> str:
        return f"{self._url}/{quote(folder)}/{quote(name)}"

    @staticmethod
    def _ask(*words: str) -> str:
        return run(["curl", "-sS", "--fail-with-body", "--globoff", "--path-as-is", *words])
