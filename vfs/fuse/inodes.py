"""Inode numbers: which file or folder the kernel means, by which names, and for how long it will ask.

An inode knows its folder and its name in it, not its path, so renaming a folder with a million known
entries moves one link. It lives until the kernel has forgotten it and everything below it, whether it still
has a name or not. Only the loop touches any of this: there are no locks.
"""

import time
from collections.abc import Iterator, Mapping
from types import MappingProxyType

from vfs.engine import Entry, EntryKind, FileTree

ROOT = 1
"""FUSE's fixed number of the root."""

_CHILDLESS: Mapping[str, "Inode"] = MappingProxyType({})


class Inode:
    """One file or folder that the kernel holds a number of.

    INVARIANT: `parent.children[name] is inode` for each (parent, name) in `inode.names`, and nothing else
    is a child. Files may have several names (hard links), folders at most one.
    """

    __slots__ = (
        "cached_etag",
        "changed_at",
        "children",
        "entry",
        "file_id",
        "fresh_until",
        "is_mount",
        "kind",
        "lookups",
        "names",
        "number",
        "tree",
    )

    def __init__(
        self, number: int, kind: EntryKind, tree: FileTree | None, *, is_mount: bool = False
    ) -> None:
        self.number = number
        self.kind = kind
        self.tree = tree
        """The mount that it is in; None for the folder of mounts."""
        self.is_mount = is_mount
        """True for the root of a mount, whose key is ""."""
        self.lookups = 0
        """How often the kernel was told the number and has not forgotten it."""
        self.names: list[tuple[Inode, str]] = []
        self.children: Mapping[str, Inode] = _CHILDLESS
        self.file_id: str | None = None
        self.entry: Entry | None = None
        """The entry as last seen; believed until `fresh_until` (ns of the monotonic clock)."""
        self.fresh_until = 0
        self.changed_at = 0
        """When it last became another (ns); what was asked for earlier is not believed."""
        self.cached_etag: str | None = None
        """The content that the kernel's page cache is of; None when that is not known."""

    def __repr__(self) -> str:
        return f"<Inode {self.number} {self.key()!r}>"

    def key(self, child: str | None = None) -> str | None:
        """The key under its first name, or that of a child; None when some name on the way is gone."""
        segments = [] if child is None else [child]
        inode = self
        while not inode.is_mount:
            if not inode.names:
                return None
            inode, name = inode.names[0]
            segments.append(name)
        segments.reverse()
        return "/".join(segments)

    @property
    def freshness(self) -> float:
        """For how many seconds more `entry` may be believed; 0 when not at all."""
        return max(0.0, (self.fresh_until - time.monotonic_ns()) / 1e9)

    def changed(self) -> None:
        """Something here is another now: what was seen or asked for before is not to be believed."""
        self.changed_at = time.monotonic_ns()
        self.fresh_until = 0

    def learn(self, entry: Entry, ttl: float) -> None:
        """Believe an entry for `ttl` seconds."""
        self.entry = entry
        self.fresh_until = time.monotonic_ns() + int(ttl * 1e9)

    def stands_for(self, entry: Entry) -> bool:
        """False when the entry is certainly of another file or folder."""
        if entry.kind is not self.kind:
            return False
        return self.file_id is None or entry.file_id is None or self.file_id == entry.file_id


