"""Locks by key: changes of one key come one after the other, changes of whole trees alone."""

import contextlib
import threading
from collections import Counter
from collections.abc import Iterator, Sequence


class KeyLocks:
    """Held across calls on storages, and never while another is waited for. Not reentrant."""

    def __init__(self) -> None:
        self._changed = threading.Condition()
        self._held: set[str] = set()
        self._exclusive = False
        self._wanted: Counter[str] = Counter()
        self._exclusive_wanted = 0

    @contextlib.contextmanager
    def holding(self, keys: Sequence[str], *, exclusive: bool = False) -> Iterator[None]:
        """Wait until nobody holds any of the keys; `exclusive`: nobody any key at all."""
        wanted = set(keys)
        with self._changed:
            self._take(wanted, exclusive)
        try:
            yield
        finally:
            with self._changed:
                self._held -= wanted
                self._exclusive = self._exclusive and not exclusive
                self._changed.notify_all()

    def is_wanted(self, key: str) -> bool:
        """Whether somebody waits for this key now: who holds it for no hurry of its own should give way."""
        return self._exclusive_wanted > 0 or self._wanted[key] > 0

    def _take(self, wanted: set[str], exclusive: bool) -> None:
        self._wanted.update(wanted)
        self._exclusive_wanted += exclusive
        try:
            self._changed.wait_for(lambda: not self._exclusive and (exclusive or not self._held & wanted))
            if exclusive:
                self._exclusive = True  # those who come from here on wait: no stream of others starves this
                try:
                    self._changed.wait_for(lambda: not self._held)
                except BaseException:
                    self._exclusive = False
                    self._changed.notify_all()
                    raise
            self._held |= wanted
        finally:
            self._wanted.subtract(wanted)
            self._wanted += Counter()  # drops what is zero
            self._exclusive_wanted -= exclusive
