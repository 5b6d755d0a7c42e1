"""Requests about attributes: stat, chmod, chown, utimes, truncate, extended attributes, df."""

# pyright: reportIncompatibleMethodOverride=false
# It tells the CoroutineType of pyfuse3's methods from the Coroutine of decorated ones; mypy checks overrides.

import errno
import os
import stat
import time
from collections.abc import Sequence

from pyfuse3 import (
    EntryAttributes,
    FileHandleT,
    FUSEError,
    InodeT,
    ModeT,
    RequestContext,
    SetattrFields,
    StatvfsData,
    XAttrNameT,
)

from vfs.engine import Attributes, Entry, FileTree, OpenFile, SpaceUsage
from vfs.fuse.facts import FACTS, fact
from vfs.fuse.handles import FileHandle
from vfs.fuse.inodes import Inode
from vfs.fuse.namespace import MAX_NAME_BYTES
from vfs.fuse.requests import Requests, request

KERNEL_NAMES = (b"security.", b"system.")
"""Labels, capabilities, access lists: only a kernel gives them a meaning, and none on this mount.

Refused without asking the storage: the kernel wants `security.capability` before every write, and `ls -l` a
label of every file (but after ENOTSUP never again).
"""

BLOCK_SIZE = 4096

UNLIMITED = 1 << 50
"""Bytes shown as total and free for a storage without a limit to tell; and as many entries."""


class AttributeRequests(Requests):
    """Handlers that read or change what is known about an inode."""

    @request()
    async def getattr(self, inode: InodeT, ctx: RequestContext) -> EntryAttributes:
        return await self.projection.present(self.projection.inodes[inode])

    @request()
    async def setattr(
        self,
        inode: InodeT,
        attr: EntryAttributes,
        fields: SetattrFields,
        fh: FileHandleT | None,
        ctx: RequestContext,
    ) -> EntryAttributes:
        view = self.projection
        changed = view.inodes[inode]
        size = attr.st_size if fields.update_size else None
        change = _asked_for(attr, fields)
        asked = time.monotonic_ns()
        handle = view.files[fh] if fh is not None else self._only_way(changed, writable=size is not None)
        if handle is not None:
            handle.written |= size is not None
            entry = await view.threads.run(_change_open, handle.file, size, change)
        else:
            place = view.place(changed)
            entry = await view.threads.run(_change, place.tree, place.key, size, change)
        if changed.cached_etag is not None:
            changed.cached_etag = entry.etag
        return view.changed_here(changed, entry, asked=asked)

    def _only_way(self, inode: Inode, *, writable: bool) -> FileHandle | None:
        """The handle through which an unlinked file can still be reached; None where a name leads to it."""
        return None if inode.names else self.projection.files.any_of(inode, writable=writable)

    @request()
    async def getxattr(self, inode: InodeT, name: XAttrNameT, ctx: RequestContext) -> bytes:
        _refuse_kernel_names(name)
        subject = self.projection.inodes[inode]
        if subject.tree is None or subject.key() is None:
            raise FUSEError(errno.ENODATA)
        place = self.projection.place(subject)
        if name in FACTS:
            return await self.projection.threads.run(fact, place.tree, place.key, subject.kind, name)
        return await self.projection.threads.run(place.tree.get_xattr, place.key, os.fsdecode(name))

    @request()
    async def listxattr(self, inode: InodeT, ctx: RequestContext) -> Sequence[XAttrNameT]:
        subject = self.projection.inodes[inode]
        if subject.tree is None or subject.key() is None:
            return []
        place = self.projection.place(subject)
        names = await self.projection.threads.run(place.tree.list_xattrs, place.key)
        encoded = (XAttrNameT(os.fsencode(name)) for name in names)
        return [name for name in encoded if name not in FACTS and not name.startswith(KERNEL_NAMES)]

    @request()
    async def setxattr(self, inode: InodeT, name: XAttrNameT, value: bytes, ctx: RequestContext) -> None:
        _refuse_to_change(name)
        subject = self.projection.inodes[inode]
        place = self.projection.place(subject)
        await self.projection.threads.run(place.tree.set_xattr, place.key, os.fsdecode(name), value)
        subject.changed()

    @request()
    async def removexattr(self, inode: InodeT, name: XAttrNameT, ctx: RequestContext) -> None:
        _refuse_to_change(name)
        subject = self.projection.inodes[inode]
        place = self.projection.place(subject)
        await self.projection.threads.run(place.tree.remove_xattr, place.key, os.fsdecode(name))
        subject.changed()

    @request()
    async def access(self, inode: InodeT, mode: ModeT, ctx: RequestContext) -> bool:
        """With default_permissions the kernel never asks; without, the storage decides at each act."""
        return True

    @request()
    async def statfs(self, ctx: RequestContext) -> StatvfsData:
        """All mounts together: the request does not tell which one is meant."""
        view = self.projection
        return _as_statvfs([await view.threads.run(tree.space) for tree in view.trees.values()])


def _asked_for(attr: EntryAttributes, fields: SetattrFields) -> Attributes:
    return Attributes(
        mode=stat.S_IMODE(attr.st_mode) if fields.update_mode else None,
        uid=attr.st_uid if fields.update_uid else None,
        gid=attr.st_gid if fields.update_gid else None,
        atime_ns=attr.st_atime_ns if fields.update_atime else None,
        mtime_ns=attr.st_mtime_ns if fields.update_mtime else None,
    )


def _change(tree: FileTree, key: str, size: int | None, change: Attributes) -> Entry:
    entry = tree.truncate(key, size) if size is not None else None
    if change or entry is None:
        entry = tree.set_attributes(key, change) if change else tree.stat(key)
    return entry


def _change_open(file: OpenFile, size: int | None, change: Attributes) -> Entry:
    if size is not None:
        file.truncate(size)
    return file.set_attributes(change) if change else file.stat()


def _refuse_kernel_names(name: bytes) -> None:
    if name.startswith(KERNEL_NAMES):
        raise FUSEError(errno.ENOTSUP)


def _refuse_to_change(name: bytes) -> None:
    _refuse_kernel_names(name)
    if name in FACTS:
        raise FUSEError(errno.EPERM)


def _as_statvfs(usages: Sequence[SpaceUsage]) -> StatvfsData:
    space = StatvfsData()
    space.f_bsize = space.f_frsize = BLOCK_SIZE
    space.f_blocks = _total([usage.total_bytes for usage in usages]) // BLOCK_SIZE
    space.f_bfree = space.f_bavail = _total([usage.free_bytes for usage in usages]) // BLOCK_SIZE
    space.f_files = _total([usage.total_files for usage in usages])
    space.f_ffree = space.f_favail = _total([usage.free_files for usage in usages])
    space.f_namemax = MAX_NAME_BYTES
    return space


def _total(amounts: Sequence[int | None]) -> int:
    known = [amount for amount in amounts if amount is not None]
    return sum(known) if len(known) == len(amounts) else UNLIMITED
