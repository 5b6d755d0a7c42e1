"""Requests about names: looking up, making, removing, renaming, linking."""

# pyright: reportIncompatibleMethodOverride=false
# It tells the CoroutineType of pyfuse3's methods from the Coroutine of decorated ones; mypy checks overrides.

import errno
import os
import stat
import time
from collections.abc import Callable, Sequence

import pyfuse3
from pyfuse3 import EntryAttributes, FileNameT, FlagT, FUSEError, InodeT, ModeT, RequestContext

from vfs.engine import Attributes, Entry, FileTree, NotFound
from vfs.fuse.inodes import Inode
from vfs.fuse.projection import Place
from vfs.fuse.requests import Requests, request

MAX_NAME_BYTES = 255


class NamespaceRequests(Requests):
    """Handlers that read or change the tree of names."""

    @request()
    async def lookup(self, parent_inode: InodeT, name: FileNameT, ctx: RequestContext) -> EntryAttributes:
        if len(name) > MAX_NAME_BYTES:
            raise FUSEError(errno.ENAMETOOLONG)
        view = self.projection
        parent, child = view.inodes[parent_inode], os.fsdecode(name)
        asked = time.monotonic_ns()
        if parent.tree is None:
            return await self._lookup_mount(parent, child)
        entry = await self._find(parent, child)
        if entry is None:
            view.missing(parent, child, asked=asked)
        return view.named(parent, child, entry, asked=asked)

    async def _lookup_mount(self, parent: Inode, name: str) -> EntryAttributes:
        view = self.projection
        tree = view.trees.get(name)
        if tree is None:
            view.missing(parent, name, asked=time.monotonic_ns())
        mount = view.inodes.add_mount(name, tree)
        shown = await view.present(mount)
        mount.lookups += 1
        return shown

    async def _find(self, parent: Inode, name: str) -> Entry | None:
        known = parent.children.get(name)
        if known is not None and known.entry is not None and known.freshness:
            return known.entry
        place = self.projection.place(parent, name)
        found = place.tree.remembered(place.key)
        if found is None or (isinstance(found, Entry) and not found.complete):
            return await self.projection.threads.run(_stat_if_there, place.tree, place.key)
        return found if isinstance(found, Entry) else None

    @request()
    async def forget(self, inode_list: Sequence[tuple[InodeT, int]]) -> None:
        for number, lookups in inode_list:
            self.projection.inodes.forget(number, lookups)

    @request(unsupported=errno.EPERM)
    async def mkdir(
        self, parent_inode: InodeT, name: FileNameT, mode: ModeT, ctx: RequestContext
    ) -> EntryAttributes:
        def make(place: Place) -> Entry:
            return place.tree.make_directory(place.key, attributes=owned(mode, ctx))

        return await self._make(parent_inode, name, make)

    @request(unsupported=errno.EPERM)
    async def symlink(
        self, parent_inode: InodeT, name: FileNameT, target: FileNameT, ctx: RequestContext
    ) -> EntryAttributes:
        def make(place: Place) -> Entry:
            return place.tree.make_symlink(place.key, os.fsdecode(target), attributes=owned(0o777, ctx))

        return await self._make(parent_inode, name, make)

    @request(unsupported=errno.EPERM)
    async def mknod(
        self, parent_inode: InodeT, name: FileNameT, mode: ModeT, rdev: int, ctx: RequestContext
    ) -> EntryAttributes:
        def make(place: Place) -> Entry:
            if stat.S_ISREG(mode):
                return _make_file(place.tree, place.key, owned(mode, ctx))
            return place.tree.make_special(place.key, mode, rdev, attributes=owned(mode, ctx))

        return await self._make(parent_inode, name, make)

    async def _make(
        self, parent_inode: InodeT, name: FileNameT, make: Callable[[Place], Entry]
    ) -> EntryAttributes:
        """Have `make` put something new at a name of a folder."""
        view = self.projection
        parent, child = view.inodes[parent_inode], os.fsdecode(name)
        place = view.place(parent, child)
        asked = time.monotonic_ns()
        entry = await view.threads.run(make, place)
        shown = view.named(parent, child, entry, asked=asked)
        parent.changed()
        return shown

    @request()
    async def readlink(self, inode: InodeT, ctx: RequestContext) -> FileNameT:
        place = self.projection.place(self.projection.inodes[inode])
        return FileNameT(os.fsencode(await self.projection.threads.run(place.tree.read_symlink, place.key)))

    @request(unsupported=errno.EPERM)
    async def link(
        self, inode: InodeT, new_parent_inode: InodeT, new_name: FileNameT, ctx: RequestContext
    ) -> EntryAttributes:
        view = self.projection
        linked, parent, child = view.inodes[inode], view.inodes[new_parent_inode], os.fsdecode(new_name)
        source, target = view.place(linked), view.place(parent, child)
        if source.tree is not target.tree:
            raise FUSEError(errno.EXDEV)
        entry = await view.threads.run(source.tree.make_link, source.key, target.key)
        view.inodes.link(linked, parent, child)
        parent.changed()
        linked.lookups += 1
        return view.changed_here(linked, entry, asked=time.monotonic_ns())

    @request()
    async def unlink(self, parent_inode: InodeT, name: FileNameT, ctx: RequestContext) -> None:
        await self._remove(parent_inode, name, lambda place: place.tree.delete(place.key))

    @request()
    async def rmdir(self, parent_inode: InodeT, name: FileNameT, ctx: RequestContext) -> None:
        await self._remove(parent_inode, name, lambda place: place.tree.remove_directory(place.key))

    async def _remove(self, parent_inode: InodeT, name: FileNameT, remove: Callable[[Place], None]) -> None:
        view = self.projection
        parent, child = view.inodes[parent_inode], os.fsdecode(name)
        place = view.place(parent, child)
        await view.threads.run(remove, place)
        parent.changed()
        removed = parent.children.get(child)
        if removed is not None:
            view.inodes.detach(removed, parent, child)

    @request(unsupported=errno.EINVAL)
    async def rename(
        self,
        parent_inode_old: InodeT,
        name_old: FileNameT,
        parent_inode_new: InodeT,
        name_new: FileNameT,
        flags: FlagT,
        ctx: RequestContext,
    ) -> None:
        if flags not in {0, pyfuse3.RENAME_NOREPLACE, pyfuse3.RENAME_EXCHANGE}:
            raise FUSEError(errno.EINVAL)
        view = self.projection
        old_parent, old = view.inodes[parent_inode_old], os.fsdecode(name_old)
        new_parent, new = view.inodes[parent_inode_new], os.fsdecode(name_new)
        source, target = view.place(old_parent, old), view.place(new_parent, new)
        if source.tree is not target.tree:
            raise FUSEError(errno.EXDEV)
        await view.threads.run(_rename, source.tree, source.key, target.key, flags)
        move = view.inodes.exchange if flags == pyfuse3.RENAME_EXCHANGE else view.inodes.move
        move(old_parent, old, new_parent, new)
        old_parent.changed()
        new_parent.changed()


def owned(mode: int, ctx: RequestContext) -> Attributes:
    """What a new entry gets: the permission bits asked for, and the caller as owner."""
    return Attributes(mode=stat.S_IMODE(mode), uid=ctx.uid, gid=ctx.gid)


def _stat_if_there(tree: FileTree, key: str) -> Entry | None:
    try:
        return tree.stat(key)
    except NotFound:
        return None


def _make_file(tree: FileTree, key: str, attributes: Attributes) -> Entry:
    file = tree.create(key, exclusive=True, attributes=attributes)
    try:
        file.flush()
        return file.stat()
    finally:
        file.close()


def _rename(tree: FileTree, source: str, target: str, flags: int) -> None:
    tree.rename(
        source,
        target,
        overwrite=flags != pyfuse3.RENAME_NOREPLACE,
        exchange=flags == pyfuse3.RENAME_EXCHANGE,
    )
