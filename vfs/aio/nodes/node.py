"""AsyncStorageNode: StorageNode, with each act that touches the storage awaited."""

from vfs.aio.nodes.content import AsyncContent
from vfs.aio.nodes.folders import AsyncFolders
from vfs.aio.nodes.opening import AsyncOpening
from vfs.aio.nodes.state import AsyncState
from vfs.aio.nodes.tools import AsyncTools
from vfs.aio.nodes.transfer import AsyncTransfer


class AsyncStorageNode(AsyncState, AsyncContent, AsyncFolders, AsyncOpening, AsyncTransfer, AsyncTools):
    """A file, a folder, or nothing yet, for asyncio and trio. Made by `AsyncStorageManager.node`.

    Names, arguments, results and errors are those of `StorageNode`. What only looks is given up when its
    await is cancelled; what changes something is finished once it has begun. Functions that are given to
    `copy_to` and `move_to` are called in a thread, with synchronous nodes.
    """

    __slots__ = ()
