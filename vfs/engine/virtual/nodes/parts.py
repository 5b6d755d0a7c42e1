"""Nodes as parts of something else: pinned as they were, opened when they are read, a few at a time."""

# pyright: reportReturnType=false
# It takes a protocol's methods that are a docstring alone for bodies; mypy checks what they return.

from collections import OrderedDict
from collections.abc import Iterator, Sequence
from typing import Protocol

from vfs.engine.backend import Buffer
from vfs.engine.entries import Entry, EntryKind
from vfs.engine.errors import Conflict, InvalidPath, IsADirectory
from vfs.engine.files.present_state import PresentFile
from vfs.engine.mount_errors import naming_mount
from vfs.engine.virtual.archives import Member
from vfs.engine.virtual.joined import same_state

MOST_OPEN = 64
"""Parts of one content that are open at the same time."""


class PartNode(Protocol):
    """What other nodes can be made of: a node, or one that is made of nodes itself."""

    @property
    def fullpath(self) -> str: ...

    def stat(self) -> Entry:
        """Raises NotFound."""

    def _members(self, taken: set[str]) -> Iterator[Member]:
        """What an archive has of it, under names that are not taken; they are taken then."""

    def _opened(self) -> PresentFile:
        """The content as it is now. Raises NotFound, IsADirectory."""


def entry_of(node: PartNode) -> Entry:
    """What stands at a part. Raises NotFound, and IsADirectory, InvalidPath for what is no file."""
    mount, _, key = node.fullpath.partition(":")
    entry = node.stat()
    if entry.is_folder:
        raise IsADirectory(path=key, mount=mount)
    if entry.kind is not EntryKind.FILE:
        raise InvalidPath("is no regular file", key, mount=mount)
    return entry


class PinnedParts:
    """The nodes as they are now. One thread at a time; costs a question for each that is not remembered."""

    def __init__(self, nodes: Sequence[PartNode]) -> None:
        self.entries = [entry_of(node) for node in nodes]
        self._open: OrderedDict[NodePart, PresentFile] = OrderedDict()
        self.parts = [NodePart(node, entry, self) for node, entry in zip(nodes, self.entries, strict=True)]

    def content(self, part: "NodePart") -> PresentFile:
        """The open content of one of the parts. Raises Conflict where it is no longer what was pinned."""
        found = self._open.pop(part, None) or part.opened()
        self._open[part] = found
        if len(self._open) > MOST_OPEN:
            self._open.popitem(last=False)[1].close()
        return found

    def close(self) -> None:
        """Give back what is open."""
        while self._open:
            self._open.popitem()[1].close()


class NodePart:
    """One of them, as `joined` wants it."""

    def __init__(self, node: PartNode, entry: Entry, among: PinnedParts) -> None:
        self.size = entry.size
        self._node = node
        self._entry = entry
        self._among = among

    def read(self, start: int, end: int) -> Buffer:
        with naming_mount(*self._place):
            data = self._among.content(self).read(start, end - start)
            if len(data) != end - start:
                raise self._conflict()
            return data

    def opened(self) -> PresentFile:
        """Raises Conflict where another state is there now."""
        content = self._node._opened()
        try:
            now = content.stat()
        except BaseException:
            content.close()
            raise
        if not same_state(now, self._entry):
            content.close()
            raise self._conflict()
        return content

    @property
    def _place(self) -> tuple[str, str]:
        mount, _, key = self._node.fullpath.partition(":")
        return mount, key

    def _conflict(self) -> Conflict:
        mount, key = self._place
        return Conflict("this part changed while it was read", key, mount=mount)
