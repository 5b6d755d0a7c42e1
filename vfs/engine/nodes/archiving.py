"""A node as a ZIP archive: a file, or a folder with all that is below."""

from collections.abc import Iterator
from typing import BinaryIO, overload

from vfs.engine.backend import Buffer
from vfs.engine.entries import Entry, EntryKind
from vfs.engine.nodes.content import NodeContent
from vfs.engine.nodes.finding import NodeFinding
from vfs.engine.nodes.live import LiveNode
from vfs.engine.nodes.transfer import NodeTransfer
from vfs.engine.paths import target_bytes
from vfs.engine.virtual.archives import Compression, Member, deliver, unique_name, zip_pieces


class NodeArchiving(NodeFinding, NodeContent, NodeTransfer):
    """A place whose content can be archived."""

    __slots__ = ()

    @overload
    def zip(self, target: None = None, *, compression: Compression = "deflate") -> bytes: ...

    @overload
    def zip(self, target: LiveNode | str | BinaryIO, *, compression: Compression = "deflate") -> int: ...

    def zip(
        self, target: LiveNode | str | BinaryIO | None = None, *, compression: Compression = "deflate"
    ) -> bytes | int:
        """A ZIP archive of this file, or of all below this folder, by their paths from here.

        Without a target the bytes of it. To a node, a path or a binary file it is streamed, in bounded memory
        but for some hundred bytes for each member: the number of bytes. A node gets all of it or nothing, and
        is left out where it is below this folder. Symlinks are kept as such; fifos and the like are left out.
        Raises InvalidPath for a name that is not UTF-8, and what reading and writing raise.
        """
        if target is None:
            return b"".join(zip_pieces(self._members(set()), compression))
        if not isinstance(target, LiveNode | str):
            return deliver(zip_pieces(self._members(set()), compression), target)
        there = self._other(target)
        members = self._members(set(), without=there._key if there.mount == self.mount else None)
        return there.write_bytes(zip_pieces(members, compression)).size

    def _members(
        self, taken: set[str], *, without: str | None = None, below_own_name: bool = False
    ) -> Iterator[Member]:
        """This file; or what is below this folder, `below_own_name` or not."""
        entry = self.stat()
        if not entry.is_folder:
            yield self._member(unique_name(self.name, taken), self._key, entry)
            return
        top = f"{unique_name(self.name or self.mount, taken)}/" if below_own_name else ""
        start = len(self._key) + 1 if self._key else 0
        for key, found in self._below(None):
            if found.kind is not EntryKind.SPECIAL and key != without:
                yield self._member(top + key[start:], key, found)

    def _member(self, name: str, key: str, entry: Entry) -> Member:
        node = self._at(key)

        def linked() -> Iterator[Buffer]:
            yield target_bytes(self._tree.read_symlink(key), key)

        return Member(name, entry, linked if entry.kind is EntryKind.SYMLINK else node.iter_bytes)
