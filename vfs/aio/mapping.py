"""AsyncFolderMapping: a folder as a store of values under keys, each act awaited."""

from typing import TypeVar, overload

from vfs.aio.iteration import AsyncIteration
from vfs.aio.nodes import AsyncStorageNode
from vfs.aio.pending import Pending
from vfs.aio.threads import changing, reading
from vfs.engine.mapping import FolderMapping

DefaultT = TypeVar("DefaultT")

_ABSENT = object()


class AsyncFolderMapping:
    """`FolderMapping` by its named acts; what Python says with brackets, `in` and `len` cannot be awaited."""

    def __init__(self, mapping: FolderMapping) -> None:
        self.sync = mapping

    @property
    def folder(self) -> AsyncStorageNode:
        return AsyncStorageNode(self.sync.folder)

    def node(self, key: str) -> AsyncStorageNode:
        return AsyncStorageNode(self.sync.node(key))

    @overload
    def get(self, key: str, /) -> Pending[bytes]: ...

    @overload
    def get(self, key: str, /, default: DefaultT) -> Pending[bytes | DefaultT]: ...

    def get(self, key: str, /, default: object = _ABSENT) -> Pending[object]:
        if default is _ABSENT:
            return reading(self.sync.__getitem__, key)
        return reading(self.sync.get, key, default)

    def put(self, key: str, value: bytes) -> Pending[None]:
        return changing(self.sync.put, key, value)

    def exists(self, key: str) -> Pending[bool]:
        return reading(self.sync.exists, key)

    def delete(self, key: str) -> Pending[None]:
        return changing(self.sync.delete, key)

    def clear(self) -> Pending[None]:
        return changing(self.sync.clear)

    def keys(self) -> AsyncIteration[str]:
        """As they are listed."""
        return AsyncIteration(iter(self.sync))

    def __aiter__(self) -> AsyncIteration[str]:
        return self.keys()

    def __repr__(self) -> str:
        return f"AsyncFolderMapping({self.folder.fullpath!r})"
