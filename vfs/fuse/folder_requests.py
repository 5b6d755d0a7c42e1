"""Requests about listings: opendir, readdir with attributes, closedir."""

# pyright: reportIncompatibleMethodOverride=false
# It tells the CoroutineType of pyfuse3's methods from the Coroutine of decorated ones; mypy checks overrides.

import os
import stat
import time

import pyfuse3
from pyfuse3 import (
    EntryAttributes,
    FileHandleT,
    FileNameT,
    FUSEError,
    InodeT,
    ModeT,
    ReaddirToken,
    RequestContext,
)

from vfs.engine import Entry, EntryKind
from vfs.fuse.handles import FolderHandle
from vfs.fuse.inodes import Inode
from vfs.fuse.requests import Requests, request

DOTS = (FileNameT(b"."), FileNameT(b".."))
"""Come first in every listing, at offsets 0 and 1; entry i of the folder is at offset i + 2."""


class FolderRequests(Requests):
    """Handlers that work on folder handles."""

    @request()
    async def opendir(self, inode: InodeT, ctx: RequestContext) -> FileHandleT:
        return FileHandleT(self.projection.folders.add(FolderHandle(self.projection.inodes[inode])))

    @request()
    async def readdir(self, fh: FileHandleT, start_id: int, token: ReaddirToken) -> None:
        """Entries from an offset on, as many as the kernel takes; at offset 0 the folder is listed anew."""
        handle = self.projection.folders[fh]
        if start_id == 0:
            handle.restart()
        for offset in range(start_id, len(DOTS)):
            if not _give_dots(handle.inode, offset, token):
                return
        index = max(0, start_id - len(DOTS))
        while await self._reaches(handle, index):
            if not await self._give(handle, index, token):
                return
            index += 1

    @request()
    async def releasedir(self, fh: FileHandleT) -> None:
        self.projection.folders.pop(fh)

    @request()
    async def fsyncdir(self, fh: FileHandleT, datasync: bool) -> None:
        """Names are in the store when the call that made them returns."""

    async def _reaches(self, handle: FolderHandle, index: int) -> bool:
        """Have the listing taken up to an index; False when it ends before."""
        while index >= len(handle.entries) and not handle.complete:
            await self._read_on(handle)
        return index < len(handle.entries)

    async def _read_on(self, handle: FolderHandle) -> None:
        view = self.projection
        if handle.inode.tree is None:
            mounts = [Entry(name, EntryKind.FOLDER, complete=False) for name in view.trees]
            handle.extend(mounts, complete=True)
        elif handle.inode.key() is None:
            handle.extend((), complete=True)
        else:
            place = view.place(handle.inode)
            more = await view.threads.run(handle.read_on, place.tree, place.key)
            handle.extend(more, complete=not more)

    async def _give(self, handle: FolderHandle, index: int, token: ReaddirToken) -> bool:
        """Give one entry, and with it one lookup of its inode; False when there is no room for it."""
        entry = handle.entries[index]
        if handle.inode.tree is None and entry.name not in self.projection.trees:
            return True  # the mount was removed since the table was listed
        inode = self._inode(handle, entry)
        try:
            shown = await self._attributes(handle, inode, entry)
        except FUSEError:
            self.projection.inodes.forget(inode.number, 0)
            return True  # it vanished since the folder was listed
        name = FileNameT(os.fsencode(entry.name))
        given = pyfuse3.readdir_reply(token, name, shown, index + len(DOTS) + 1)
        inode.lookups += given
        if not given:
            self.projection.inodes.forget(inode.number, 0)
        return given

    def _inode(self, handle: FolderHandle, entry: Entry) -> Inode:
        """The inode of a listed entry. A listing older than the folder's last change moves no names."""
        view = self.projection
        folder, name = handle.inode, entry.name
        if folder.tree is None:
            return view.inodes.add_mount(name, view.trees[name])
        if folder.changed_at < handle.begun_at:
            return view.identify(folder, name, entry)
        known = folder.children.get(name)
        return view.inodes.stand_in(folder, entry.kind) if known is None else known

    async def _attributes(self, handle: FolderHandle, inode: Inode, entry: Entry) -> EntryAttributes:
        """Those of the listing, unless the inode changed since: old attributes would undo the new ones."""
        view = self.projection
        is_listed = inode.changed_at < handle.begun_at and inode.stands_for(entry)
        if not is_listed and inode.names and not inode.is_mount:
            return await view.present(inode)
        if not entry.complete or not inode.names or handle.inode.changed_at >= handle.begun_at:
            return view.show(inode, entry, 0.0)
        age = (time.monotonic_ns() - handle.read_at) / 1e9
        return view.show(inode, entry, max(0.0, inode.tree.ttl - age) if inode.tree else 0.0)


def _give_dots(folder: Inode, offset: int, token: ReaddirToken) -> bool:
    parent = folder.names[0][0] if offset and folder.names else folder
    shown = EntryAttributes()
    shown.st_ino = InodeT(parent.number)
    shown.st_mode = ModeT(stat.S_IFDIR)
    return pyfuse3.readdir_reply(token, DOTS[offset], shown, offset + 1)
