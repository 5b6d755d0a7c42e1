"""What a storage was asked for and how it did: calls, failures, seconds and bytes, counted as they happen."""

import threading
from collections import Counter
from collections.abc import Mapping
from dataclasses import dataclass

from vfs.engine.errors import BackendUnavailable, StorageError


@dataclass(frozen=True, slots=True)
class TrafficStatistics:
    """Since the mount was opened. A call is one of the contract: a listing is one, in many pages too."""

    calls: Mapping[str, int]
    """By the name of the act."""
    failures: int
    """Calls that failed by the storage's fault, and not because there is no such entry, say."""
    seconds: float
    """Spent in calls, which may overlap; of a listing, until its first entry."""
    bytes_read: int
    bytes_written: int
    slow: int
    """Calls that took longer than what is told as slow."""


class Traffic:
    """Counts for one mount. Thread-safe; a call costs a microsecond."""

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._calls: Counter[str] = Counter()
        self._failures = 0
        self._seconds = 0.0
        self._read = 0
        self._written = 0
        self._slow = 0

    def called(
        self, act: str, seconds: float, *, read: int = 0, written: int = 0, slow: bool = False
    ) -> None:
        """A call ended well, or with an answer that is none of the storage's faults."""
        with self._lock:
            self._calls[act] += 1
            self._seconds += seconds
            self._read += read
            self._written += written
            self._slow += slow

    def failed(self, act: str, seconds: float) -> None:
        """A call failed by the storage's fault."""
        with self._lock:
            self._calls[act] += 1
            self._seconds += seconds
            self._failures += 1

    def written(self, size: int) -> None:
        """Bytes of a call that is counted already."""
        with self._lock:
            self._written += size

    def statistics(self) -> TrafficStatistics:
        with self._lock:
            return TrafficStatistics(
                dict(self._calls), self._failures, self._seconds, self._read, self._written, self._slow
            )


def is_failure(error: Exception) -> bool:
    """True where the storage or the program is at fault, and not the entry asked for."""
    return (
        isinstance(error, BackendUnavailable)
        or not isinstance(error, StorageError)
        or type(error) is StorageError
    )
