"""All the clients, by name, each ready to be asked."""

from collections.abc import Callable, Iterator, Mapping
from contextlib import AbstractContextManager, contextmanager
from pathlib import Path

from tests.dav.clients.drive import Drive
from tests.dav.clients.drivers.cadaver import Cadaver
from tests.dav.clients.drivers.curl import Curl
from tests.dav.clients.drivers.davfs2 import Davfs2, davfs2
from tests.dav.clients.drivers.driver import Driver
from tests.dav.clients.drivers.gvfs import gvfs
from tests.dav.clients.drivers.kde import kio
from tests.dav.clients.drivers.npm import npm
from tests.dav.clients.drivers.rclone import Rclone


@contextmanager
def _cadaver(served: Drive, home: Path) -> Iterator[Driver]:
    yield Cadaver(served.url, home)


@contextmanager
def _curl(served: Drive, _: Path) -> Iterator[Driver]:
    yield Curl(served.url)


@contextmanager
def _davfs2(served: Drive, home: Path) -> Iterator[Driver]:
    with davfs2(served.url, home) as mount:
        yield Davfs2(mount)


@contextmanager
def _rclone(served: Drive, _: Path) -> Iterator[Driver]:
    yield Rclone(served.url)


KINDS: Mapping[str, Callable[[Drive, Path], AbstractContextManager[Driver]]] = {
    "cadaver": _cadaver,
    "curl": _curl,
    "davfs2": _davfs2,
    "gvfs": lambda served, home: gvfs(served.address, home),
    "kio": lambda served, home: kio(served.address, home),
    "npm": lambda served, _: npm(served.url),
    "rclone": _rclone,
}
"""Each asks a drive, and may use an empty folder as its home."""
