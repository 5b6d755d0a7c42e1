"""Random acts on the built-in backends agree with plain dicts."""

import contextlib
import errno
import tempfile
from collections.abc import Callable
from dataclasses import dataclass, field

import hypothesis.strategies as st
from hypothesis import settings
from hypothesis.stateful import RuleBasedStateMachine, invariant, rule

from vfs.engine import paths
from vfs.engine.backend import Backend, Copies, Moves
from vfs.engine.backends.local import LocalBackend, LocalOptions
from vfs.engine.backends.memory import MemoryBackend
from vfs.engine.backends.sqlite import SqliteBackend, SqliteOptions
from vfs.engine.errors import (
    AlreadyExists,
    DirectoryNotEmpty,
    InvalidPath,
    IsADirectory,
    NotADirectory,
    NotFound,
    PermissionDenied,
    StorageError,
)

# Few and short names, so that acts meet; one of them looks like a pattern for the other.
names = st.sampled_from(["a", "b*", "b"])
keys = st.lists(names, max_size=3).map("/".join)
contents = st.sampled_from([b"", b"x", b"some bytes", b"y" * 300_000])


@dataclass
class Model:
    """What the contract says, on two dicts at most a page long: files with contents, and folders."""

    files: dict[str, bytes] = field(default_factory=dict)
    folders: set[str] = field(default_factory=lambda: {""})

    def kind(self, key: str) -> type[dict[str, bytes]] | type[set[str]] | None:
        if key in self.files:
            return dict
        return set if key in self.folders else None

    def below(self, key: str) -> list[str]:
        return [other for other in [*self.files, *self.folders] if paths.is_below(other, key)]

    def need_file(self, key: str) -> None:
        if key in self.folders:
            raise IsADirectory(path=key)
        if key not in self.files:
            raise NotFound(path=key)

    def need_folder(self, key: str) -> None:
        if key in self.files:
            raise NotADirectory(path=key)
        if key not in self.folders:
            raise NotFound(path=key)

    def make_room(self, key: str) -> None:
        above = paths.ancestors(key)
        if any(folder in self.files for folder in above):
            raise NotADirectory(path=key)
        self.folders.update(above)

    def check_file_target(self, key: str, overwrite: bool) -> None:
        if key in self.folders:
            raise IsADirectory(path=key)
        if key in self.files and not overwrite:
            raise AlreadyExists(path=key)

    def read(self, key: str) -> bytes:
        self.need_file(key)
        return self.files[key]

    def write(self, key: str, content: bytes, overwrite: bool) -> None:
        self.check_file_target(key, overwrite)
        self.make_room(key)
        self.files[key] = content

    def delete(self, key: str) -> None:
        self.need_file(key)
        del self.files[key]

    def make_directory(self, key: str) -> None:
        if self.kind(key):
            raise AlreadyExists(path=key)
        self.make_room(key)
        self.folders.add(key)

    def remove_directory(self, key: str) -> None:
        self.need_folder(key)
        if not key:
            raise PermissionDenied(path=key, errno=errno.EBUSY)
        if self.below(key):
            raise DirectoryNotEmpty(path=key)
        self.folders.remove(key)

    def list(self, key: str) -> list[str]:
        self.need_folder(key)
        return sorted(paths.name_of(other) for other in self.below(key) if paths.parent(other) == key)

    def copy(self, source: str, target: str, overwrite: bool) -> None:
        self.need_file(source)
        self.write(target, self.files[source], overwrite)

    def move(self, source: str, target: str, overwrite: bool) -> None:
        if not self.kind(source):
            raise NotFound(path=source)
        if not source or paths.is_below(target, source):
            raise InvalidPath(path=target)
        self.check_move_target(source, target, overwrite)
        self.make_room(target)
        self.put(target, self.take(source))

    def check_move_target(self, source: str, target: str, overwrite: bool) -> None:
        taken = self.kind(target)
        if taken and not overwrite:
            raise AlreadyExists(path=target)
        if taken is set and self.kind(source) is dict:
            raise IsADirectory(path=target)
        if taken is dict and self.kind(source) is set:
            raise NotADirectory(path=target)
        if self.below(target) and source != target:
            raise DirectoryNotEmpty(path=target)

    def exchange(self, one: str, other: str) -> None:
        if not self.kind(one):
            raise NotFound(path=one)
        if not one or paths.is_below(other, one) or paths.is_below(one, other):
            raise InvalidPath(path=other)
        if not self.kind(other):
            raise NotFound(path=other)
        if one != other:
            first, second = self.take(one), self.take(other)
            self.put(one, second)
            self.put(other, first)

    def take(self, key: str) -> dict[str, bytes | None]:
        """Cut out what stands at a key, as relative keys with contents, None for folders."""
        cut: dict[str, bytes | None] = {}
        for other in [key, *self.below(key)]:
            relative = other.removeprefix(key)
            cut[relative] = self.files.pop(other) if other in self.files else None
            self.folders.discard(other)
        return cut

    def put(self, key: str, cut: dict[str, bytes | None]) -> None:
        for relative, content in cut.items():
            if content is None:
                self.folders.add(key + relative)
            else:
                self.files[key + relative] = content


