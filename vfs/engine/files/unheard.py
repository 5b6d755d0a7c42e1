"""Writes of which nobody heard whether the store took them: what stands at a key may be ours all the same."""

import threading
from collections.abc import Iterable
from dataclasses import dataclass

from cachetools import LRUCache

from vfs.engine.entries import Entry
from vfs.engine.files.snapshots import Snapshot

_MOST_KEYS = 10_000
_MOST_OF_A_KEY = 16


@dataclass(frozen=True, slots=True)
class Attempt:
    """A state that was sent, or may have been. The moment of its last write tells it from those of others."""

    size: int
    mtime_ns: int

    @classmethod
    def to_store(cls, snapshot: Snapshot) -> "tuple[Attempt, ...]":
        """The state as an attempt; none where it could not be told apart, because the time was given."""
        mtime_ns = snapshot.attributes.mtime_ns
        return () if mtime_ns is None or snapshot.mtime_is_given else (cls(snapshot.size, mtime_ns),)

    def is_stored_as(self, entry: Entry) -> bool:
        return entry.is_file and (entry.size, entry.mtime_ns) == (self.size, self.mtime_ns)


class UnheardWrites:
    """Attempts by key, the latest that were. Thread-safe.

    They belong to the key and not to an open file: a request that its sender gave up may still be taken when
    that file has another name, or was closed.
    """

    def __init__(self) -> None:
        self._attempts: LRUCache[str, tuple[Attempt, ...]] = LRUCache(_MOST_KEYS)
        self._lock = threading.Lock()

    def add(self, key: str, attempts: Iterable[Attempt]) -> None:
        with self._lock:
            known = (*self._attempts.get(key, ()), *attempts)
            if known:
                self._attempts[key] = known[-_MOST_OF_A_KEY:]

    def of(self, key: str) -> tuple[Attempt, ...]:
        with self._lock:
            return self._attempts.get(key, ())

    def settle(self, key: str) -> None:
        """What the store has is known: a write that stood on what was there before is taken no more."""
        with self._lock:
            self._attempts.pop(key, None)
