"""Storages written with `async def`, as backends of mounts; and backends handed out to code with a loop."""

from vfs.aio.backends.blocking import BlockingBackend
from vfs.aio.backends.contract import (
    AsyncBackend,
    AsyncCopies,
    AsyncKeepsMetadata,
    AsyncMoves,
    AsyncSignsUrls,
)
from vfs.aio.backends.threaded import ThreadedBackend

__all__ = [
    "AsyncBackend",
    "AsyncCopies",
    "AsyncKeepsMetadata",
    "AsyncMoves",
    "AsyncSignsUrls",
    "BlockingBackend",
    "ThreadedBackend",
]
