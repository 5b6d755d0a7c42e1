"""What the kernel is told, and for how long it may believe it."""

import errno
import os
import time
from collections.abc import Awaitable, Callable

import pytest
import trio
from pyfuse3 import EntryAttributes, FUSEError

from tests.fuse.trees import DictTree
from vfs.engine.changes import Change, ChangeBus, ChangeKind, acting_as
from vfs.engine.entries import Entry, EntryKind
from vfs.fuse.attributes import Appearance
from vfs.fuse.changes import ChangeFollower
from vfs.fuse.handles import FileHandle
from vfs.fuse.inodes import ROOT, Inode
from vfs.fuse.notices import Notice, StaleInode, StaleName
from vfs.fuse.operations import Operations
from vfs.fuse.projection import Projection

LOOK = Appearance(uid=0, gid=0, umask=0o022, time_ns=0)


class OpenedOnce:
    """A handle whose file is gone from the tree."""

    def __init__(self, entry: Entry) -> None:
        self.entry = entry

    def stat(self) -> Entry:
        return self.entry


class Mounted:
    """The handlers over one tree, and the notices that they posted."""

    def __init__(self, tree: DictTree) -> None:
        self.tree = tree
        self.view = Projection({tree.name: tree}, LOOK, whole=tree)
        self.handlers = Operations(self.view)
        self.notices: list[Notice] = []
        self.view.notices.post = self.notices.append

    async def lookup(self, name: str) -> EntryAttributes:
        return await self.handlers.lookup(ROOT, os.fsencode(name), None)

    def inode(self, name: str) -> Inode:
        found = self.view.inodes.find(self.view.inodes.root, name)
        assert found is not None
        return found

    def opened(self, name: str, *, etag: str, writable: bool = False) -> Inode:
        inode = self.inode(name)
        self.view.files.add(FileHandle(inode, OpenedOnce(file(name, etag)), writable))
        inode.cached_etag = etag
        return inode

    def changed(self, key: str, kind: ChangeKind) -> list[int]:
        return ChangeFollower(self.view).apply(Change(self.tree.name, key, kind, origin=None))

    def run(self, story: Callable[[], Awaitable[None]]) -> None:
        async def main() -> None:
            async with trio.open_nursery() as nursery:
                nursery.start_soon(self.view.threads.deliver)
                await story()
                nursery.cancel_scope.cancel()

        try:
            trio.run(main)
        finally:
            self.view.threads.close()


def file(name: str, etag: str | None = None, **more: object) -> Entry:
    return Entry(name, EntryKind.FILE, etag=etag, **more)


def mounted(*entries: Entry, ttl: float = 60.0) -> Mounted:
    tree = DictTree(entries={"": Entry("", EntryKind.FOLDER)}, ttl=ttl)
    tree.entries |= {entry.name: entry for entry in entries}
    return Mounted(tree)


def test_a_second_lookup_within_the_ttl_asks_nobody() -> None:
    """What is fresh is answered from memory, for no longer than is left of its time."""
    mount = mounted(file("a"))

    async def story() -> None:
        first, second = await mount.lookup("a"), await mount.lookup("a")
        assert mount.tree.asked == ["a"]
        assert second.st_ino == first.st_ino
        assert 0 < second.attr_timeout < first.attr_timeout <= 60
        assert mount.inode("a").lookups == 2

    mount.run(story)


def test_a_missing_name_is_an_error_that_the_kernel_does_not_remember() -> None:
    """An answer would be remembered as long as it says; an error is not."""
    mount = mounted()

    async def story() -> None:
        with pytest.raises(FUSEError) as refused:
            await mount.lookup("a")
        assert refused.value.errno == errno.ENOENT

    mount.run(story)


def test_a_name_too_long_is_refused_before_the_storage_sees_it() -> None:
    """255 bytes are a name, 256 are not."""
    mount = mounted(file("x" * 255))

    async def story() -> None:
        assert (await mount.lookup("x" * 255)).st_ino
        with pytest.raises(FUSEError) as refused:
            await mount.lookup("x" * 256)
        assert refused.value.errno == errno.ENAMETOOLONG
        assert mount.tree.asked == ["x" * 255]

    mount.run(story)


def test_an_answer_that_a_change_overtook_is_not_believed() -> None:
    """What was asked before a change and answered after it is shown, with no time at all."""
    mount = mounted(file("a"))

    async def story() -> None:
        await mount.lookup("a")
        inode, asked = mount.inode("a"), time.monotonic_ns()
        inode.changed()
        shown = mount.view.answer(inode, file("a"), asked=asked)
        assert (shown.attr_timeout, inode.freshness) == (0, 0)

    mount.run(story)