class InodeTable:
    """All inodes that the kernel knows, and the root."""

    def __init__(self, root: Inode) -> None:
        self.root = root
        self._by_number = {root.number: root}
        self._linked: dict[tuple[str, str], Inode] = {}
        self._next_number = ROOT + 1

    def __len__(self) -> int:
        return len(self._by_number)

    def __iter__(self) -> Iterator[Inode]:
        return iter(self._by_number.values())

    def __getitem__(self, number: int) -> Inode:
        """Raises KeyError for a number that the kernel cannot know."""
        return self._by_number[number]

    def add_mount(self, name: str, tree: FileTree) -> Inode:
        """The inode of a mount's root, below the folder of mounts."""
        known = self.root.children.get(name)
        if known is None:
            known = self._new(EntryKind.FOLDER, tree, is_mount=True)
            self._attach(known, self.root, name)
        return known

    def retire_mount(self, mount: Inode, name: str) -> None:
        """A mount below the folder of mounts is no longer served: nothing in it has a key any more."""
        assert mount.tree is not None
        self.disown(mount.tree)
        mount.is_mount = False
        self.detach(mount, self.root, name)

    def disown(self, tree: FileTree) -> None:
        """A tree is no longer served: nothing seen of it is believed, its file ids mean nothing."""
        for inode in self._by_number.values():
            if inode.tree is tree:
                inode.changed()
                self._unlink_identity(inode)

    def find(self, mount_root: Inode, key: str) -> Inode | None:
        """The inode at a key, if the kernel knows it."""
        inode: Inode | None = mount_root
        for name in key.split("/") if key else ():
            inode = inode.children.get(name) if inode else None
        return inode

    def resolve(self, parent: Inode, name: str, entry: Entry) -> Inode:
        """The inode for an entry just seen at a name: the one known there, another name's, or a new one."""
        known = parent.children.get(name)
        if known is not None:
            if known.stands_for(entry):
                if known.file_id is None:
                    self._identify(known, entry)
                return known
            self.detach(known, parent, name)
        linked = self._same_file(parent.tree, entry)
        if linked is None:
            linked = self._new(entry.kind, parent.tree)
            self._identify(linked, entry)
        self._attach(linked, parent, name)
        if entry.nlink <= 1:
            self._keep_only(linked, parent, name)
        return linked

    def detach(self, inode: Inode, parent: Inode, name: str) -> None:
        """Take a name from an inode; open handles and the kernel may still hold it."""
        inode.changed()
        self._unhook(inode, parent, name)
        if not inode.names and not (inode.entry and inode.entry.nlink > 1):
            self._unlink_identity(inode)
        self._drop_unused(inode)

    def detach_everywhere(self, inode: Inode) -> None:
        """Take all its names from an inode."""
        for parent, name in tuple(inode.names):
            self.detach(inode, parent, name)

    def link(self, inode: Inode, parent: Inode, name: str) -> None:
        """Give an inode one more name, in place of whatever had it."""
        self._displace(parent, name)
        self._attach(inode, parent, name)
        inode.changed()

    def move(self, source: Inode, name: str, target: Inode, new_name: str) -> None:
        """A name moved, as rename(2) does; what stood at the target loses it."""
        moved = source.children.get(name)
        if moved is not None and target.children.get(new_name) is moved:
            return
        self._displace(target, new_name)
        if moved is not None:
            self._attach(moved, target, new_name)
            self._unhook(moved, source, name)
            moved.changed()

    def exchange(self, source: Inode, name: str, target: Inode, new_name: str) -> None:
        """Two names changed places."""
        one, other = source.children.get(name), target.children.get(new_name)
        if one is other:
            return
        for inode, folder, old in ((one, source, name), (other, target, new_name)):
            if inode is not None:
                inode.names.remove((folder, old))
                inode.changed()
        self._put(source, name, other)
        self._put(target, new_name, one)

    def stand_in(self, parent: Inode, kind: EntryKind) -> Inode:
        """An inode for a name that may be gone; the kernel swaps it for the true one when it looks closer."""
        return self._new(kind, parent.tree)

    def forget(self, number: int, lookups: int) -> None:
        """The kernel gave back a number of lookups."""
        inode = self._by_number.get(number)
        if inode is not None:
            inode.lookups -= lookups
            self._drop_unused(inode)

    def _new(self, kind: EntryKind, tree: FileTree | None, *, is_mount: bool = False) -> Inode:
        inode = Inode(self._next_number, kind, tree, is_mount=is_mount)
        self._next_number += 1
        self._by_number[inode.number] = inode
        return inode

    def _identify(self, inode: Inode, entry: Entry) -> None:
        if entry.file_id is not None and inode.tree is not None and not entry.is_folder:
            inode.file_id = entry.file_id
            self._linked[inode.tree.name, entry.file_id] = inode

    def _unlink_identity(self, inode: Inode) -> None:
        """A file without names keeps its inode; its file id may be given to a new file from now on."""
        if inode.tree is not None and inode.file_id is not None:
            identity = inode.tree.name, inode.file_id
            if self._linked.get(identity) is inode:
                del self._linked[identity]

    def _same_file(self, tree: FileTree | None, entry: Entry) -> Inode | None:
        if tree is None or entry.file_id is None:
            return None
        inode = self._linked.get((tree.name, entry.file_id))
        return inode if inode is not None and inode.kind is entry.kind else None

    def _keep_only(self, inode: Inode, parent: Inode, name: str) -> None:
        """A file with one link has one name: the others are gone, renamed behind our back."""
        for place in tuple(inode.names):
            if place != (parent, name):
                self._unhook(inode, *place)

    def _attach(self, inode: Inode, parent: Inode, name: str) -> None:
        if not isinstance(parent.children, dict):
            parent.children = {}
        parent.children[name] = inode
        inode.names.append((parent, name))

    def _unhook(self, inode: Inode, parent: Inode, name: str) -> None:
        assert isinstance(parent.children, dict)
        del parent.children[name]
        inode.names.remove((parent, name))
        self._drop_unused(parent)

    def _put(self, parent: Inode, name: str, inode: Inode | None) -> None:
        if inode is not None:
            self._attach(inode, parent, name)
        elif isinstance(parent.children, dict):
            parent.children.pop(name, None)

    def _displace(self, parent: Inode, name: str) -> None:
        displaced = parent.children.get(name)
        if displaced is not None:
            self.detach(displaced, parent, name)

    def _drop_unused(self, inode: Inode) -> None:
        """Let go of an inode that nobody can ask for, and of the folders that were kept only for its path."""
        pending = [inode]
        while pending:
            unused = pending.pop()
            if unused.lookups > 0 or unused.children or unused.is_mount or unused is self.root:
                continue
            if self._by_number.pop(unused.number, None) is None:
                continue
            self._unlink_identity(unused)
            for parent, name in unused.names:
                assert isinstance(parent.children, dict)
                del parent.children[name]
                pending.append(parent)
            unused.names.clear()
