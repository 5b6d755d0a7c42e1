"""The client library `webdav` of npm, in a process of node that is told acts by lines of JSON."""

import json
import subprocess
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import Any

from tests.dav.clients.drivers.driver import lines
from tests.servers.npm import NODE, installed

_VERSION = "5.11.0"


class RefusedByServer(Exception):
    """The library raised an error, of this status."""

    def __init__(self, message: str, status: int) -> None:
        super().__init__(message)
        self.status = status


class Npm:
    """A Driver that Lists and Locks."""

    unsendable = ""
    longest_name = 255
    largest_file = 1 << 30

    def __init__(self, process: "subprocess.Popen[str]") -> None:
        self._process = process

    def ask(self, act: str, *values: object) -> Any:
        """What an act of `npm.mjs` gives. Raises RefusedByServer."""
        assert self._process.stdin is not None
        assert self._process.stdout is not None
        self._process.stdin.write(json.dumps({"act": act, "with": values}) + "\n")
        self._process.stdin.flush()
        told = json.loads(self._process.stdout.readline())
        if "failed" in told:
            raise RefusedByServer(told["failed"], told["status"])
        return told["done"]

    def make_folder(self, folder: str) -> None:
        self.ask("make", f"/{folder}")

    def upload(self, source: Path, names: Sequence[str], folder: str) -> None:
        for name in names:
            self.ask("upload", f"/{folder}/{name}", f"{source}/{name}")

    def download(self, folder: str, names: Sequence[str], target: Path) -> None:
        for name in names:
            self.ask("download", f"/{folder}/{name}", f"{target}/{name}")

    def move(self, folder: str, names: Sequence[str], target: str) -> None:
        for name in names:
            self.ask("move", f"/{folder}/{name}", f"/{target}/{name}")

    def rename(self, folder: str, name: str, new: str) -> None:
        self.ask("move", f"/{folder}/{name}", f"/{folder}/{new}")

    def delete(self, folder: str, names: Sequence[str]) -> None:
        for name in names:
            self.ask("remove", f"/{folder}/{name}")

    def listing(self, folder: str) -> set[str]:
        paths = [path for path, _, _ in self.ask("list", f"/{folder}")]
        return lines("\n".join(path.rpartition("/")[2] for path in paths))

    @contextmanager
    def locked(self, folder: str, name: str) -> Iterator[None]:
        token = self.ask("lock", f"/{folder}/{name}")["token"]
        yield
        self.ask("unlock", f"/{folder}/{name}", token)


@contextmanager
def npm(url: str) -> Iterator[Npm]:
    """The library, asking a drive."""
    library = installed("webdav", _VERSION) / "webdav" / "dist" / "node" / "index.js"
    with subprocess.Popen(
        [NODE, Path(__file__).with_suffix(".mjs"), library, url],
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        text=True,
    ) as process:
        yield Npm(process)