class Machine(RuleBasedStateMachine):
    """The same act on a backend and on the model: the same result, or the same error."""

    make: Callable[[str], Backend]

    def __init__(self) -> None:
        super().__init__()
        self.cleanup = contextlib.ExitStack()
        folder = self.cleanup.enter_context(tempfile.TemporaryDirectory())
        self.backend = type(self).make(folder)
        self.cleanup.callback(self.backend.close)
        self.model = Model()
        copies, moves = self.backend.ability(Copies), self.backend.ability(Moves)
        assert copies
        assert moves
        self.copies, self.moves = copies, moves

    def teardown(self) -> None:
        self.cleanup.close()

    def same(self, act: Callable[[], object], modelled: Callable[[], object]) -> None:
        assert outcome(act) == outcome(modelled)

    @rule(key=keys, content=contents, overwrite=st.booleans())
    def write(self, key: str, content: bytes, overwrite: bool) -> None:
        def act() -> None:
            assert self.backend.write(key, content, overwrite=overwrite).size == len(content)

        self.same(act, lambda: self.model.write(key, content, overwrite))

    @rule(key=keys)
    def read(self, key: str) -> None:
        self.same(lambda: bytes(self.backend.read(key)), lambda: self.model.read(key))

    @rule(key=keys)
    def delete(self, key: str) -> None:
        self.same(lambda: self.backend.delete(key), lambda: self.model.delete(key))

    @rule(key=keys)
    def make_directory(self, key: str) -> None:
        def act() -> None:
            assert self.backend.make_directory(key).is_folder

        self.same(act, lambda: self.model.make_directory(key))

    @rule(key=keys)
    def remove_directory(self, key: str) -> None:
        self.same(lambda: self.backend.remove_directory(key), lambda: self.model.remove_directory(key))

    @rule(key=keys)
    def list(self, key: str) -> None:
        self.same(
            lambda: sorted(entry.name for entry in self.backend.list(key)), lambda: self.model.list(key)
        )

    @rule(old=keys, new=keys, overwrite=st.booleans())
    def copy(self, old: str, new: str, overwrite: bool) -> None:
        def act() -> None:
            self.copies.copy(old, new, overwrite=overwrite)

        self.same(act, lambda: self.model.copy(old, new, overwrite))

    @rule(old=keys, new=keys, overwrite=st.booleans())
    def move(self, old: str, new: str, overwrite: bool) -> None:
        self.same(
            lambda: self.moves.move(old, new, overwrite=overwrite),
            lambda: self.model.move(old, new, overwrite),
        )

    @rule(one=keys, other=keys)
    def exchange(self, one: str, other: str) -> None:
        self.same(lambda: self.moves.move(one, other, exchange=True), lambda: self.model.exchange(one, other))

    @invariant()
    def trees_agree(self) -> None:
        """Everything that listings lead to is what the model holds."""
        found: dict[str, bytes | None] = {}
        folders = [""]
        while folders:
            folder = folders.pop()
            for entry in self.backend.list(folder):
                key = paths.join(folder, entry.name)
                assert key not in found
                found[key] = None if entry.is_folder else bytes(self.backend.read(key))
                if entry.is_folder:
                    folders.append(key)
        expected: dict[str, bytes | None] = {**self.model.files}
        expected.update(dict.fromkeys(self.model.folders - {""}))
        assert found == expected


def outcome(act: Callable[[], object]) -> object:
    """What an act gave: its result, or its error's kind and the key that it is about."""
    try:
        return act()
    except StorageError as error:
        return type(error), error.path


class MemoryMachine(Machine):
    @staticmethod
    def make(folder: str) -> Backend:
        return MemoryBackend()


class LocalMachine(Machine):
    @staticmethod
    def make(folder: str) -> Backend:
        return LocalBackend(LocalOptions(path=folder))


class SqliteMachine(Machine):
    @staticmethod
    def make(folder: str) -> Backend:
        return SqliteBackend(SqliteOptions(path=f"{folder}/tree.db"))


unhurried = settings(max_examples=60, stateful_step_count=40, deadline=None)

TestMemoryBackend = MemoryMachine.TestCase
TestMemoryBackend.settings = unhurried
TestLocalBackend = LocalMachine.TestCase
TestLocalBackend.settings = unhurried
TestSqliteBackend = SqliteMachine.TestCase
TestSqliteBackend.settings = unhurried