def test_an_incomplete_entry_is_not_believed() -> None:
    """A listing that could not tell the mode is no answer to remember."""
    mount = mounted()

    async def story() -> None:
        shown = mount.view.named(
            mount.view.inodes.root, "a", file("a", complete=False), asked=time.monotonic_ns()
        )
        assert (shown.entry_timeout, shown.attr_timeout) == (0, 0)

    mount.run(story)


def test_a_file_removed_behind_our_back_has_the_kernel_look_again() -> None:
    """ESTALE makes the kernel repeat the lookup, which then finds nothing or the new file."""
    mount = mounted(file("a"), ttl=0)

    async def story() -> None:
        shown = await mount.lookup("a")
        del mount.tree.entries["a"]
        with pytest.raises(FUSEError) as failure:
            await mount.handlers.getattr(shown.st_ino, None)
        assert failure.value.errno == errno.ESTALE

    mount.run(story)


def test_an_unlinked_file_answers_through_its_handle_without_links() -> None:
    """fstat works after unlink, and shows that no name is left."""
    mount = mounted(file("a"))

    async def story() -> None:
        shown = await mount.lookup("a")
        mount.opened("a", etag="1")
        await mount.handlers.unlink(ROOT, b"a", None)
        after = await mount.handlers.getattr(shown.st_ino, None)
        assert (after.st_ino, after.st_nlink) == (shown.st_ino, 0)

    mount.run(story)


def test_a_removed_folder_still_in_use_is_shown_as_last_seen() -> None:
    """A process may stand in a folder that is gone."""
    mount = mounted(Entry("d", EntryKind.FOLDER, nlink=2))

    async def story() -> None:
        shown = await mount.lookup("d")
        mount.tree.remove_directory = mount.tree.delete
        await mount.handlers.rmdir(ROOT, b"d", None)
        assert (await mount.handlers.getattr(shown.st_ino, None)).st_nlink == 0

    mount.run(story)


def test_a_replaced_file_that_is_read_gets_an_inode_of_its_own() -> None:
    """The pages of the old content, still being read, are never shown for the new."""
    mount = mounted(file("a", "1"), ttl=0)

    async def story() -> None:
        before = await mount.lookup("a")
        held = mount.opened("a", etag="1")
        mount.tree.entries["a"] = file("a", "2")
        after = await mount.lookup("a")
        assert after.st_ino != before.st_ino
        assert (held.key(), (await mount.handlers.getattr(before.st_ino, None)).st_ino) == (
            None,
            before.st_ino,
        )

    mount.run(story)


def test_a_file_that_is_written_here_keeps_its_inode_when_its_etag_moves() -> None:
    """Our own commits change the ETag; that is no other file."""
    mount = mounted(file("a", "1"), ttl=0)

    async def story() -> None:
        before = await mount.lookup("a")
        mount.opened("a", etag="1", writable=True)
        mount.tree.entries["a"] = file("a", "2")
        assert (await mount.lookup("a")).st_ino == before.st_ino

    mount.run(story)


def test_the_storage_is_never_asked_for_what_only_a_kernel_understands() -> None:
    """Every write asks for security.capability: that must not cost a request to the store."""
    mount = mounted(file("a"))

    async def story() -> None:
        shown = await mount.lookup("a")
        for name in (b"security.capability", b"security.selinux", b"system.posix_acl_access"):
            with pytest.raises(FUSEError) as refused:
                await mount.handlers.getxattr(shown.st_ino, name, None)
            assert refused.value.errno == errno.ENOTSUP

    mount.run(story)


@pytest.mark.parametrize(
    ("kind", "attributes_only"), [(ChangeKind.CONTENT, False), (ChangeKind.ATTRIBUTES, True)]
)
def test_a_change_elsewhere_is_told_to_the_kernel(kind: ChangeKind, attributes_only: bool) -> None:
    """Its pages or only its attributes go, and nothing learned before is believed."""
    mount = mounted(file("a"))

    async def story() -> None:
        await mount.lookup("a")
        inode = mount.inode("a")
        assert mount.changed("a", kind) == [inode.number]
        assert mount.notices == ([] if attributes_only else [StaleInode(inode.number)])
        assert inode.freshness == 0

    mount.run(story)


