"""Changes by other front doors: the kernel forgets what they made wrong, before their acts return.

It is made to forget attributes, and that is enough: of a file that is gone, or another, it then asks for
them under the old inode, is told ESTALE, and looks the name up again. That a name is absent it does not
remember at all. Notices of names would have to wait for every request on the folder, and hold up later ones.
"""

import os
import threading
from collections.abc import Callable, Iterator

import trio

from vfs.engine import Change, ChangeBus, ChangeKind
from vfs.fuse.inodes import Inode
from vfs.fuse.notices import StaleInode, StaleName
from vfs.fuse.projection import Projection

PATIENCE = 1.0
"""Seconds for which an act of another door is held up at most, should the kernel not be told by then."""


class ChangeFollower:
    """Applies the changes that a projection did not make itself."""

    def __init__(self, projection: Projection) -> None:
        self._projection = projection
        self._inodes = projection.inodes
        self._post = projection.notices.post

    def follow(self, changes: ChangeBus, token: trio.lowlevel.TrioToken) -> Callable[[], None]:
        """Listen from now on; call it on the loop. Calling the result stops it, before the loop ends."""
        loop = threading.get_ident()

        def heard(change: Change) -> None:
            is_ours = change.origin is self._projection
            # Replacing is always somebody else's act; a request here may be what found it out.
            if is_ours and change.kind is not ChangeKind.REPLACED:
                return
            told = threading.Event()
            is_known = self._is_known(change)
            token.run_sync_soon(self.take_in, change, told.set)
            if is_known and not is_ours and threading.get_ident() != loop:
                told.wait(PATIENCE)

        return changes.subscribe(heard)

    def _is_known(self, change: Change) -> bool:
        """Whether the kernel may remember anything of it: told from any thread, so no more than a guess."""
        mount = self._mount_root(change.mount)
        return mount is not None and self._inodes.find(mount, change.key.rpartition("/")[0]) is not None

    def take_in(self, change: Change, told: Callable[[], None]) -> None:
        """Take in one change; `told` is called once the kernel believes nothing old any more."""
        expired = self.apply(change)
        if expired:
            self._projection.notices.expire(expired, told)
        else:
            told()

    def apply(self, change: Change) -> list[int]:
        """Take in one change; the inodes whose attributes the kernel is to ask for anew, by number."""
        return list(self._expired_by(change))

    def _expired_by(self, change: Change) -> Iterator[int]:
        mount = self._mount_root(change.mount)
        if mount is None:
            return
        inode = self._inodes.find(mount, change.key)
        if change.kind in {ChangeKind.CONTENT, ChangeKind.ATTRIBUTES}:
            if inode is not None:
                yield self._stale(inode, attributes_only=change.kind is ChangeKind.ATTRIBUTES)
            return
        if not change.key:
            yield from self._root_changed(mount)
            return
        folder_key, _, name = change.key.rpartition("/")
        folder = self._inodes.find(mount, folder_key)
        if folder is not None:
            yield from self._name_changed(folder, name, inode, change.kind)

    def _mount_root(self, mount: str) -> Inode | None:
        root = self._inodes.root
        if root.tree is None:
            return root.children.get(mount)
        return root if root.tree.name == mount else None

    def _root_changed(self, mount: Inode) -> Iterator[int]:
        """Another folder is this mount's root now."""
        for name, child in list(mount.children.items()):
            yield from self._name_changed(mount, name, child, ChangeKind.DELETED)
        yield self._stale(mount)

    def _name_changed(self, folder: Inode, name: str, inode: Inode | None, kind: ChangeKind) -> Iterator[int]:
        yield self._stale(folder, attributes_only=True)
        if inode is None:
            return
        yield self._stale(inode)
        yield from _below(inode)
        # Handles of a replaced file keep reading the old bytes, so the new file needs an inode of its own.
        is_held = self._projection.files.any_of(inode) is not None
        if kind is ChangeKind.DELETED or (kind is ChangeKind.REPLACED and is_held):
            inode.entry = None
            self._inodes.detach(inode, folder, name)
            if is_held:
                # It answers through its handles, also to those whom the name still leads there.
                self._post(StaleName(folder.number, os.fsencode(name)))

    def _stale(self, inode: Inode, *, attributes_only: bool = False) -> int:
        """Believe nothing of an inode any more; its number."""
        inode.changed()
        if not attributes_only:
            inode.cached_etag = None
            self._post(StaleInode(inode.number))
        return inode.number


def _below(folder: Inode) -> Iterator[int]:
    """The numbers of the inodes that are known below one: the way to them has changed with it."""
    for child in folder.children.values():
        yield child.number
        yield from _below(child)
