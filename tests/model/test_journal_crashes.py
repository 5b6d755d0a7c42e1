"""Random acts on a tree with a journal, then a crash: every file is as it was when last acknowledged."""

import shutil
import tempfile
from contextlib import ExitStack, suppress
from pathlib import Path
from unittest import mock

from hypothesis import HealthCheck, settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, initialize, precondition, rule

from tests.engine.files.stalling_store import Stall, StallingStore
from tests.engine.files.trees import content_of, store_tree
from tests.engine.files.trees import names as names_in
from tests.model.examples import examples
from tests.model.test_store_tree import Open, contents, names, offsets
from tests.mounts.waiting import wait_until
from vfs.engine.errors import BackendUnavailable
from vfs.engine.files import commits, outbox, staging


def copy_of_one_moment(source: Path, target: Path) -> None:
    """What a crash would leave: a request that the store still answered may be changing the folder."""

    def present() -> dict[Path, int]:
        return {path: path.stat().st_mtime_ns for path in source.rglob("*")}

    while True:
        with suppress(FileNotFoundError, shutil.Error):
            before = present()
            shutil.copytree(source, target)
            if present() == before:
                return
        shutil.rmtree(target, ignore_errors=True)


class CrashMachine(RuleBasedStateMachine):
    """Four names, handles that outlive renames, a store that fails or stalls at times, a crash at the end."""

    def __init__(self) -> None:
        super().__init__()
        self.closing = ExitStack()
        self.closing.enter_context(mock.patch.object(commits, "SINGLE_WRITE", 16))
        self.closing.enter_context(mock.patch.object(staging, "MEMORY_LIMIT", 12))
        self.folder = Path(tempfile.mkdtemp())
        self.closing.callback(shutil.rmtree, self.folder)
        self.closing.enter_context(mock.patch.object(outbox, "SETTLING", 0.0))
        self.store = StallingStore()
        self.tree = self.closing.enter_context(store_tree(self.store, self.folder / "state", "disk"))
        self.tree.make_directory("d")
        self.stalls = False
        self.handles: list[Open] = []
        self.present: dict[str, bytearray] = {}
        self.safe: dict[str, set[bytes]] = {}
        """What each file may hold after a crash; others may be gone."""

    @property
    def answers(self) -> bool:
        return not self.stalls and not self.store.down.is_set()

    def teardown(self) -> None:
        # What stands still is still on its way when the process dies: the store may have it, or not.
        self.store.down.set()
        copy_of_one_moment(self.folder / "state", self.folder / "survived")
        with store_tree(self.store.another_client(), self.folder / "survived", "disk") as survived:
            survived.flush()
            found = {name: content_of(survived, name) for name in self.safe}
            beside = [name for folder in ("", "d") for name in names_in(survived, folder) if "." in name]
        self.store.go_on()
        self.closing.close()
        assert beside == []
        for name, content in found.items():
            assert content in self.safe[name], name

    @initialize(away=st.booleans())
    def store_is_away_at_first(self, *, away: bool) -> None:
        if away:
            self.store.down.set()

    @rule(name=names)
    def open_or_create(self, name: str) -> None:
        handle = self.tree.create(name)
        self.handles.append(Open(handle, self.present.setdefault(name, bytearray())))

    @precondition(lambda self: self.handles)
    @rule(data=st.data(), offset=offsets, content=contents)
    def write(self, data: st.DataObject, offset: int, content: bytes) -> None:
        opened = data.draw(st.sampled_from(self.handles))
        try:
            opened.handle.write(offset, content)
        except BackendUnavailable:  # bytes of the object that is edited are needed, and cannot be had
            assert self.store.down.is_set()
            return
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
    @rule(data=st.data(), closes=st.booleans())
    def acknowledge(self, data: st.DataObject, *, closes: bool) -> None:
        opened = data.draw(st.sampled_from(self.handles))
        opened.handle.flush()
        for name, content in self.present.items():
            if content is opened.content:
                self.safe[name] = {bytes(content)}
        if closes:
            opened.handle.close()
            self.handles.remove(opened)
        if self.stalls and not self.store.down.is_set():
            wait_until(self._is_on_its_way, 20, "what is queued to be sent")

    @precondition(lambda self: self.present and self.answers)
    @rule(data=st.data(), new_name=names)
    def rename(self, data: st.DataObject, new_name: str) -> None:
        source = data.draw(st.sampled_from(sorted(self.present)))
        if source == new_name:
            return
        self.tree.rename(source, new_name)
        content = self.present[new_name] = self.present.pop(source)
        self.safe.pop(new_name, None)
        if source in self.safe:
            # the store has to have the newest bytes before it is asked to move an object
            self.safe[new_name] = self.safe.pop(source) | {bytes(content)}

    @precondition(lambda self: self.present and self.answers)
    @rule(data=st.data())
    def delete(self, data: st.DataObject) -> None:
        name = data.draw(st.sampled_from(sorted(self.present)))
        self.tree.delete(name)
        del self.present[name]
        self.safe.pop(name, None)

    def _is_on_its_way(self) -> bool:
        self.tree.send_now()  # what failed before waits for longer than a test should
        return self.store.held > 0 or not self.tree.unsent()

    @rule(where=st.sampled_from(Stall))
    def store_stalls(self, where: Stall) -> None:
        self.stalls = True
        self.store.stall(where)

    @rule()
    def store_goes_on(self) -> None:
        self.stalls = False
        self.store.go_on()

    @rule()
    def store_goes_away(self) -> None:
        self.store.down.set()

    @rule()
    def store_comes_back(self) -> None:
        self.store.down.clear()


CrashMachine.TestCase.settings = settings(
    max_examples=examples(60),
    stateful_step_count=40,
    deadline=None,
    suppress_health_check=[HealthCheck.too_slow],
)
TestJournalCrashes = CrashMachine.TestCase
