"""Histories of a bucket: pages of versions by object, put together by the tree's keys."""

import threading
from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass

from vfs.engine.backends.objects.places import Places
from vfs.engine.entries import Version
from vfs.engine.errors import BackendUnavailable, NotFound, PermissionDenied
from vfs.engine.histories import History


class Keeping:
    """Whether a store keeps versions, asked until it answers once; unknown counts as no. Thread-safe."""

    def __init__(self, ask: Callable[[], bool], known: bool | None = None) -> None:
        self._ask = ask
        self._known = known
        self._lock = threading.Lock()

    def __call__(self) -> bool:
        with self._lock:
            if self._known is None:
                try:
                    self._known = self._ask()
                except (PermissionDenied, BackendUnavailable, NotFound):
                    return False
            return self._known


@dataclass(frozen=True, slots=True)
class VersionPage:
    """One answer: versions with their object keys, all of one key together, and folders by prefix."""

    versions: Sequence[tuple[str, Version]]
    prefixes: Sequence[str] = ()


def by_object(pages: Iterator[VersionPage]) -> Iterator[tuple[str, list[Version]]]:
    """Each object's versions in the order of the pages; a prefix comes with none."""
    current: str | None = None
    versions: list[Version] = []
    for page in pages:
        for object_key, version in page.versions:
            if object_key != current:
                if current is not None:
                    yield current, versions
                current, versions = object_key, []
            versions.append(version)
        for prefix in page.prefixes:
            yield prefix, []
    if current is not None:
        yield current, versions


def versions_of(pages: Iterator[VersionPage], object_key: str) -> list[Version]:
    """Those of one object, out of pages of all whose keys begin with its own: it comes first of these."""
    first, versions = next(by_object(pages), (None, []))
    return versions if first == object_key else []


def histories(
    places: Places,
    folder: str,
    pages: Iterator[VersionPage],
    in_order: Callable[[list[Version]], Iterable[Version]],
) -> Iterator[History]:
    """What the pages of a folder's prefix tell, in the tree's keys; `in_order` puts the oldest first."""
    for object_key, versions in by_object(pages):
        key = places.key_below(folder, object_key)
        if key is not None:
            yield History(key.removesuffix("/"), tuple(in_order(versions)), is_folder=key.endswith("/"))
