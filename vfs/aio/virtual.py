"""Virtual nodes whose acts are awaited: nodes joined, and the difference of two."""

from typing import TYPE_CHECKING, Any, BinaryIO, Generic, Literal, NoReturn, TypeVar, Unpack, overload

from vfs.aio.files import Opening, opening
from vfs.aio.iteration import AsyncIteration
from vfs.aio.nodes import AsyncStorageNode
from vfs.aio.nodes.place import AsyncPlace
from vfs.aio.pending import Pending
from vfs.aio.threads import changing, reading
from vfs.engine.entries import Entry, Version
from vfs.engine.nodes import NodeWriteResult, StorageNode
from vfs.engine.nodes.results import WriteOptions
from vfs.engine.virtual.archives import Compression
from vfs.engine.virtual.nodes import DiffNode, IterNode, PastNode, VirtualNode

if TYPE_CHECKING:
    from _typeshed import OpenBinaryModeReading, OpenTextModeReading

VirtualT_co = TypeVar("VirtualT_co", bound=VirtualNode, covariant=True)


class AsyncVirtualNode(Generic[VirtualT_co]):
    """A `VirtualNode` seen from a loop: something to read that is made of other nodes."""

    def __init__(self, node: VirtualT_co) -> None:
        self._node = node

    @property
    def sync(self) -> VirtualT_co:
        """The same node, for code that blocks."""
        return self._node

    @property
    def fullpath(self) -> str:
        return self._node.fullpath

    def stat(self) -> Pending[Entry]:
        return reading(self._node.stat)

    def exists(self) -> Pending[bool]:
        return reading(self._node.exists)

    def is_file(self) -> Pending[bool]:
        return reading(self._node.is_file)

    def is_dir(self) -> Pending[bool]:
        return reading(self._node.is_dir)

    def size(self) -> Pending[int]:
        return reading(self._node.size)

    def mtime(self) -> Pending[float]:
        return reading(self._node.mtime)

    def etag(self) -> Pending[str | None]:
        return reading(self._node.etag)

    @overload
    def open(
        self,
        mode: "OpenTextModeReading" = "r",
        *,
        encoding: str | None = None,
        errors: str | None = None,
        newline: str | None = None,
    ) -> Opening[str]: ...

    @overload
    def open(self, mode: "OpenBinaryModeReading") -> Opening[bytes]: ...

    def open(
        self,
        mode: str = "r",
        *,
        encoding: str | None = None,
        errors: str | None = None,
        newline: str | None = None,
    ) -> Opening[Any]:
        act: Any = self._node.open  # its overloads tell text from bytes
        return opening(lambda: act(mode, encoding=encoding, errors=errors, newline=newline))

    def read_bytes(self, start: int = 0, end: int | None = None) -> Pending[bytes]:
        return reading(self._node.read_bytes, start, end)

    def read_text(self, encoding: str = "utf-8", errors: str = "strict") -> Pending[str]:
        return reading(self._node.read_text, encoding, errors)

    @overload
    def read(self, mode: Literal["r"] = "r", encoding: str = "utf-8") -> Pending[str]: ...

    @overload
    def read(self, mode: Literal["rb"], encoding: str = "utf-8") -> Pending[bytes]: ...

    def read(self, mode: Literal["r", "rb"] = "r", encoding: str = "utf-8") -> Pending[str] | Pending[bytes]:
        return reading(self._node.read, mode, encoding)  # type: ignore[arg-type] # one overload at a time

    def read_json(self, encoding: str = "utf-8") -> Pending[Any]:
        return reading(self._node.read_json, encoding)

    def iter_bytes(self, start: int = 0, end: int | None = None) -> AsyncIteration[bytes]:
        return AsyncIteration(self._node.iter_bytes(start, end), at_once=1)

    def copy_to(
        self, target: AsyncPlace | StorageNode | str, **options: Unpack[WriteOptions]
    ) -> Pending[NodeWriteResult[AsyncStorageNode]]:
        return changing(lambda: self._copied(target, options))

    def _copied(
        self, target: AsyncPlace | StorageNode | str, options: WriteOptions
    ) -> NodeWriteResult[AsyncStorageNode]:
        there = target.sync if isinstance(target, AsyncPlace) else target
        told = self._node.copy_to(there, **options)
        return AsyncStorageNode(told.node)._written(told)

    def write(self, *_: object, **__: object) -> NoReturn:
        """Raises ValueError: write the nodes that it is made of."""
        self._node.write()

    write_bytes = write_text = write

    def __str__(self) -> str:
        return self.fullpath

    def __repr__(self) -> str:
        return f"{type(self).__name__}({self.fullpath!r})"


Part = AsyncStorageNode | AsyncVirtualNode[VirtualNode] | StorageNode | VirtualNode | str
"""What a virtual node can be made of, of either colour."""


def sync_part(part: Part) -> StorageNode | VirtualNode | str:
    return part.sync if isinstance(part, AsyncStorageNode | AsyncVirtualNode) else part


class AsyncIterNode(AsyncVirtualNode[IterNode]):
    """`IterNode`, seen from a loop."""

    @property
    def nodes(self) -> tuple[AsyncStorageNode | AsyncVirtualNode[VirtualNode], ...]:
        """What it is made of, in order."""
        return tuple(_of_this_colour(node) for node in self._node.nodes)

    @property
    def separator(self) -> bytes:
        return self._node.separator

    def append(self, *nodes: Part) -> None:
        """Have these nodes at the end as well; asks no storage. Raises ValueError as `IterNode.append`."""
        self._node.append(*map(sync_part, nodes))

    def extend(self, *nodes: Part) -> None:
        self.append(*nodes)

    @overload
    def zip(self, target: None = None, *, compression: Compression = "deflate") -> Pending[bytes]: ...

    @overload
    def zip(
        self, target: AsyncPlace | StorageNode | str | BinaryIO, *, compression: Compression = "deflate"
    ) -> Pending[int]: ...

    def zip(
        self,
        target: AsyncPlace | StorageNode | str | BinaryIO | None = None,
        *,
        compression: Compression = "deflate",
    ) -> Pending[Any]:
        act: Any = self._node.zip  # its overloads tell bytes from their number
        there = target.sync if isinstance(target, AsyncPlace) else target
        return changing(lambda: act(there, compression=compression))


class AsyncDiffNode(AsyncVirtualNode[DiffNode]):
    """`DiffNode`, seen from a loop."""

    @property
    def nodes(self) -> tuple[AsyncStorageNode | AsyncVirtualNode[VirtualNode], ...]:
        """The old and the new one."""
        return tuple(_of_this_colour(node) for node in self._node.nodes)

    @property
    def limit(self) -> int:
        return self._node.limit

    def append(self, *_: object) -> NoReturn:
        """Raises ValueError: a diff is of two nodes."""
        self._node.append()

    extend = append


class AsyncPastNode(AsyncVirtualNode[PastNode]):
    """`PastNode`, seen from a loop."""

    @property
    def present(self) -> AsyncStorageNode:
        """The node of the file as it is now."""
        return AsyncStorageNode(self._node.present)

    def version(self) -> Pending[Version]:
        """The version meant."""
        return reading(self._node.version)


def _of_this_colour(node: object) -> AsyncStorageNode | AsyncVirtualNode[VirtualNode]:
    if isinstance(node, IterNode):
        return AsyncIterNode(node)
    if isinstance(node, DiffNode):
        return AsyncDiffNode(node)
    if isinstance(node, PastNode):
        return AsyncPastNode(node)
    assert isinstance(node, StorageNode)
    return AsyncStorageNode(node)
