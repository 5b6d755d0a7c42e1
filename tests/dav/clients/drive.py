"""A drive for real clients: a storage served over WebDAV by the real server, in the tests' own process."""

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import vfs
from vfs.config import settings_from
from vfs.dav.front import opened

ODD_NAMES = [
    "with space.txt",
    "a*.txt",
    "a[1].txt",
    "what?.txt",
    "100% #1 & 'more'.txt",
    "ümlaut-日本-🎈.txt",
    "semi;colon,comma.txt",
    "plus+equals=.txt",
    "x" * 200,
]


@dataclass(frozen=True)
class Drive:
    """Where it is served, and the storage behind it."""

    url: str
    storage: vfs.StorageManager
    log: Path

    @property
    def address(self) -> str:
        """Host and port."""
        return self.url.partition("://")[2]

    def text(self, path: str) -> str:
        return self.storage.node(path).read_text()

    def requests(self) -> list[str]:
        """The first lines of all requests so far."""
        return [line.split('"')[1] for line in self.log.read_text().splitlines()]


@contextmanager
def drive(folder: Path, **webdav: Any) -> Iterator[Drive]:
    """Mounts `files` (a folder of this machine) and `Memory`, on a free port."""
    settings = settings_from(
        {
            "mounts": {
                "files": {"type": "local", "path": str(folder / "files"), "create": True},
                "Memory": {"type": "memory"},
            },
            "cache": {"directory": None},
            "state": str(folder / "state"),
            "webdav": {"port": 0, "access_log": str(folder / "access.log"), **webdav},
        }
    )
    with vfs.StorageManager(settings) as storage, opened(storage, settings.served) as front:
        front.start()
        yield Drive(front.urls[0], storage, folder / "access.log")
