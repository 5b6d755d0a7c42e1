"""The entry cache against a model: a tree that only we change is never told wrong, whatever overlaps."""

import hypothesis.strategies as st
from hypothesis import settings
from hypothesis.stateful import RuleBasedStateMachine, invariant, rule

from tests.engine.cache.test_entries import TTL, Clock
from vfs.engine import paths
from vfs.engine.cache.entries import ABSENT, EntryCache
from vfs.engine.entries import Entry, EntryKind

_FOLDERS = ["", "a", "b", "a/x", "b/x"]
_KEYS = [paths.join(folder, name) for folder in _FOLDERS for name in ("f", "g")]
_keys = st.sampled_from(_KEYS)
_folders = st.sampled_from(_FOLDERS)


class RememberedTree(RuleBasedStateMachine):
    """The store is a dict from key to size; answers to requests arrive late, with the state they saw."""

    limit = 1000

    def __init__(self) -> None:
        super().__init__()
        self.clock = Clock()
        self.cache = EntryCache(TTL, self.limit, self.clock)
        self.store = dict.fromkeys([*_FOLDERS[1:], "f", "a/f"], 0)
        self.serial = 0
        self.listings = []
        self.stats = []

    def entry(self, key: str) -> Entry:
        kind = EntryKind.FOLDER if key in _FOLDERS else EntryKind.FILE
        return Entry(paths.name_of(key), kind, size=self.store[key])

    def children(self, folder: str) -> list[Entry]:
        return [self.entry(key) for key in self.store if paths.parent(key) == folder]

    @rule(key=_keys)
    def write(self, key):
        """Create or replace a file."""
        self.serial += 1
        self.store[key] = self.serial
        self.cache.put(key, self.entry(key))

    @rule(key=_keys)
    def delete(self, key):
        """Delete a file; tell the cache so."""
        self.store.pop(key, None)
        self.cache.put_absent(key)

    @rule(key=_keys)
    def change_in_some_way(self, key):
        """Replace a file without telling what became of it."""
        self.serial += 1
        self.store[key] = self.serial
        self.cache.forget(key)

    @rule(source=_keys, destination=_keys)
    def move(self, source, destination):
        """Rename a file over another."""
        if source in self.store and source != destination:
            self.store[destination] = self.store.pop(source)
            self.cache.moved(source, destination)

    @rule()
    def move_the_folder(self):
        """Swap what is in folders a and b, by way of a third name."""
        for source, target in (("a", "tmp"), ("b", "a"), ("tmp", "b")):
            below = [key for key in self.store if paths.is_below(key, source)]
            for key in below:
                self.store[target + key[len(source) :]] = self.store.pop(key)
            self.cache.moved(source, target)

    @rule(folder=_folders)
    def change_the_whole_tree(self, folder):
        """Change every file below a folder without a word on each."""
        self.serial += 1
        for key in self.store:
            if paths.is_below(key, folder) and key not in _FOLDERS:
                self.store[key] = self.serial
        self.cache.forget_tree(folder)

    @rule(folder=_folders)
    def ask_for_a_listing(self, folder):
        """The store sees the folder as it is now; the answer comes later."""
        self.listings.append((self.cache.begin_listing(folder), self.children(folder)))

    @rule(key=_keys)
    def ask_for_an_entry(self, key):
        """The store sees the entry as it is now; the answer comes later."""
        found = self.entry(key) if key in self.store else None
        self.stats.append((self.cache.moment(), key, found))

    @rule(data=st.data())
    def an_answer_arrives(self, data):
        """Answers may overtake each other."""
        if self.listings and data.draw(st.booleans()):
            token, entries = self.listings.pop(data.draw(st.integers(0, len(self.listings) - 1)))
            self.cache.finish_listing(token, entries)
        elif self.stats:
            moment, key, found = self.stats.pop(data.draw(st.integers(0, len(self.stats) - 1)))
            if found is None:
                self.cache.put_absent(key, since=moment)
            else:
                self.cache.put(key, found, since=moment)

    @rule(seconds=st.sampled_from([1.0, TTL / 2, TTL]))
    def time_passes(self, seconds):
        """Facts grow old."""
        self.clock.now += seconds

    @invariant()
    def nothing_wrong_is_told(self):
        """Each answer of the cache is the truth, or that it does not know."""
        for key in _KEYS:
            truth = self.entry(key) if key in self.store else ABSENT
            assert self.cache.get(key) in (None, truth)
        for folder in _FOLDERS:
            found = self.cache.listing(folder)
            truth = sorted(entry.name for entry in self.children(folder))
            assert found is None or sorted(entry.name for entry in found) == truth

    @invariant()
    def no_more_is_held_than_allowed(self):
        """Names and folders together stay within the bound."""
        held = self.cache.statistics()
        assert held.names + held.folders <= self.limit


class CrampedTree(RememberedTree):
    """The same where next to nothing can be remembered."""

    limit = 6


TestRememberedTree = RememberedTree.TestCase
TestCrampedTree = CrampedTree.TestCase
TestRememberedTree.settings = TestCrampedTree.settings = settings(
    max_examples=80, stateful_step_count=40, deadline=None
)
