"""What was lately seen of a mount's tree: entries, complete listings, and what is known to be absent."""

import math
import threading
import time
from collections import OrderedDict
from collections.abc import Callable, Iterable
from dataclasses import dataclass, replace
from enum import Enum
from typing import Final

from vfs.engine import paths
from vfs.engine.entries import Entry, lasting


class Absent(Enum):
    """The type of `ABSENT`."""

    ABSENT = "absent"


ABSENT: Final = Absent.ABSENT
"""Nothing is stored there, and that is known."""

LARGEST_XATTRS = 2048
"""Bytes of extended attributes that are remembered of one name; S3 takes no more either."""


class _Fact:
    """What is known of one name until `expires`, learned at `moment`; None: it changed, nobody knows how."""

    __slots__ = ("expires", "moment", "what")

    def __init__(self, what: Entry | Absent | None, expires: float, moment: int) -> None:
        self.what = what
        self.expires = expires
        self.moment = moment


class _Folder:
    """What is known of the names in one folder; before `listed_until`, that there are no others."""

    __slots__ = ("born", "facts", "listed_until")

    def __init__(self, born: int) -> None:
        self.born = born
        self.facts: dict[str, _Fact] = {}
        self.listed_until = -math.inf


@dataclass(frozen=True, slots=True)
class Listing:
    """A listing on its way, as `begin_listing` gave it."""

    folder: str
    moment: int
    expires: float


@dataclass(frozen=True, slots=True)
class EntryStatistics:
    """How often `get` knew and did not know; how many names and folders are held."""

    hits: int
    misses: int
    names: int
    folders: int


