"""Random writes, deletes, renames, copies and restores agree with a simple model of what histories are."""

import itertools
import tempfile
from collections import defaultdict
from pathlib import Path

import hypothesis.strategies as st
from hypothesis import settings
from hypothesis.stateful import RuleBasedStateMachine, invariant, rule

from vfs.engine.backend import Backend, Copies, Moves
from vfs.engine.backends.local import LocalBackend, LocalOptions
from vfs.engine.backends.memory import MemoryBackend
from vfs.engine.backends.sqlite import SqliteBackend, SqliteOptions
from vfs.engine.layers.versioned import VersionedLayer
from vfs.testing.limits import ability
from vfs.testing.versions import VersionsContract

KEYS = ("a", "b", "d/c")
keys = st.sampled_from(KEYS)
contents = st.sampled_from([b"", b"one", b"two"])

Past = list[tuple[int, bytes | None]]
"""The versions of a key: when each came, and its content; None is a delete."""


class Histories(RuleBasedStateMachine):
    """The layer beside a list of versions for each key."""

    def store(self, folder: str) -> Backend:
        return MemoryBackend()

    def __init__(self) -> None:
        super().__init__()
        self.folder = tempfile.TemporaryDirectory()
        self.inner = self.store(self.folder.name)
        self.layer = VersionedLayer(self.inner)
        self.past: defaultdict[str, Past] = defaultdict(list)
        self.clock = itertools.count()

    def teardown(self) -> None:
        assert self.layer.check_history().is_sound
        self.layer.close()
        self.folder.cleanup()

    def stands(self, key: str) -> bytes | None:
        return self.past[key][-1][1] if self.past[key] else None

    def note(self, key: str, content: bytes | None) -> None:
        self.past[key].append((next(self.clock), content))

    @rule(key=keys, content=contents, streamed=st.booleans())
    def write(self, key: str, content: bytes, streamed: bool) -> None:
        self.layer.write(key, iter([content]) if streamed else content)
        self.note(key, content)

    @rule(key=keys)
    def delete(self, key: str) -> None:
        if self.stands(key) is not None:
            self.layer.delete(key)
            self.note(key, None)

    @rule(old=keys, new=keys)
    def rename(self, old: str, new: str) -> None:
        content = self.stands(old)
        if old == new or content is None:
            return
        ability(self.layer, Moves).move(old, new)
        if len(self.past[old]) == 1:
            self.past[old].clear()
        else:
            self.note(old, None)
        self.note(new, content)

    @rule(old=keys, new=keys)
    def copy(self, old: str, new: str) -> None:
        content = self.stands(old)
        if old != new and content is not None:
            ability(self.layer, Copies).copy(old, new)
            self.note(new, content)

    @rule(key=keys, data=st.data())
    def restore(self, key: str, data: st.DataObject) -> None:
        places = [number for number, (_, content) in enumerate(self.past[key]) if content is not None]
        if places:
            chosen = data.draw(st.sampled_from(places))
            self.layer.restore_version(key, self.layer.list_versions(key)[chosen].id)
            self.note(key, self.past[key][chosen][1])

    @rule(key=keys, data=st.data())
    def delete_version(self, key: str, data: st.DataObject) -> None:
        old = self.past[key][:-1]
        places = [number for number, (_, content) in enumerate(old) if content is not None]
        if places:
            chosen = data.draw(st.sampled_from(places))
            self.layer.delete_version(key, self.layer.list_versions(key)[chosen].id)
            del self.past[key][chosen]

    @rule(key=keys)
    def compact(self, key: str) -> None:
        kept: Past = []
        for version in self.past[key]:
            if not kept or version[1] is None or kept[-1][1] != version[1]:
                kept.append(version)
        assert self.layer.compact_versions(key) == len(self.past[key]) - len(kept)
        self.past[key] = kept

    @rule()
    def another_process_takes_over(self) -> None:
        self.layer = VersionedLayer(self.inner)

    @invariant()
    def histories_agree(self) -> None:
        for key in KEYS:
            expected = [content for _, content in self.past[key]]
            assert VersionsContract.contents(self.layer, key) == expected


class LocalHistories(Histories):
    def store(self, folder: str) -> Backend:
        return LocalBackend(LocalOptions(path=Path(folder)))


class SqliteHistories(Histories):
    def store(self, folder: str) -> Backend:
        return SqliteBackend(SqliteOptions(path=Path(folder, "db")))


TestInMemory = Histories.TestCase
TestInMemory.settings = settings(max_examples=40, stateful_step_count=20, deadline=None)
TestInAFolder = LocalHistories.TestCase
TestInAFolder.settings = settings(max_examples=6, stateful_step_count=15, deadline=None)
TestInSqlite = SqliteHistories.TestCase
TestInSqlite.settings = settings(max_examples=6, stateful_step_count=15, deadline=None)
