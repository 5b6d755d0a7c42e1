"""StoreView: what is known of a store, asked when it is not known, and believed for a while."""

import math
import time
from collections import deque
from collections.abc import Iterator
from contextlib import suppress
from itertools import islice

from vfs.engine import paths
from vfs.engine.aside import ShowsAside
from vfs.engine.backend import Backend, CompletesEntries
from vfs.engine.cache.entries import ABSENT, Absent, EntryCache
from vfs.engine.entries import Entry
from vfs.engine.errors import NotADirectory, NotFound
from vfs.engine.files.folder_times import FolderTimes
from vfs.engine.files.questions import LARGEST_WIDTH, Questions

REMEMBERED_ENTRIES = 200_000

LISTED_FOR_NAMES = 1000
"""Entries of a folder, at most, that are listed because single names were asked for: one page of a store."""


class StoreView:
    """Entries, listings and absences of one store, without what is open here. Thread-safe.

    Who changes the store says so through `entries` and `folder_times`.
    """

    def __init__(self, backend: Backend, ttl: float) -> None:
        self._backend = backend
        self._aside = backend.ability(ShowsAside)
        self.entries = EntryCache(ttl=ttl, max_entries=REMEMBERED_ENTRIES)
        self.folder_times = FolderTimes()
        self._questions = Questions(ttl)
        self._ttl = ttl
        self._attributes_wanted_until = -math.inf

    def remembered(self, key: str) -> Entry | Absent | None:
        """From memory only; None for what is not known, or not completely."""
        if self._is_aside(key):
            return None
        known = self.entries.get(key)
        if known is None or known is ABSENT:
            return known
        return self.folder_times.on(key, known) if known.complete else None

    def stat(self, key: str) -> Entry:
        """The complete entry. Raises NotFound."""
        if self._is_aside(key):
            return self._backend.stat(key)
        known = self.remembered(key)
        if known is ABSENT:
            raise NotFound(path=key)
        if known is not None:
            return known
        partial = self.entries.get(key)
        if isinstance(partial, Entry) and self._complete_siblings(key):
            return self.stat(key)
        return self._ask(key)

    def listed(self, key: str) -> Entry:
        """The entry as a listing tells it, which may be not `complete`. Raises NotFound."""
        if self._is_aside(key):
            return self._backend.stat(key)
        known = self.entries.get(key)
        if known is ABSENT:
            raise NotFound(path=key)
        return known if isinstance(known, Entry) else self._ask(key)

    def _is_aside(self, key: str) -> bool:
        return self._aside is not None and self._aside.is_aside(key)

    def _ask(self, key: str) -> Entry:
        since = self.entries.moment()
        try:
            entry = self._backend.stat(key)
        except NotFound:
            self.missed(key, since)
            raise
        self.entries.put(key, entry, since=since)
        self._asked(key)
        return self.folder_times.on(key, entry)

    def stored(self, key: str) -> None:
        """A file was stored at a key that its folder showed already."""
        folder = paths.parent(key)
        known = self.entries.get(folder)
        self.folder_times.stored_inside(folder, known if isinstance(known, Entry) else None)

    def missed(self, key: str, since: int) -> None:
        """The store was asked for a name at that moment of `entries`, and has nothing there."""
        self.entries.put_absent(key, since=since)
        self._asked(key)

    def _asked(self, key: str) -> None:
        """The store was asked for one name; where that happens often, learn which names there are."""
        folder = paths.parent(key)
        if key and self._backend.lists_cheaply and self._questions.asked(folder):
            # The one name that was asked for is answered already; a folder that is gone too is no news.
            with suppress(NotFound, NotADirectory):
                deque(islice(self._listed(folder), LISTED_FOR_NAMES), maxlen=0)

    def _complete_siblings(self, key: str) -> bool:
        """Complete this entry and some listed after it in one go; False where the store cannot."""
        completes = self._backend.ability(CompletesEntries)
        folder = paths.parent(key)
        listed = self.entries.listing(folder)
        if completes is None or listed is None:
            return False
        wanted = [entry for entry in listed if not entry.complete]
        at = next((i for i, entry in enumerate(wanted) if entry.name == paths.name_of(key)), None)
        if at is None:
            return False
        self._attributes_wanted_until = time.monotonic() + self._ttl
        since = self.entries.moment()
        for entry in completes.complete_entries(folder, wanted[at : at + self._questions.width(folder)]):
            self.entries.put(paths.join(folder, entry.name), entry, since=since)
        known = self.entries.get(key)
        return isinstance(known, Entry) and known.complete

    def list(self, key: str) -> Iterator[Entry]:
        """The entries of a folder, lazily where the store must be asked.

        Whoever walks a tree for its attributes is soon told them with each listing.
        """
        if self._is_aside(key):
            yield from self._backend.list(key)
            return
        listed = self.entries.listing(key)
        if listed is None:
            found = self._listed(key, completed=time.monotonic() < self._attributes_wanted_until)
        else:
            found = iter(listed)
        for entry in found:
            yield self.folder_times.on(paths.join(key, entry.name), entry) if entry.is_folder else entry

    def _completed(self, folder: str, stored: Iterator[Entry]) -> Iterator[Entry]:
        """Listed entries with what the listing left out, where the store can tell that of many at once."""
        completes = self._backend.ability(CompletesEntries)
        if completes is None:
            yield from stored
            return
        while entries := list(islice(stored, LARGEST_WIDTH)):
            yield from completes.complete_entries(folder, entries)

    def _listed(self, key: str, *, completed: bool = False) -> Iterator[Entry]:
        """The store's listing, remembered once it is through."""
        token = self.entries.begin_listing(key)
        found: deque[Entry] = deque()
        stored = self._backend.list(key)
        for entry in self._completed(key, stored) if completed else stored:
            if len(found) <= REMEMBERED_ENTRIES // 2:
                found.append(entry)
            yield entry
        if len(found) <= REMEMBERED_ENTRIES // 2:
            self.entries.finish_listing(token, found)
