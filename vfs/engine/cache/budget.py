"""The memory that cached and arriving bytes may take together, for the whole process."""

import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass

Reclaimer = Callable[[int], int]
"""Asked to free so many bytes: releases what it can to the budget at once, and says how much that was."""


@dataclass(frozen=True, slots=True)
class BudgetStatistics:
    """Bytes in all, bytes taken now, the most ever taken at once, and how many requests were refused."""

    total: int
    used: int
    peak: int
    refused: int


class MemoryBudget:
    """Counts bytes taken; never blocks and never gives out more than `total_bytes`. Thread-safe."""

    def __init__(self, total_bytes: int) -> None:
        self.total = total_bytes
        self._lock = threading.Lock()
        self._used = 0
        self._peak = 0
        self._refused = 0
        self._reclaimers: tuple[Reclaimer, ...] = ()

    @property
    def used(self) -> int:
        return self._used

    def add_reclaimer(self, reclaim: Reclaimer) -> None:
        """Ask `reclaim` for memory whenever a request would not fit. It is called without any lock held."""
        with self._lock:
            self._reclaimers = (*self._reclaimers, reclaim)

    def try_reserve(self, size: int) -> bool:
        """Take `size` bytes, making room where a cache can give some back; False when there is none."""
        if size <= self.total:
            while (missing := self._take(size)) > 0:
                if not any(reclaim(missing) for reclaim in self._reclaimers):
                    break
            else:
                return True
        with self._lock:
            self._refused += 1
        return False

    def release(self, size: int) -> None:
        """Give back bytes that `try_reserve` gave out."""
        with self._lock:
            self._used -= size
            assert self._used >= 0, "more memory given back than was taken"

    @contextmanager
    def lent(self, size: int) -> Iterator[None]:
        """Room for bytes that must be held in any case: caches give way where they can."""
        reserved = self.try_reserve(size)
        try:
            yield
        finally:
            if reserved:
                self.release(size)

    def statistics(self) -> BudgetStatistics:
        with self._lock:
            return BudgetStatistics(self.total, self._used, self._peak, self._refused)

    def _take(self, size: int) -> int:
        """0 when the bytes are ours now, else how many are missing."""
        with self._lock:
            missing = self._used + size - self.total
            if missing > 0:
                return missing
            self._used += size
            self._peak = max(self._peak, self._used)
            return 0
