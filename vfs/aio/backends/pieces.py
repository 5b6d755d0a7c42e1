"""A blocking caller's source, as a storage in a loop takes it."""

from collections.abc import AsyncIterator

from anyio import to_thread

from vfs.aio.backends.contract import Pieces
from vfs.aio.threads import no_limit
from vfs.engine.backend import Buffer, Source
from vfs.engine.sources import pieces


def given_to_loop(source: Source) -> Pieces:
    """Bytes as they are; anything else is read beside the loop, for the next piece may be long in coming."""
    if isinstance(source, bytes | bytearray):
        return source
    return source.cast("B") if isinstance(source, memoryview) else _fetched(source)


async def _fetched(source: Source) -> AsyncIterator[Buffer]:
    parts = pieces(source)
    while (piece := await to_thread.run_sync(next, parts, None, limiter=no_limit())) is not None:
        yield piece
