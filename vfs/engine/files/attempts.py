"""What was asked of the store: what stands at a key may be ours, though nobody heard so.

An answer may get lost, and a request that was sent again may be taken once more, later than the one that was
answered: a file that was made, and renamed since, is there again.
"""

import logging
import math
import threading
import time
from collections.abc import Callable, Iterable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass

from cachetools import LRUCache

from vfs.engine.entries import Entry
from vfs.engine.errors import AlreadyExists, Conflict, NotFound, StorageError
from vfs.engine.files.attempt_log import AttemptLog
from vfs.engine.files.snapshots import Snapshot

log = logging.getLogger(__name__)

LATE_SECONDS = 60.0
"""For which the store may still take a request of which another copy was answered."""

_MOST_KEYS = 10_000
_MOST_OF_A_KEY = 16

_REFUSALS = (AlreadyExists, Conflict, NotFound)
"""The store was heard, and has done nothing."""


@dataclass(frozen=True, slots=True)
class Attempt:
    """A state that a key may have by an act of ours. The moment of its last write tells it from others'."""

    size: int
    mtime_ns: int

    @classmethod
    def to_store(cls, snapshot: Snapshot) -> "tuple[Attempt, ...]":
        """The state as an attempt; none where it could not be told apart, because the time was given."""
        mtime_ns = snapshot.attributes.mtime_ns
        return () if mtime_ns is None or snapshot.mtime_is_given else (cls(snapshot.size, mtime_ns),)

    @classmethod
    def to_place(cls, entry: Entry) -> "tuple[Attempt, ...]":
        """What stands elsewhere in the store as an attempt: it was to be copied or moved."""
        return (cls(entry.size, entry.mtime_ns),) if entry.is_file and entry.mtime_ns is not None else ()

    def is_stored_as(self, present: Entry | None) -> bool:
        """Whether this is what stands there; None: nothing does."""
        if present is None:
            return self == GONE
        return present.is_file and (present.size, present.mtime_ns) == (self.size, self.mtime_ns)


GONE = Attempt(-1, 0)
"""The key was to hold nothing any more."""


class Attempts:
    """Attempts by key, the latest that were. Thread-safe.

    They belong to the key and not to an open file: a request that its sender gave up may still be taken when
    that file has another name, or was closed.
    """

    def __init__(self, forget: Callable[[str], None], record: AttemptLog | None = None) -> None:
        """`forget` is called with a key of which nobody knows any more what stands there.

        With a `record` those count that earlier processes made lately.
        """
        self._forget = forget
        self._until: LRUCache[str, dict[Attempt, float]] = LRUCache(_MOST_KEYS)
        self._lock = threading.Lock()
        self._record = record
        for key, size, mtime_ns in record.recent() if record else ():
            self.add(key, [Attempt(size, mtime_ns)], time.monotonic() + LATE_SECONDS)

    @contextmanager
    def noting(self, key: str, *attempts: Attempt) -> Iterator[None]:
        """The block has the store act on a key. A failure, if no refusal, may leave one of these states."""
        self._outlive_us(key, attempts)
        try:
            yield
        except StorageError as error:
            if not isinstance(error, _REFUSALS):
                self.add(key, attempts)
            self._forget(key)
            raise
        self.add(key, attempts, time.monotonic() + LATE_SECONDS)

    def _outlive_us(self, key: str, attempts: Iterable[Attempt]) -> None:
        if self._record is None:
            return
        try:
            self._record.note(key, ((attempt.size, attempt.mtime_ns) for attempt in attempts))
        except OSError as error:
            # Its loss costs a conflict copy at worst, and only if we are killed now.
            log.warning("what is asked of the store is not noted: %s", error)

    def add(self, key: str, attempts: Iterable[Attempt], until: float = math.inf) -> None:
        """Of attempts that were not heard of, `until` the store is."""
        with self._lock:
            known = self._until.get(key, {}) | dict.fromkeys(attempts, until)
            if known:
                self._until[key] = dict(list(known.items())[-_MOST_OF_A_KEY:])

    def of(self, key: str) -> tuple[Attempt, ...]:
        now = time.monotonic()
        with self._lock:
            return tuple(attempt for attempt, until in self._until.get(key, {}).items() if until > now)

    def settle(self, key: str) -> None:
        """The store has a file of ours: what stood on what was there before is not taken any more."""
        with self._lock:
            known = self._until.pop(key, {})
            late = {a: until for a, until in known.items() if until < math.inf and a != GONE}
            if late:
                self._until[key] = late
