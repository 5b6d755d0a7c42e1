"""DiffNode: how one node's text differs from another's, as a unified diff."""

from collections.abc import Iterator
from typing import NoReturn

from vfs.engine.backend import Buffer
from vfs.engine.diffs import LIMIT, check_size, unified_diff
from vfs.engine.entries import Entry, EntryKind
from vfs.engine.virtual.archives import Member, unique_name
from vfs.engine.virtual.joined import joint_etag, newest
from vfs.engine.virtual.nodes.parts import PartNode, PinnedParts
from vfs.engine.virtual.nodes.reading import Finder, VirtualContent, VirtualNode


class DiffContent(VirtualContent):
    """A diff that was computed."""

    def __init__(self, text: bytes, entry: Entry) -> None:
        self.size = len(text)
        self._text = text
        self._entry = entry

    def stat(self) -> Entry:
        return self._entry

    def read(self, offset: int, size: int) -> Buffer:
        return self._text[offset : offset + size]


class DiffNode(VirtualNode):
    """What makes the second node's text of the first one's; nothing where they are equal.

    It is computed each time it is opened, from both as they are then: they are read whole, and the one line
    `Binary files ... differ` stands for files that are no text. Raises StorageError (EFBIG) where one has
    more than `limit` bytes or a million lines.
    """

    def __init__(self, find: Finder, old: PartNode, new: PartNode, *, limit: int = LIMIT) -> None:
        super().__init__(find)
        self._nodes = (old, new)
        self._limit = limit

    @property
    def nodes(self) -> tuple[PartNode, PartNode]:
        """The old and the new one."""
        return self._nodes

    @property
    def limit(self) -> int:
        """Bytes that each of both may have."""
        return self._limit

    @property
    def fullpath(self) -> str:
        old, new = self._nodes
        return f"diff of {old.fullpath} and {new.fullpath}"

    def append(self, *_: object) -> NoReturn:
        """Raises ValueError: a diff is of two nodes."""
        raise ValueError("a diff is of two nodes, and takes no more")

    extend = append

    def stat(self) -> Entry:
        """Its size costs reading both. Raises as reading does."""
        return self._opened().stat()

    def _opened(self) -> DiffContent:
        pinned = PinnedParts(self._nodes)
        try:
            for node, entry in zip(self._nodes, pinned.entries, strict=True):
                check_size(entry.size, node.fullpath, self._limit)
            old, new = (bytes(part.read(0, part.size)) if part.size else b"" for part in pinned.parts)
        finally:
            pinned.close()
        names = [node.fullpath for node in self._nodes]
        text = unified_diff(old, new, *names)
        etag = joint_etag(zip(names, pinned.entries, strict=True), b"diff")
        entry = Entry("", EntryKind.FILE, len(text), newest(pinned.entries), etag, content_type="text/x-diff")
        return DiffContent(text, entry)

    def _members(self, taken: set[str]) -> Iterator[Member]:
        entry = self.stat()
        name = self._nodes[1].fullpath.rpartition("/")[2].rpartition(":")[2]
        yield Member(unique_name(f"{name}.diff", taken), entry, self.iter_bytes)
