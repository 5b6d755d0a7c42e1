"""cadaver: commands of a session, a line each, as a person types them."""

import re
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path

from tests.dav.clients.drivers.driver import lines, run

_LISTED = re.compile(r"^(?:Coll:)?\s+(.*?)\s+\d+  \w{3} .{8}$", re.MULTILINE)
"""A line of a listing."""


class Cadaver:
    """A Driver that Lists and Locks."""

    unsendable = "\n\t\x07*?["  # keys of whoever types a line, and patterns
    longest_name = 255
    largest_file = 1 << 30

    def __init__(self, url: str, home: Path) -> None:
        self._url = url
        self._home = home

    def session(self, *commands: str) -> str:
        """What it says while it does these. Raises AssertionError where one failed."""
        told = run(
            ["cadaver", f"{self._url}/"],
            text="\n".join([*commands, "quit", ""]),
            environment={"HOME": f"{self._home}", "TERM": "dumb", "LC_ALL": "C.UTF-8"},
            folder=self._home,
        )
        assert "failed" not in told, told
        return told

    def make_folder(self, folder: str) -> None:
        self.session(f"mkcol {_quoted(folder)}")

    def upload(self, source: Path, names: Sequence[str], folder: str) -> None:
        self.session(*(f"put {_quoted(f'{source}/{name}')} {_quoted(f'{folder}/{name}')}" for name in names))

    def download(self, folder: str, names: Sequence[str], target: Path) -> None:
        self.session(*(f"get {_quoted(f'{folder}/{name}')} {_quoted(f'{target}/{name}')}" for name in names))

    def move(self, folder: str, names: Sequence[str], target: str) -> None:
        self.session(*(f"move {_quoted(f'{folder}/{name}')} {_quoted(f'{target}/{name}')}" for name in names))

    def rename(self, folder: str, name: str, new: str) -> None:
        self.session(f"move {_quoted(f'{folder}/{name}')} {_quoted(f'{folder}/{new}')}")

    def delete(self, folder: str, names: Sequence[str]) -> None:
        self.session(*(f"delete {_quoted(f'{folder}/{name}')}" for name in names))

    def listing(self, folder: str) -> set[str]:
        return lines("\n".join(_LISTED.findall(self.session(f"ls {_quoted(folder)}"))))

    @contextmanager
    def locked(self, folder: str, name: str) -> Iterator[None]:
        told = self.session(f"lock {_quoted(f'{folder}/{name}')}", f"discover {_quoted(f'{folder}/{name}')}")
        (token,) = set(re.findall(r"opaquelocktoken:[0-9a-f-]+", told))
        yield
        self.session(f"unlock {_quoted(f'{folder}/{name}')}", token)


def _quoted(word: str) -> str:
    return '"' + word.replace("\\", "\\\\").replace('"', '\\"') + '"'