class EntryCache:
    """Remembers names for `ttl` seconds from when they were asked for, `max_entries` of them at most.

    Thread-safe. Every act costs the same however much is remembered; listings cost by their length, and
    `forget_tree` and `moved` of a folder a pass over the remembered folders. A `ttl` of 0 remembers nothing.

    What a request saw may be older than what was done meanwhile. Who asks the store takes a `moment`
    first and gives it with the answer (`begin_listing` does so by itself): newer facts then stay.
    """

    def __init__(self, ttl: float, max_entries: int, clock: Callable[[], float] = time.monotonic) -> None:
        self._ttl = ttl
        self._max_entries = max_entries
        self._clock = clock
        self._lock = threading.Lock()
        self._folders: OrderedDict[str, _Folder] = OrderedDict()
        self._names = 0
        self._moment = 0
        self._last_loss = 0
        """When facts were last dropped; older answers cannot tell whether they contradict one of those."""
        self._hits = 0
        self._misses = 0

    def get(self, key: str) -> Entry | Absent | None:
        """The entry, ABSENT, or None when only the store can tell. The root is never remembered absent."""
        folder_key, _, name = key.rpartition("/")
        with self._lock:
            folder = self._folders.get(folder_key)
            if folder is not None and key:
                found = self._known(folder, name, self._clock())
                if found is not None:
                    self._folders.move_to_end(folder_key)
                    self._hits += 1
                    return found
            self._misses += 1
            return None

    def listing(self, folder: str) -> tuple[Entry, ...] | None:
        """All entries of a folder, our own changes included; None when only the store can tell."""
        with self._lock:
            now = self._clock()
            known = self._folders.get(folder)
            if known is None or known.listed_until <= now:
                return None
            self._folders.move_to_end(folder)
            found = [self._known(known, name, now) for name in known.facts]
        return tuple(entry for entry in found if isinstance(entry, Entry))

    def moment(self) -> int:
        """Now, for the `since` of an answer that the store is about to give."""
        return self._moment

    def put(self, key: str, entry: Entry, *, since: int | None = None) -> None:
        """Remember an entry. With `since`, the answer to a request of that moment: newer facts stay."""
        with self._lock:
            if not entry.is_folder:
                self._drop_folder(key)
            self._learn(key, _bounded(entry), since)

    def put_absent(self, key: str, *, since: int | None = None) -> None:
        """Remember that nothing is there."""
        with self._lock:
            self._drop_folder(key)
            self._learn(key, ABSENT, since)

    def forget(self, key: str) -> None:
        """Something happened to this key: nothing is known of it, and its folder's listing has a gap."""
        with self._lock:
            self._forget(key)

    def forget_tree(self, folder: str) -> None:
        """Forget a folder and everything below it."""
        with self._lock:
            for below in self._folders_below(folder):
                self._drop_folder(below)
            self._forget(folder)
            self._lose()

    def begin_listing(self, folder: str) -> Listing:
        """To be called before the store is asked; give the result to `finish_listing` with the answer."""
        with self._lock:
            self._moment += 1
            return Listing(folder, self._moment, self._clock() + self._ttl)

    def finish_listing(self, token: Listing, entries: Iterable[Entry]) -> None:
        """Remember a complete listing; what was learned of single names since it began stays."""
        answer = {entry.name: _bounded(entry) for entry in entries}
        with self._lock:
            if token.expires <= self._clock() or len(answer) >= self._max_entries:
                return
            if self._may_have_lost(token.folder, token.moment):
                return
            folder = self._folder(token.folder)
            unknown = self._merge(folder, answer, token)
            folder.listed_until = -math.inf if unknown else token.expires
            self._shrink(token.folder)

    def moved(self, source: str, target: str) -> None:
        """A file, or a folder with all below it, has another key now; what was at the target is gone."""
        with self._lock:
            now = self._clock()
            folder = self._folders.get(paths.parent(source))
            found = None if folder is None else self._known(folder, paths.name_of(source), now)
            below = [] if isinstance(found, Entry) and not found.is_folder else self._folders_below(source)
            for old in self._folders_below(target):
                self._drop_folder(old)
            self._drop_folder(target)
            for key in (source, *below):
                self._rename_folder(key, target + key[len(source) :])
            self._lose()
            self._learn(source, ABSENT, None)
            if isinstance(found, Entry):
                self._learn(target, replace(found, name=paths.name_of(target)), None)
            else:
                self._forget(target, children=False)

    def statistics(self) -> EntryStatistics:
        with self._lock:
            return EntryStatistics(self._hits, self._misses, self._names, len(self._folders))

    def _known(self, folder: _Folder, name: str, now: float) -> Entry | Absent | None:
        fact = folder.facts.get(name)
        if fact is None:
            return ABSENT if folder.listed_until > now else None
        if fact.expires > now:
            return fact.what
        if folder.listed_until > now and isinstance(fact.what, Entry):
            # the younger listing showed the same content, but not the attributes
            return replace(fact.what, complete=False)
        return None

    def _forget(self, key: str, *, children: bool = True) -> None:
        if children:
            self._drop_folder(key)
        self._learn(key, None, None)
        if (folder := self._folders.get(paths.parent(key))) is not None:
            folder.listed_until = -math.inf

    def _learn(self, key: str, what: Entry | Absent | None, since: int | None) -> None:
        if self._ttl <= 0 or not key:
            return
        self._moment += 1
        folder_key, _, name = key.rpartition("/")
        if since is not None and self._may_have_lost(folder_key, since):
            return
        folder = self._folder(folder_key)
        old = folder.facts.get(name)
        if since is not None and old is not None and old.moment > since:
            return
        self._names += old is None
        folder.facts[name] = _Fact(what, self._clock() + self._ttl, self._moment)
        self._shrink(folder_key)

    def _merge(self, folder: _Folder, answer: dict[str, Entry], token: Listing) -> bool:
        """Bring a listing's answer into a folder; True when a name changed meanwhile in a way unknown."""
        before = len(folder.facts)
        facts = {name: _Fact(entry, token.expires, token.moment) for name, entry in answer.items()}
        unknown = False
        for name, fact in folder.facts.items():
            if fact.moment > token.moment:
                facts[name] = fact
                unknown = unknown or fact.what is None
            elif name in facts and _tells_more(fact.what, answer[name]):
                facts[name] = fact
        folder.facts = facts
        self._names += len(facts) - before
        return unknown

    def _folder(self, key: str) -> _Folder:
        """The folder's record, made where there is none, as the most recently used."""
        folder = self._folders.get(key)
        if folder is None:
            folder = self._folders[key] = _Folder(self._moment)
        else:
            self._folders.move_to_end(key)
        return folder

    def _may_have_lost(self, folder_key: str, since: int) -> bool:
        """True when a fact of this folder, younger than `since`, may have been dropped again."""
        folder = self._folders.get(folder_key)
        return self._last_loss > since and (folder is None or folder.born > since)

    def _lose(self) -> None:
        self._moment += 1
        self._last_loss = self._moment

    def _drop_folder(self, key: str) -> None:
        if (folder := self._folders.pop(key, None)) is not None:
            self._names -= len(folder.facts)
            self._lose()

    def _rename_folder(self, source: str, target: str) -> None:
        if (folder := self._folders.pop(source, None)) is not None:
            folder.born = self._moment + 1
            self._folders[target] = folder

    def _folders_below(self, key: str) -> list[str]:
        return [folder for folder in self._folders if paths.is_below(folder, key)]

    def _shrink(self, keep: str) -> None:
        """Let whole folders go, the least recently used first; of `keep`, single names, the oldest first."""
        while self._names + len(self._folders) > self._max_entries:
            oldest = next(iter(self._folders))
            if oldest != keep:
                self._drop_folder(oldest)
            elif not self._drop_oldest_name(self._folders[keep]):
                return

    def _drop_oldest_name(self, folder: _Folder) -> bool:
        name = next(iter(folder.facts), None)
        if name is None:
            return False
        del folder.facts[name]
        self._names -= 1
        self._lose()
        folder.listed_until = -math.inf
        folder.born = self._moment
        return True


def _bounded(entry: Entry) -> Entry:
    """What is remembered of an entry: with bigger extended attributes it is to be asked for again."""
    entry = lasting(entry)
    if not entry.xattrs or sum(map(len, entry.xattrs.values())) <= LARGEST_XATTRS:
        return entry
    return replace(entry, xattrs=None, complete=False)


def _tells_more(known: Entry | Absent | None, listed: Entry) -> bool:
    """True when a listing shows the content that is known already, and less of it."""
    return (
        isinstance(known, Entry)
        and known.complete
        and not listed.complete
        and (known.kind, known.size, known.etag) == (listed.kind, listed.size, listed.etag)
    )
