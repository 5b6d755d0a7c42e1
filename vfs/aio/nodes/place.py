"""AsyncPlace: the names of a node, which ask no storage and are not awaited, and the node beneath."""

from typing import Self

from vfs.engine.capabilities import Capability
from vfs.engine.nodes import NodeWriteResult, StorageNode


class AsyncPlace:
    """A synchronous node, seen from a loop. Immutable, hashable; equal where the place is the same."""

    __slots__ = ("_node",)

    def __init__(self, node: StorageNode) -> None:
        self._node = node

    @property
    def sync(self) -> StorageNode:
        """The same place, for code that blocks."""
        return self._node

    @property
    def mount(self) -> str:
        return self._node.mount

    @property
    def path(self) -> str:
        return self._node.path

    @property
    def fullpath(self) -> str:
        return self._node.fullpath

    @property
    def name(self) -> str:
        return self._node.name

    @property
    def basename(self) -> str:
        return self._node.basename

    @property
    def stem(self) -> str:
        return self._node.stem

    @property
    def suffix(self) -> str:
        return self._node.suffix

    @property
    def ext(self) -> str:
        return self._node.ext

    @property
    def mimetype(self) -> str:
        return self._node.mimetype

    @property
    def parent(self) -> Self:
        return self._of(self._node.parent)

    @property
    def dirname(self) -> str:
        return self._node.dirname

    @property
    def capabilities(self) -> frozenset[Capability]:
        return self._node.capabilities

    def splitext(self) -> tuple[str, str]:
        return self._node.splitext()

    def child(self, *parts: str) -> Self:
        return self._of(self._node.child(*parts))

    def supports(self, capability: Capability | str) -> bool:
        return self._node.supports(capability)

    def __truediv__(self, part: str) -> Self:
        return self._of(self._node / part)

    def _of(self, node: StorageNode) -> Self:
        return type(self)(node)

    def _written(self, told: NodeWriteResult[StorageNode]) -> NodeWriteResult[Self]:
        """A result that names a node, with the node of this colour."""
        return NodeWriteResult(
            told.path,
            told.size,
            told.etag,
            told.version_id,
            told.mtime_ns,
            told.digest,
            told.written,
            told.ctime_ns,
            node=self._of(told.node),
        )

    def __eq__(self, other: object) -> bool:
        return self._node == other._node if isinstance(other, AsyncPlace) else NotImplemented

    def __hash__(self) -> int:
        return hash(self._node)

    def __lt__(self, other: "AsyncPlace") -> bool:
        return self._node < other._node

    def __str__(self) -> str:
        return str(self._node)

    def __repr__(self) -> str:
        return f"{type(self).__name__}({self.fullpath!r})"


def sync_of(place: AsyncPlace | StorageNode | str) -> StorageNode | str:
    """What a synchronous call takes for a place that may be given in either colour."""
    return place.sync if isinstance(place, AsyncPlace) else place