def test_a_name_made_elsewhere_changes_its_folder() -> None:
    """Its times do; that the name was absent the kernel does not remember."""
    mount = mounted()

    async def story() -> None:
        with pytest.raises(FUSEError):
            await mount.lookup("new")
        assert mount.changed("new", ChangeKind.CREATED) == [ROOT]
        assert mount.notices == []

    mount.run(story)


def test_a_name_removed_elsewhere_leaves_the_inode_without_it() -> None:
    """Its key is gone, and whom the name still leads there is sent to look it up again."""
    mount = mounted(file("a"))

    async def story() -> None:
        await mount.lookup("a")
        inode = mount.inode("a")
        assert inode.number in mount.changed("a", ChangeKind.DELETED)
        assert inode.key() is None
        with pytest.raises(FUSEError) as refused:
            await mount.handlers.getattr(inode.number, None)
        assert refused.value.errno == errno.ESTALE

    mount.run(story)


def test_a_name_removed_elsewhere_is_taken_from_the_kernel_while_the_file_is_open() -> None:
    """The inode answers through its handle: nobody is to come there by the name."""
    mount = mounted(file("a"))

    async def story() -> None:
        await mount.lookup("a")
        mount.opened("a", etag="1")
        mount.changed("a", ChangeKind.DELETED)
        assert StaleName(ROOT, b"a") in mount.notices

    mount.run(story)


@pytest.mark.parametrize("is_open", [True, False])
def test_a_file_replaced_elsewhere_keeps_its_number_only_while_nobody_reads_it(is_open: bool) -> None:
    """With an open handle on the old bytes, the new file needs a number of its own."""
    mount = mounted(file("a", "1"))

    async def story() -> None:
        before = await mount.lookup("a")
        if is_open:
            mount.opened("a", etag="1")
        mount.changed("a", ChangeKind.REPLACED)
        after = await mount.lookup("a")
        assert (after.st_ino != before.st_ino) is is_open

    mount.run(story)


def test_an_unexpected_failure_is_logged_and_told_as_eio(caplog: pytest.LogCaptureFixture) -> None:
    """A bug in a storage fails one call and leaves its traceback; it never ends the mount."""
    mount = mounted(file("a"))

    def broken(_: str) -> Entry:
        raise ZeroDivisionError

    async def story() -> None:
        mount.tree.stat = broken
        with pytest.raises(FUSEError) as failure:
            await mount.lookup("a")
        assert failure.value.errno == errno.EIO

    mount.run(story)
    assert "ZeroDivisionError" in caplog.text


def test_the_folder_of_mounts_lists_and_finds_them_and_takes_nothing() -> None:
    """Each mount is a folder there; making, removing and renaming are EPERM."""
    tree = DictTree("photos", {"": Entry("", EntryKind.FOLDER)})
    mount = Mounted(tree)
    mount.view = Projection({"photos": tree}, LOOK)
    mount.handlers = Operations(mount.view)

    async def story() -> None:
        assert (await mount.lookup("photos")).st_ino == mount.inode("photos").number
        with pytest.raises(FUSEError) as refused:
            await mount.lookup("nothing")
        assert refused.value.errno == errno.ENOENT
        for act in (
            mount.handlers.mkdir(ROOT, b"new", 0o755, None),
            mount.handlers.rmdir(ROOT, b"photos", None),
            mount.handlers.rename(ROOT, b"photos", ROOT, b"films", 0, None),
        ):
            with pytest.raises(FUSEError) as refused:
                await act
            assert refused.value.errno == errno.EPERM

    mount.run(story)


class Inline:
    """A token of a loop that acts at once."""

    def run_sync_soon(self, act: Callable[..., None], *args: object) -> None:
        act(*args)


def test_own_changes_are_no_news_but_a_replaced_file_always_is() -> None:
    """The kernel knows what it asked for; a request may only have found out that a file was replaced."""
    mount = mounted(file("a", "1"))

    async def story() -> None:
        await mount.lookup("a")
        bus = ChangeBus()
        unfollow = ChangeFollower(mount.view).follow(bus, Inline())
        with acting_as(mount.view):
            bus.publish("m", "a", ChangeKind.CONTENT)
            assert mount.notices == []
            bus.publish("m", "a", ChangeKind.REPLACED)
            assert StaleInode(mount.inode("a").number) in mount.notices
        unfollow()
        mount.notices.clear()
        bus.publish("m", "a", ChangeKind.CONTENT)
        assert mount.notices == []

    mount.run(story)
