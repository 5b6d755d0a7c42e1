"""The mounted trees as the kernel knows them: what every request handler works on.

All of it belongs to the loop. Blocking calls leave through `threads`, and what they bring back is believed
only if nothing changed while they were away: a request notes when it asked (`time.monotonic_ns()`).
"""

import errno
import os
import time
from collections.abc import Mapping
from dataclasses import dataclass
from typing import NoReturn

from pyfuse3 import EntryAttributes, FUSEError

from vfs.engine import Entry, EntryKind, FileTree, NotFound
from vfs.fuse.attributes import Appearance
from vfs.fuse.handles import FolderHandle, HandleTable, OpenFiles
from vfs.fuse.in_work import RequestsInWork
from vfs.fuse.inodes import ROOT, Inode, InodeTable
from vfs.fuse.notices import Notices, StaleName
from vfs.fuse.threads import Threads

TABLE_TTL = 3600.0
"""Seconds; when the mounts change, the kernel is told."""


@dataclass(frozen=True, slots=True)
class Place:
    """Where an inode, or a name in a folder, is to be found in the engine."""

    tree: FileTree
    key: str


class Projection:
    """Inodes, handles and mounts of one mounted file system."""

    def __init__(
        self,
        trees: Mapping[str, FileTree],
        appearance: Appearance,
        *,
        whole: FileTree | None = None,
        mountpoint: str = "/",
    ) -> None:
        """`whole` is the tree that is the root; without it the root is a folder of all the trees."""
        self.mountpoint = mountpoint
        self.trees = trees
        self.appearance = appearance
        self.inodes = InodeTable(Inode(ROOT, EntryKind.FOLDER, whole, is_mount=whole is not None))
        self.files = OpenFiles()
        self.folders = HandleTable[FolderHandle]()
        self.threads = Threads()
        self.notices = Notices()
        self.in_work = RequestsInWork()
        self.table = Entry("", EntryKind.FOLDER, mtime_ns=time.time_ns(), mode=0o555, nlink=2 + len(trees))

    def place(self, inode: Inode, child: str | None = None) -> Place:
        """Raises FUSEError: EPERM in the folder of mounts, ESTALE where the way there is gone."""
        if inode.tree is None:
            raise FUSEError(errno.EPERM)
        key = inode.key(child)
        if key is None:
            raise FUSEError(errno.ESTALE)
        return Place(inode.tree, key)

    # Answers

    def named(self, parent: Inode, name: str, entry: Entry, *, asked: int) -> EntryAttributes:
        """The answer for a name just looked up or made; the kernel holds one more lookup of its inode."""
        inode = self.identify(parent, name, entry)
        inode.lookups += 1
        return self.answer(inode, entry, asked=asked if parent.changed_at < asked else 0)

    def answer(self, inode: Inode, entry: Entry, *, asked: int) -> EntryAttributes:
        """Attributes for the kernel, believed for a while if the inode has not changed since `asked`."""
        if not entry.complete or inode.changed_at >= asked:
            return self.show(inode, entry, 0.0)
        if inode.entry is not entry or not inode.freshness:
            inode.learn(entry, inode.tree.ttl if inode.tree is not None else TABLE_TTL)
        return self.show(inode, entry, inode.freshness)

    def changed_here(self, inode: Inode, entry: Entry, *, asked: int) -> EntryAttributes:
        """The answer to a request, begun at `asked`, that made the inode what it is now."""
        undisturbed = inode.changed_at < asked
        inode.changed()
        return self.answer(inode, entry, asked=time.monotonic_ns() if undisturbed else 0)

    def show(self, inode: Inode, entry: Entry, ttl: float) -> EntryAttributes:
        """An entry as attributes of this inode; without a name it has no links."""
        nlink = None if inode.names or inode.number == ROOT else 0
        return self.appearance.attributes(inode.number, entry, ttl=ttl, nlink=nlink)

    def missing(self, parent: Inode, name: str, *, asked: int) -> NoReturn:
        """A name was not there; raises FUSEError for it.

        The kernel is not to remember that: it can be made to forget names only when no request is in work on
        the folder, and what another door makes there must be seen at once. We remember it ourselves.
        """
        known = parent.children.get(name)
        if parent.changed_at < asked and known is not None and known.changed_at < asked:
            self.inodes.detach(known, parent, name)
        raise FUSEError(errno.ENOENT)

    # The present state of an inode

    async def present(self, inode: Inode) -> EntryAttributes:
        """What getattr answers: from memory while that is fresh, else from the engine."""
        if inode.tree is None:
            return self.show(inode, self.table, TABLE_TTL)
        if inode.entry is not None and inode.freshness:
            return self.show(inode, inode.entry, inode.freshness)
        asked = time.monotonic_ns()
        entry = await self.entry(inode)
        if self.was_replaced(inode, entry):
            self.leave(inode)
            entry = await self.entry(inode)
        return self.answer(inode, entry, asked=asked)

    async def entry(self, inode: Inode) -> Entry:
        """The entry as it is now, found under whichever of its names is still there.

        Raises FUSEError ESTALE, on which the kernel looks the path up again, when others removed them all.
        """
        vanished = False
        while inode.names or inode.is_mount:
            place = self.place(inode)
            found = place.tree.remembered(place.key)
            if isinstance(found, Entry) and found.complete:
                return found
            try:
                return await self.threads.run(place.tree.stat, place.key)
            except NotFound:
                if inode.is_mount:
                    raise
                vanished = self._name_is_gone(inode, place.key)
        return await self._nameless(inode, None if vanished else inode.entry)

    def _name_is_gone(self, inode: Inode, key: str) -> bool:
        """Drop the name that led to `key`, unless a rename changed the way there meanwhile."""
        gone = inode.key() == key
        if gone:
            parent, name = inode.names[0]
            self.inodes.detach(inode, parent, name)
        return gone

    async def _nameless(self, inode: Inode, last_seen: Entry | None) -> Entry:
        """An unlinked file answers through a handle; a folder still in use as it was last seen."""
        handle = self.files.any_of(inode)
        if handle is not None:
            return await self.threads.run(handle.file.stat)
        if last_seen is None:
            raise FUSEError(errno.ESTALE)
        return last_seen

    # Which inode an entry belongs to

    def identify(self, parent: Inode, name: str, entry: Entry) -> Inode:
        """The inode of an entry just seen at a name; a new one where the known one is of another file."""
        known = parent.children.get(name)
        if known is not None and self.was_replaced(known, entry):
            self.inodes.detach(known, parent, name)
        return self.inodes.resolve(parent, name, entry)

    def was_replaced(self, inode: Inode, entry: Entry) -> bool:
        """True when another file stands there, while handles here may be pinned to the old one.

        The two must not share a page cache, so the new file gets an inode of its own.
        """
        if not inode.stands_for(entry):
            return True
        if entry.file_id is not None or entry.etag is None or inode.cached_etag in {None, entry.etag}:
            return False
        return self.files.is_only_read(inode)

    def leave(self, inode: Inode) -> None:
        """Its names stand for something else now; the inode stays with those who hold it."""
        for parent, name in inode.names:
            self.notices.post(StaleName(parent.number, os.fsencode(name)))
        self.inodes.detach_everywhere(inode)
