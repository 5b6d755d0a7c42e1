"""Random acts on a store tree and on a model of POSIX files agree, and so do the bytes in the store."""

import shutil
import tempfile
from contextlib import ExitStack
from dataclasses import dataclass, field
from pathlib import Path
from typing import ClassVar, Literal
from unittest import mock

from hypothesis import HealthCheck, settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, invariant, precondition, rule

from tests.engine.files.trees import store_tree
from tests.fakes import ObjectStore
from tests.model.examples import examples
from vfs.engine.backend import OpenFile
from vfs.engine.files import commits

names = st.sampled_from(["a", "b", "d/a", "d/b"])
offsets = st.integers(0, 60)
contents = st.binary(min_size=1, max_size=40)


@dataclass
class Open:
    """A handle of ours beside the bytes that the model says it shows."""

    handle: OpenFile
    content: bytearray = field(repr=False)


class StoreTreeMachine(RuleBasedStateMachine):
    """Two folders, four names, handles that outlive renames and unlinks."""

    durability: ClassVar[Literal["store", "disk"]] = "store"

    def __init__(self) -> None:
        super().__init__()
        self.closing = ExitStack()
        self.closing.enter_context(mock.patch.object(commits, "SINGLE_WRITE", 16))
        folder = Path(tempfile.mkdtemp())
        self.closing.callback(shutil.rmtree, folder)
        self.store = ObjectStore()
        self.tree = self.closing.enter_context(store_tree(self.store, folder, self.durability))
        self.tree.make_directory("d")
        self.files: dict[str, bytearray] = {}
        self.handles: list[Open] = []

    def teardown(self) -> None:
        for opened in self.handles:
            opened.handle.flush()
            opened.handle.close()
        self.tree.flush()
        stored = {key: bytes(self.store.read(key)) for key, entry in self.store.sweep("") if entry.is_file}
        self.closing.close()
        assert stored == {key: bytes(content) for key, content in self.files.items()}

    @rule(name=names)
    def open_or_create(self, name: str) -> None:
        handle = self.tree.create(name)
        self.handles.append(Open(handle, self.files.setdefault(name, bytearray())))

    @precondition(lambda self: self.handles)
    @rule(data=st.data(), offset=offsets, content=contents)
    def write(self, data: st.DataObject, offset: int, content: bytes) -> None:
        opened = data.draw(st.sampled_from(self.handles))
        opened.handle.write(offset, content)
        opened.content.extend(bytes(max(0, offset - len(opened.content))))
        opened.content[offset : offset + len(content)] = content

    @precondition(lambda self: self.handles)
    @rule(data=st.data(), size=offsets)
    def truncate(self, data: st.DataObject, size: int) -> None:
        opened = data.draw(st.sampled_from(self.handles))
        opened.handle.truncate(size)
        opened.content.extend(bytes(max(0, size - len(opened.content))))
        del opened.content[size:]

    @precondition(lambda self: self.handles)
    @rule(data=st.data(), offset=offsets, size=offsets)
    def read(self, data: st.DataObject, offset: int, size: int) -> None:
        opened = data.draw(st.sampled_from(self.handles))
        expected = bytes(opened.content[offset : offset + size])
        ready = opened.handle.read_ready(offset, size)
        assert ready is None or bytes(ready) == expected
        assert bytes(opened.handle.read(offset, size)) == expected

    @precondition(lambda self: self.handles)
    @rule(data=st.data())
    def flush(self, data: st.DataObject) -> None:
        data.draw(st.sampled_from(self.handles)).handle.flush()

    @precondition(lambda self: self.handles)
    @rule(data=st.data())
    def close(self, data: st.DataObject) -> None:
        opened = data.draw(st.sampled_from(self.handles))
        opened.handle.flush()
        opened.handle.close()
        self.handles.remove(opened)

    @precondition(lambda self: self.files)
    @rule(data=st.data())
    def delete(self, data: st.DataObject) -> None:
        name = data.draw(st.sampled_from(sorted(self.files)))
        self.tree.delete(name)
        del self.files[name]

    @precondition(lambda self: self.files)
    @rule(data=st.data(), new_name=names)
    def rename(self, data: st.DataObject, new_name: str) -> None:
        source = data.draw(st.sampled_from(sorted(self.files)))
        self.tree.rename(source, new_name)
        self.files[new_name] = self.files.pop(source)

    @rule()
    def rename_folder(self) -> None:
        self.tree.rename("d", "moved")
        self.tree.rename("moved", "d")

    @invariant()
    def everybody_sees_the_same(self) -> None:
        listed = {entry.name: entry.size for entry in self.tree.list("") if entry.is_file}
        listed |= {f"d/{entry.name}": entry.size for entry in self.tree.list("d")}
        assert listed == {name: len(content) for name, content in self.files.items()}
        for name, content in self.files.items():
            assert self.tree.stat(name).size == len(content)


class JournalMachine(StoreTreeMachine):
    """The same with writes acknowledged by the journal and sent behind the caller's back."""

    durability = "disk"


def tried(times: int) -> settings:
    return settings(
        max_examples=examples(times),
        stateful_step_count=40,
        deadline=None,
        suppress_health_check=[HealthCheck.too_slow],
    )


StoreTreeMachine.TestCase.settings = tried(50)
JournalMachine.TestCase.settings = tried(20)
TestStoreTree = StoreTreeMachine.TestCase
TestJournal = JournalMachine.TestCase
