"""What is known of a bucket from our own acts and its answers: bounded, and never trusted against the store.

A listing tells no attributes. An entry whose attributes are known is completed from here when the listing
shows the same ETag and time of change, so that one request lists a folder in full whose files we wrote.
"""

import threading
from dataclasses import dataclass, replace

from cachetools import LRUCache

from vfs.engine import paths
from vfs.engine.entries import NO_XATTRS, Entry

_MOST_BYTES = 70_000_000
_PLAIN_BYTES = 700
"""What an entry takes, about, without metadata and extended attributes."""

_CLOCK_SLACK = 1
"""Seconds by which the store's clock may differ from ours; more only costs requests."""


@dataclass(frozen=True, slots=True)
class _KnownFile:
    """An entry as it was, and the seconds (inclusive) in which the store says that it was changed."""

    entry: Entry
    earliest: int
    latest: int


@dataclass(frozen=True, slots=True)
class _KnownFolder:
    has_marker: bool


def _bytes_of(known: _KnownFile | _KnownFolder) -> int:
    if isinstance(known, _KnownFolder):
        return _PLAIN_BYTES
    values = (*known.entry.metadata.values(), *(known.entry.xattrs or NO_XATTRS).values())
    return _PLAIN_BYTES + sum(map(len, values))


class KnownPlaces:
    """What stood at a key when we last saw it. Thread-safe."""

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._places: LRUCache[str, _KnownFile | _KnownFolder] = LRUCache(_MOST_BYTES, _bytes_of)

    def saw_file(self, key: str, entry: Entry, modified_ns: int) -> None:
        """The store told everything about a file, changed at `modified_ns` by its clock."""
        second = modified_ns // 1_000_000_000
        self._file(key, _KnownFile(entry, second, second))

    def wrote_file(self, key: str, entry: Entry, began: float, ended: float) -> None:
        """We made a file between two moments of our clock; the store's time of it is not known yet."""
        self._file(key, _KnownFile(entry, int(began) - _CLOCK_SLACK, int(ended) + _CLOCK_SLACK))

    def _file(self, key: str, known: _KnownFile) -> None:
        with self._lock:
            self._places[key] = known
            for above in paths.ancestors(key):
                if isinstance(self._places.get(above), _KnownFolder):
                    break
                self._places[above] = _KnownFolder(has_marker=False)

    def saw_folder(self, key: str, *, marker: bool) -> None:
        """There is a folder; once a marker was seen, it stays known until `forget`."""
        with self._lock:
            known = self._places.get(key)
            if marker or not isinstance(known, _KnownFolder):
                self._places[key] = _KnownFolder(has_marker=marker)

    def forget(self, key: str) -> None:
        """Something went from this key."""
        with self._lock:
            self._places.pop(key, None)

    def forget_tree(self, key: str) -> None:
        """Everything went from this key and from below it."""
        with self._lock:
            for known in [other for other in self._places if other == key or paths.is_below(other, key)]:
                del self._places[known]

    def file(self, key: str) -> Entry | None:
        """The file last seen here."""
        with self._lock:
            known = self._places.get(key)
        return known.entry if isinstance(known, _KnownFile) else None

    def is_folder(self, key: str) -> bool:
        """True where a folder was last seen."""
        with self._lock:
            return isinstance(self._places.get(key), _KnownFolder)

    def has_marker(self, key: str) -> bool:
        """True where a folder with a marker was last seen."""
        with self._lock:
            known = self._places.get(key)
        return isinstance(known, _KnownFolder) and known.has_marker

    def file_above(self, key: str) -> str | None:
        """The nearest ancestor that was last seen as a file."""
        with self._lock:
            for above in paths.ancestors(key):
                known = self._places.get(above)
                if isinstance(known, _KnownFile):
                    return above
                if known is not None:
                    return None
        return None

    def complete(self, key: str, listed: Entry, modified_ns: int) -> Entry | None:
        """The known entry, if what a listing shows is that same state of the file."""
        second = modified_ns // 1_000_000_000
        with self._lock:
            known = self._places.get(key)
            if (
                not isinstance(known, _KnownFile)
                or known.entry.etag != listed.etag
                or not known.earliest <= second <= known.latest
            ):
                return None
            if known.earliest != known.latest:
                self._places[key] = replace(known, earliest=second, latest=second)
            return known.entry
