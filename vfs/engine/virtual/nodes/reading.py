"""VirtualNode: what every node has that is made of others: it is read as a file is, and never written."""

from abc import abstractmethod
from collections.abc import Callable, Iterator
from io import BufferedReader, TextIOWrapper
from typing import IO, TYPE_CHECKING, Any, NoReturn, Unpack, overload

from vfs.engine.entries import Entry
from vfs.engine.errors import CapabilityNotSupported
from vfs.engine.nodes import StorageNode
from vfs.engine.nodes.reading import Readable
from vfs.engine.nodes.results import NodeWriteResult, WriteOptions
from vfs.engine.nodes.streams import open_unchanging
from vfs.engine.nodes.unchanging import Unchanging
from vfs.engine.virtual.archives import Member

if TYPE_CHECKING:
    from _typeshed import OpenBinaryModeReading, OpenTextModeReading


class VirtualContent(Unchanging):
    """What a virtual node showed when it was opened."""

    @abstractmethod
    def stat(self) -> Entry:
        """As the node's own `stat` would have told it at that moment."""


Finder = Callable[[str], StorageNode]
"""Gives the node at a path."""


class VirtualNode(Readable):
    """Something to read that is made of other nodes each time it is asked for; it has no place of its own.

    What its nodes raise goes through, and names the node: NotFound, Conflict and so on. To keep the content,
    copy it to a node that has a place.
    """

    def __init__(self, find: Finder) -> None:
        self._find = find

    @property
    @abstractmethod
    def fullpath(self) -> str:
        """What it is called in messages and diffs."""

    @abstractmethod
    def _members(self, taken: set[str]) -> Iterator[Member]:
        """What an archive has of it, under names that are not taken; they are taken then."""

    @abstractmethod
    def _opened(self) -> VirtualContent:
        """The content as it is now, to be read by one thread at a time and closed."""

    @abstractmethod
    def stat(self) -> Entry:
        """Size, time of the newest change, and an ETag that changes with every change of a node in it."""

    def exists(self) -> bool:
        """Always false: nothing is stored. Ask the nodes that it is made of."""
        return False

    def is_file(self) -> bool:
        """Always false, as `exists` is."""
        return False

    def is_dir(self) -> bool:
        """Always false, as `exists` is."""
        return False

    def size(self) -> int:
        """Bytes."""
        return self.stat().size

    def mtime(self) -> float:
        """Seconds since the epoch, of the newest change. CapabilityNotSupported where no node keeps times."""
        told = self.stat().mtime_ns
        if told is None:
            raise CapabilityNotSupported("nothing in it has a time of change", self.fullpath)
        return told / 1e9

    def etag(self) -> str | None:
        """What changes with every change of the content."""
        return self.stat().etag

    @overload
    def open(
        self,
        mode: "OpenTextModeReading" = "r",
        *,
        encoding: str | None = None,
        errors: str | None = None,
        newline: str | None = None,
    ) -> TextIOWrapper: ...

    @overload
    def open(self, mode: "OpenBinaryModeReading") -> BufferedReader: ...

    def open(
        self,
        mode: str = "r",
        *,
        encoding: str | None = None,
        errors: str | None = None,
        newline: str | None = None,
    ) -> IO[Any]:
        """A file object of the standard library, seekable, on the content as it is now.

        Raises ValueError for any mode but `r` and `rb`.
        """
        return open_unchanging(self._opened(), ("virtual", self.fullpath), mode, encoding, errors, newline)

    def copy_to(
        self, target: StorageNode | str, **options: Unpack[WriteOptions]
    ) -> NodeWriteResult[StorageNode]:
        """Store the content at a place, in one act and in bounded memory, as `write_bytes` does there."""
        there = self._find(target) if isinstance(target, str) else target
        return there.write_bytes(self.iter_bytes(), **options)

    def write(self, *_: object, **__: object) -> NoReturn:
        """Raises ValueError: write the nodes that it is made of."""
        raise ValueError(f"{self.fullpath} is made of other nodes, and cannot be written")

    write_bytes = write_text = write

    def __str__(self) -> str:
        return self.fullpath

    def __repr__(self) -> str:
        return f"{type(self).__name__}({self.fullpath!r})"
