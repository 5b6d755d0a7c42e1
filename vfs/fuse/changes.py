"""Changes by other front doors: the kernel forgets what they made wrong, at once."""

import os
from collections.abc import Callable

import trio

from vfs.engine import Change, ChangeBus, ChangeKind
from vfs.fuse.inodes import Inode
from vfs.fuse.notices import StaleInode, StaleName
from vfs.fuse.projection import Projection


class ChangeFollower:
    """Applies the changes that a projection did not make itself."""

    def __init__(self, projection: Projection) -> None:
        self._projection = projection
        self._inodes = projection.inodes
        self._post = projection.notices.post

    def follow(self, changes: ChangeBus, token: trio.lowlevel.TrioToken) -> Callable[[], None]:
        """Listen from now on; calling the result stops it, which must be before the loop ends."""

        def heard(change: Change) -> None:
            # Replacing is always somebody else's act; a request here may be what found it out.
            if change.origin is not self._projection or change.kind is ChangeKind.REPLACED:
                token.run_sync_soon(self.apply, change)

        return changes.subscribe(heard)

    def apply(self, change: Change) -> None:
        """Take in one change, and tell the kernel."""
        mount = self._mount_root(change.mount)
        if mount is None:
            return
        inode = self._inodes.find(mount, change.key)
        if change.kind in {ChangeKind.CONTENT, ChangeKind.ATTRIBUTES}:
            if inode is not None:
                self._stale(inode, attributes_only=change.kind is ChangeKind.ATTRIBUTES)
            return
        if not change.key:
            self._root_changed(mount)
            return
        folder_key, _, name = change.key.rpartition("/")
        folder = self._inodes.find(mount, folder_key)
        if folder is not None:
            self._name_changed(folder, name, inode, change.kind)

    def _mount_root(self, mount: str) -> Inode | None:
        root = self._inodes.root
        if root.tree is None:
            return root.children.get(mount)
        return root if root.tree.name == mount else None

    def _root_changed(self, mount: Inode) -> None:
        """Another folder is this mount's root now."""
        for name, child in list(mount.children.items()):
            self._name_changed(mount, name, child, ChangeKind.DELETED)
        self._stale(mount, attributes_only=False)
        for table, name in mount.names:
            # With the name go the names below it that the kernel knows to be absent; nobody else knows them.
            self._post(StaleName(table.number, os.fsencode(name)))

    def _name_changed(self, folder: Inode, name: str, inode: Inode | None, kind: ChangeKind) -> None:
        self._post(StaleName(folder.number, os.fsencode(name)))
        self._stale(folder, attributes_only=True)
        if inode is None:
            return
        self._stale(inode, attributes_only=False)
        # Handles of a replaced file keep reading the old bytes, so the new file needs an inode of its own.
        is_held = self._projection.files.any_of(inode) is not None
        if kind is ChangeKind.DELETED or (kind is ChangeKind.REPLACED and is_held):
            self._inodes.detach(inode, folder, name)

    def _stale(self, inode: Inode, *, attributes_only: bool) -> None:
        inode.changed()
        if not attributes_only:
            inode.cached_etag = None
        self._post(StaleInode(inode.number, attributes_only))
