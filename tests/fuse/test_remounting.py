"""Mounts that come and go under the kernel's feet: what it is told, and what old inodes answer."""

import errno
import os
from collections.abc import Awaitable, Callable

import pytest
import trio
import trio.testing
from pyfuse3 import FUSEError

from tests.fuse.trees import DictTree
from vfs.engine.entries import Entry, EntryKind
from vfs.fuse.attributes import Appearance
from vfs.fuse.in_work import RequestsInWork
from vfs.fuse.inodes import ROOT, Inode
from vfs.fuse.notices import StaleInode, StaleName
from vfs.fuse.operations import Operations
from vfs.fuse.projection import Projection
from vfs.fuse.remounting import show

LOOK = Appearance(uid=0, gid=0, umask=0o022, time_ns=0)


def tree(name: str) -> DictTree:
    """A tree with one folder, a file in it, and file ids, which another storage may use for other files."""
    return DictTree(
        name,
        {
            "": Entry("", EntryKind.FOLDER),
            "d": Entry("d", EntryKind.FOLDER),
            "d/f": Entry("f", EntryKind.FILE, file_id="1", nlink=2),
        },
    )


def run(view: Projection, story: Callable[[], Awaitable[None]]) -> None:
    async def main() -> None:
        async with trio.open_nursery() as nursery:
            nursery.start_soon(view.threads.deliver)
            await story()
            nursery.cancel_scope.cancel()

    try:
        trio.run(main)
    finally:
        view.threads.close()


async def walked(view: Projection, *path: str) -> Inode:
    """The inode at a path, looked up step by step as the kernel does."""
    number = ROOT
    for name in path:
        number = (await Operations(view).lookup(number, os.fsencode(name), None)).st_ino
    return view.inodes[number]


def test_changed_names_are_told_and_others_are_not() -> None:
    """The kernel forgets what was absent and what is gone or another; who stayed keeps its inode."""
    kept, gone, old, new, come = tree("kept"), tree("gone"), tree("x"), tree("x"), tree("come")
    view = Projection({"kept": kept, "gone": gone, "x": old}, LOOK)

    async def story() -> None:
        before = await walked(view, "kept", "d", "f")
        notices = show(view, {"kept": kept, "x": new, "come": come})
        names = {notice.name for notice in notices if isinstance(notice, StaleName)}
        assert names == {b"gone", b"x", b"come"}
        assert StaleInode(ROOT, attributes_only=True) in notices
        assert await walked(view, "kept", "d", "f") is before
        assert (await walked(view, "x", "d")).tree is new
        assert (await walked(view, "come")).tree is come

    run(view, story)


def test_same_mounts_are_no_news() -> None:
    """Nothing is told where nothing has changed."""
    kept = tree("kept")
    assert show(Projection({"kept": kept}, LOOK), {"kept": kept}) == []


@pytest.mark.parametrize("alone", [False, True])
def test_old_inodes_are_stale_and_new_files_are_not_taken_for_them(alone: bool) -> None:
    """A path below an exchanged mount is ESTALE by its old inode; equal file ids are other files."""
    old, new = tree("m"), tree("m")
    view = Projection({"m": old}, LOOK, whole=old if alone else None)
    above = () if alone else ("m",)

    async def story() -> None:
        folder = await walked(view, *above, "d")
        file = await walked(view, *above, "d", "f")
        show(view, {"m": new})
        asked = list(old.asked)
        for late in (
            lambda: Operations(view).getattr(file.number, None),
            lambda: Operations(view).lookup(folder.number, b"f", None),
        ):
            with pytest.raises(FUSEError) as caught:
                await late()
            assert caught.value.errno == errno.ESTALE
        assert old.asked == asked
        found = await walked(view, *above, "d", "f")
        assert found is not file
        assert found.tree is new

    run(view, story)


def test_inodes_of_a_mount_that_is_gone_are_given_back() -> None:
    """When the kernel has forgotten them nothing of the mount is kept."""
    gone = tree("gone")
    view = Projection({"gone": gone}, LOOK)

    async def story() -> None:
        inodes = [await walked(view, *path) for path in (("gone",), ("gone", "d"), ("gone", "d", "f"))]
        show(view, {})
        for inode in reversed(inodes):
            await Operations(view).forget([(inode.number, inode.lookups)])
        assert list(view.inodes) == [view.inodes.root]

    run(view, story)


def test_requests_that_have_begun_are_waited_for_and_later_ones_are_not() -> None:
    """What an old request uses may be taken away when it has ended, however many have begun since."""
    in_work = RequestsInWork()
    order: list[str] = []

    async def wait() -> None:
        await in_work.those_begun_finished()
        order.append("let go")

    async def main() -> None:
        early = in_work.present
        early.begun()
        async with trio.open_nursery() as nursery:
            nursery.start_soon(wait)
            await trio.testing.wait_all_tasks_blocked()
            in_work.present.begun()
            order.append("early one ends")
            early.ended()
        in_work.present.ended()
        await in_work.those_begun_finished()

    trio.run(main)
    assert order == ["early one ends", "let go"]
