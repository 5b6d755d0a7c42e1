"""The Python API for asyncio and trio: the names of `vfs`, with what touches a storage awaited."""

from vfs.aio.feeding import AsyncReader, AsyncSource
from vfs.aio.files import AsyncFile, Opening
from vfs.aio.iteration import AsyncIteration
from vfs.aio.manager import AsyncStorageManager, open  # noqa: A004 - as `vfs.open` is
from vfs.aio.mapping import AsyncFolderMapping
from vfs.aio.nodes import AsyncStorageNode
from vfs.aio.pending import Pending
from vfs.aio.virtual import AsyncDiffNode, AsyncIterNode, AsyncPastNode, AsyncVirtualNode

__all__ = [
    "AsyncDiffNode",
    "AsyncFile",
    "AsyncFolderMapping",
    "AsyncIterNode",
    "AsyncIteration",
    "AsyncPastNode",
    "AsyncReader",
    "AsyncSource",
    "AsyncStorageManager",
    "AsyncStorageNode",
    "AsyncVirtualNode",
    "Opening",
    "Pending",
    "open",
]
