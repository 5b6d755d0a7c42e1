"""What a store said of its files, believed for a while: entries, and the ETags and sizes of contents."""

import threading
import time
from collections.abc import Iterable, Sequence

from cachetools import TTLCache

from vfs.engine import paths
from vfs.engine.entries import Entry, lasting
from vfs.engine.layers.fast_copies import Content

REMEMBERED = 65_536
"""Files that are believed of at a time."""

_STRIPES = 1024

Moment = Sequence[int]
"""Changes so far, in stripes of keys: what was asked before a change is not believed after it."""


class Believed:
    """Thread-safe. A moment is taken before the store is asked, and handed over with its answer."""

    def __init__(self, expiry: float) -> None:
        self._lock = threading.Lock()
        self._entries: TTLCache[str, Entry] = TTLCache(REMEMBERED, expiry, time.monotonic)
        self._contents: TTLCache[str, Content] = TTLCache(REMEMBERED, expiry, time.monotonic)
        self._changes = [0] * _STRIPES

    def now(self) -> Moment:
        with self._lock:
            return list(self._changes)

    def entry(self, key: str) -> Entry | None:
        """The complete entry of a file."""
        with self._lock:
            return self._entries.get(key)

    def content(self, key: str) -> Content | None:
        """What its file holds."""
        with self._lock:
            return self._contents.get(key)

    def learn(self, key: str, entry: Entry, since: Moment, *, has_size: bool = True) -> None:
        """The store said this of a key."""
        if not entry.is_file or entry.etag is None or not (entry.complete or has_size):
            return
        remembered = lasting(entry)
        with self._lock:
            if self._is_undisturbed(key, since):
                self._contents[key] = Content(key, entry.etag, entry.size)
                if entry.complete:
                    self._entries[key] = remembered

    def changed(self, keys: Iterable[str], since: Moment, left: Content | None = None) -> None:
        """A change of these keys is over; what it left is believed unless another one came between."""
        with self._lock:
            is_known = left is not None and self._is_undisturbed(left.key, since)
            for key in keys:
                self._forget(key)
            if left is not None and is_known:
                self._contents[left.key] = left

    def changed_trees(self, folders: Iterable[str]) -> None:
        """These keys, and all below them, may be other ones now."""
        with self._lock:
            for folder in folders:
                below = [key for key in [*self._contents, *self._entries] if paths.is_below(key, folder)]
                for key in [folder, *below]:
                    self._forget(key)
            # Keys below of which nothing is known yet may be asked about at this moment.
            self._changes = [number + 1 for number in self._changes]

    def _is_undisturbed(self, key: str, since: Moment) -> bool:
        stripe = hash(key) % _STRIPES
        return self._changes[stripe] == since[stripe]

    def _forget(self, key: str) -> None:
        self._changes[hash(key) % _STRIPES] += 1
        self._entries.pop(key, None)
        self._contents.pop(key, None)
