"""A layer of contents whose sizes must be asked for: by `stat` at once, after a listing many at a time."""

import errno
import logging
import threading
from abc import abstractmethod
from collections.abc import Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace
from typing import cast

from cachetools import LRUCache

from vfs.engine import paths
from vfs.engine.backend import AbilityT, Backend, CompletesEntries
from vfs.engine.entries import Entry
from vfs.engine.errors import Conflict, NotFound, StorageError
from vfs.engine.layers.content import REMEMBERED, TRIES, ContentLayer, Identity, Pin

ASKED_AT_ONCE = 16

_UNREADABLE = frozenset({errno.EIO, errno.EILSEQ})

_log = logging.getLogger(__name__)


class MeasuredLayer(ContentLayer):
    """Remembers the sizes that were asked for, by ETag; a listing leaves the others out.

    An entry left out is not `complete`, and its size is that of the stored file. So is, for good, the size
    of a file that cannot be read: it must be seen to be removed.
    """

    def __init__(self, inner: Backend) -> None:
        super().__init__(inner)
        self.lists_sizes = False
        self._sizes: LRUCache[Identity, int] = LRUCache(REMEMBERED)
        self._sizes_lock = threading.Lock()

    @abstractmethod
    def measure(self, pin: Pin) -> int:
        """Ask the store for the size that is shown; Conflict where the file was replaced."""

    def plain_size(self, pin: Pin) -> int:
        size = self.known_size(pin)
        if size is None:
            size = self.measure(pin)
            self.learned(pin, size)
        return size

    def shown_size(self, pin: Pin) -> int:
        try:
            return self.plain_size(pin)
        except StorageError as error:
            if type(error) is not StorageError or error.errno not in _UNREADABLE:
                raise
            _log.warning("%s (shown with its stored size, so that it can be removed)", error)
            self.learned(pin, pin.size)
            return pin.size

    def known_size(self, pin: Pin) -> int | None:
        with self._sizes_lock:
            return None if pin.identity is None else self._sizes.get(pin.identity)

    def learned(self, pin: Pin, size: int) -> None:
        if pin.identity is not None:
            with self._sizes_lock:
                self._sizes[pin.identity] = size

    def measured(self, key: str, entry: Entry) -> Entry:
        for _ in range(TRIES):
            try:
                return super().measured(key, entry)
            except Conflict:
                entry = self.inner.stat(key)
        raise Conflict("the file is being replaced all the time", key)

    def listed(self, key: str, entry: Entry) -> Entry:
        return super().listed(key, entry) if entry.complete else entry

    def ability(self, wanted: type[AbilityT]) -> AbilityT | None:
        return cast("AbilityT", _Completing(self)) if wanted is CompletesEntries else super().ability(wanted)


class _Completing:
    """Completes entries by what the store can complete of them, and by their sizes."""

    def __init__(self, layer: MeasuredLayer) -> None:
        self._layer = layer

    def complete_entries(self, folder: str, entries: Sequence[Entry]) -> Sequence[Entry]:
        wanted = [entry for entry in entries if not entry.complete]
        completed = {entry.name: entry for entry in self._complete(folder, wanted)} if wanted else {}
        found = (entry if entry.complete else completed.get(entry.name) for entry in entries)
        return [entry for entry in found if entry is not None]

    def _complete(self, folder: str, entries: Sequence[Entry]) -> Sequence[Entry]:
        completes = self._layer.inner.ability(CompletesEntries)
        stored = entries if completes is None else completes.complete_entries(folder, entries)

        def measured(entry: Entry) -> Entry | None:
            try:
                return self._layer.measured(paths.join(folder, entry.name), replace(entry, complete=True))
            except NotFound:
                return None

        with ThreadPoolExecutor(ASKED_AT_ONCE, thread_name_prefix="vfs-sizes") as threads:
            return [entry for entry in threads.map(measured, stored) if entry is not None]
