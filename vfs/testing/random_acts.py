"""Random acts on a backend, one after the other, agree with the model."""

import contextlib
import tempfile
from collections.abc import Callable

import hypothesis.strategies as st
from hypothesis.stateful import RuleBasedStateMachine, invariant, precondition, rule

from vfs.engine import paths
from vfs.engine.backend import Backend, Copies, Moves
from vfs.engine.errors import StorageError
from vfs.testing.model import Model

# Few and short names, so that acts meet; one of them looks like a pattern for the other.
names = st.sampled_from(["a", "b*", "b"])
keys = st.lists(names, max_size=3).map("/".join)
contents = st.sampled_from([b"", b"x", b"some bytes", b"y" * 300_000])


class RandomActs(RuleBasedStateMachine):
    """The same act on a backend and on the model: the same result, or the same error.

    A subclass says how a fresh, empty backend is made; its `TestCase` is what pytest runs.
    """

    @staticmethod
    def make(folder: str) -> Backend:
        """A fresh backend; `folder` is an empty one of this machine, removed afterwards."""
        raise NotImplementedError("a subclass makes a fresh, empty backend")

    def __init__(self) -> None:
        super().__init__()
        self.cleanup = contextlib.ExitStack()
        folder = self.cleanup.enter_context(tempfile.TemporaryDirectory())
        self.backend = type(self).make(folder)
        self.cleanup.callback(self.backend.close)
        self.model = Model()
        self.copies, self.moves = self.backend.ability(Copies), self.backend.ability(Moves)

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

    @precondition(lambda self: self.copies is not None)
    @rule(old=keys, new=keys, overwrite=st.booleans())
    def copy(self, old: str, new: str, overwrite: bool) -> None:
        def act() -> None:
            assert self.copies is not None
            self.copies.copy(old, new, overwrite=overwrite)

        self.same(act, lambda: self.model.copy(old, new, overwrite))

    @precondition(lambda self: self.moves is not None)
    @rule(old=keys, new=keys, overwrite=st.booleans())
    def move(self, old: str, new: str, overwrite: bool) -> None:
        def act() -> None:
            assert self.moves is not None
            self.moves.move(old, new, overwrite=overwrite)

        self.same(act, lambda: self.model.move(old, new, overwrite))

    @precondition(lambda self: self.moves is not None)
    @rule(one=keys, other=keys)
    def exchange(self, one: str, other: str) -> None:
        def act() -> None:
            assert self.moves is not None
            self.moves.move(one, other, exchange=True)

        self.same(act, lambda: self.model.exchange(one, other))

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
