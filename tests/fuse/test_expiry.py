"""An act of another door returns when the kernel was told to ask anew, whatever other notices wait for."""

import threading

import pytest
import trio

from tests.fuse.trees import DictTree
from vfs.engine.changes import ChangeBus, ChangeKind
from vfs.engine.entries import Entry, EntryKind
from vfs.fuse import notices
from vfs.fuse.attributes import Appearance
from vfs.fuse.changes import ChangeFollower
from vfs.fuse.inodes import ROOT
from vfs.fuse.notices import SENDERS, Notice, StaleInode
from vfs.fuse.operations import Operations
from vfs.fuse.projection import Projection


def test_attributes_have_expired_when_a_change_was_published(monkeypatch: pytest.MonkeyPatch) -> None:
    """All senders of notices of pages wait in the kernel; that of attributes goes past them."""
    sent: list[Notice] = []
    may_end, waiting = threading.Event(), threading.Semaphore(0)

    def send(notice: Notice) -> None:
        if isinstance(notice, StaleInode) and notice.attributes_only:
            sent.append(notice)
        else:
            waiting.release()
            may_end.wait(30)

    monkeypatch.setattr(notices, "send", send)
    tree, bus = DictTree("m", {"a": Entry("a", EntryKind.FILE, size=1)}), ChangeBus()

    def change() -> list[Notice]:
        bus.publish("m", "a", ChangeKind.CONTENT)
        return list(sent)

    async def scenario() -> None:
        view = Projection({"m": tree}, Appearance(0, 0, 0o022, 0), whole=tree)
        async with trio.open_nursery() as nursery:
            nursery.start_soon(view.threads.deliver)
            nursery.start_soon(view.notices.run)
            unfollow = ChangeFollower(view).follow(bus, trio.lowlevel.current_trio_token())
            known = await Operations(view).lookup(ROOT, b"a", None)
            for _ in range(SENDERS):
                view.notices.post(StaleInode(known.st_ino))
                await trio.to_thread.run_sync(waiting.acquire)
            assert await trio.to_thread.run_sync(change) == [StaleInode(known.st_ino, attributes_only=True)]
            may_end.set()
            unfollow()
            nursery.cancel_scope.cancel()
        view.threads.close()

    trio.run(scenario)
