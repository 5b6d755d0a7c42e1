"""IterNode: several nodes one after the other, as one."""

from collections.abc import Iterator
from typing import BinaryIO, overload

from vfs.engine.backend import Buffer
from vfs.engine.entries import Entry, EntryKind
from vfs.engine.nodes import StorageNode
from vfs.engine.virtual.archives import Compression, Member, deliver, zip_pieces
from vfs.engine.virtual.joined import Joined, joint_etag, newest
from vfs.engine.virtual.nodes.parts import PartNode, PinnedParts, entry_of
from vfs.engine.virtual.nodes.reading import Finder, VirtualContent, VirtualNode


class IterContent(VirtualContent):
    """The nodes as they were when it was opened. Of at most 64 of them the files are open."""

    def __init__(self, node: "IterNode") -> None:
        self._pinned = PinnedParts(node.nodes)
        self._joined = Joined(self._pinned.parts, node.separator)
        self._entry = node._entry(self._pinned.entries)
        self.size = self._joined.size

    def stat(self) -> Entry:
        return self._entry

    def read(self, offset: int, size: int) -> Buffer:
        return self._joined.read(offset, size)

    def close(self) -> None:
        self._pinned.close()


class IterNode(VirtualNode):
    """The contents of nodes one after the other, `separator` between every two.

    Nothing is read before it is asked for, and then only from the nodes where it is. Whoever has it open
    reads the nodes as they were then; one that changes before it is read is a Conflict. Opening, `stat` and
    `size` cost a question for each node of which nothing is remembered.
    """

    def __init__(self, find: Finder, separator: bytes | str = b"") -> None:
        super().__init__(find)
        self._nodes: list[PartNode] = []
        self.separator = separator.encode() if isinstance(separator, str) else bytes(separator)

    @property
    def nodes(self) -> tuple[PartNode, ...]:
        """What it is made of, in order."""
        return tuple(self._nodes)

    @property
    def fullpath(self) -> str:
        return f"{len(self._nodes)} nodes joined"

    def append(self, *nodes: StorageNode | VirtualNode | str) -> None:
        """Have these nodes at the end as well. Raises ValueError for what this node is itself part of."""
        found = [self._find(node) if isinstance(node, str) else node for node in nodes]
        if any(_is_in(self, node) for node in found):
            raise ValueError("a node cannot be part of itself")
        self._nodes += found

    def extend(self, *nodes: StorageNode | VirtualNode | str) -> None:
        """As `append`."""
        self.append(*nodes)

    def stat(self) -> Entry:
        return self._entry([entry_of(node) for node in self._nodes])

    def _entry(self, entries: list[Entry]) -> Entry:
        size = sum(entry.size for entry in entries) + len(self.separator) * max(0, len(entries) - 1)
        places = [node.fullpath for node in self._nodes]
        etag = joint_etag(zip(places, entries, strict=True), self.separator)
        return Entry("", EntryKind.FILE, size, newest(entries), etag)

    def _opened(self) -> IterContent:
        return IterContent(self)

    @overload
    def zip(self, target: None = None, *, compression: Compression = "deflate") -> bytes: ...

    @overload
    def zip(self, target: StorageNode | str | BinaryIO, *, compression: Compression = "deflate") -> int: ...

    def zip(
        self, target: StorageNode | str | BinaryIO | None = None, *, compression: Compression = "deflate"
    ) -> bytes | int:
        """A ZIP archive with each node as a member of its name, folders with all below them.

        Of equal names all but the first get a number. Otherwise as `StorageNode.zip`.
        """
        pieces = zip_pieces(self._members(set()), compression)
        if target is None:
            return b"".join(pieces)
        if not isinstance(target, StorageNode | str):
            return deliver(pieces, target)
        there = self._find(target) if isinstance(target, str) else target
        return there.write_bytes(pieces).size

    def _members(self, taken: set[str]) -> Iterator[Member]:
        for node in self._nodes:
            if isinstance(node, StorageNode):
                yield from node._members(taken, below_own_name=True)
            else:
                yield from node._members(taken)


def _is_in(sought: IterNode, node: PartNode | VirtualNode) -> bool:
    """Whether a node is made of this one, at any depth."""
    inside = getattr(node, "nodes", ())
    return node is sought or any(_is_in(sought, below) for below in inside)
