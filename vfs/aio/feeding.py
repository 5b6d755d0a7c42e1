"""Sources that are read by awaiting, given to calls that run in a thread; nothing is collected.

The task that was given the source fetches each piece, when the thread asks for it and not before: a source
may belong to that task (a cancel scope, a connection), and may refill its buffer.
"""

# pyright: reportReturnType=false
# It takes a protocol's methods that are a docstring alone for bodies; mypy checks what they return.

from collections.abc import AsyncIterable, AsyncIterator, Awaitable, Callable, Iterator
from inspect import iscoroutinefunction
from typing import Any, Protocol, TypeVar, cast

import anyio
from anyio import from_thread
from anyio.lowlevel import current_token

from vfs.aio.files import AsyncFile
from vfs.aio.pending import Pending
from vfs.aio.threads import changing, no_limit, to_its_end
from vfs.engine.backend import STREAM_CHUNK, Buffer, Source

T = TypeVar("T")


class AsyncReader(Protocol):
    """A file that is read by awaiting, to its end."""

    def read(self, size: int, /) -> Awaitable[Buffer]:
        """At most `size` bytes; none only at the end."""


AsyncSource = Source | AsyncIterable[Buffer] | AsyncReader
"""What can be written from a loop: also an async iterator of pieces, and a file whose `read` is awaited."""


def storing(data: AsyncSource, act: Callable[[Source], T]) -> Pending[T]:
    """A call that stores `data`, for a thread; each that waits for an async source has one of its own."""
    pieces = _awaited(data)
    if pieces is None:
        return changing(act, cast("Source", data))
    return Pending(fed(pieces, act), act)


async def fed(pieces: AsyncIterator[Buffer], act: Callable[[Iterator[Buffer]], T]) -> T:
    """What the call makes of these pieces.

    What the source raises is raised in the call, in the place of a piece, and so is its being cancelled.
    """
    feed = _Feed(pieces)
    outcome: list[T] = []
    failures: list[BaseException] = []

    async def call() -> None:
        try:
            outcome.append(await to_its_end(lambda: act(feed.asking()), limited_by=no_limit))
        except Exception as error:  # noqa: BLE001 - raised below, outside the group, as it is
            failures.append(error)
        finally:
            feed.stop_asking()

    async with anyio.create_task_group() as group:
        group.start_soon(call)
        try:
            await feed.answer()
        finally:
            feed.stop_answering()
    if failures:
        raise failures[0]
    return outcome[0]


class _SourceGone(Exception):
    """The task that fetched the pieces was cancelled."""


class _Feed:
    """Pieces handed from a task to a thread, one when it is asked for."""

    def __init__(self, pieces: AsyncIterator[Buffer]) -> None:
        self._pieces = pieces
        self._ask, self._asked = anyio.create_memory_object_stream[None]()
        self._give, self._given = anyio.create_memory_object_stream[Buffer | Exception | None]()
        self._token = current_token()

    def asking(self) -> Iterator[Buffer]:
        """In the thread: the pieces as they come."""
        while (piece := from_thread.run(self._next, token=self._token)) is not None:
            if isinstance(piece, Exception):
                raise piece
            yield piece

    async def _next(self) -> Buffer | Exception | None:
        try:
            await self._ask.send(None)
            return await self._given.receive()
        except (anyio.EndOfStream, anyio.ClosedResourceError, anyio.BrokenResourceError):
            return _SourceGone("the source of this file was cancelled")

    async def answer(self) -> None:
        """In the task: fetch what is asked for, until nobody asks any more."""
        async for _ in self._asked:
            try:
                piece: Buffer | Exception | None = await anext(self._pieces, None)
            except Exception as error:  # noqa: BLE001 - raised where the piece was asked for
                piece = error
            await self._give.send(piece)

    def stop_asking(self) -> None:
        self._ask.close()
        self._given.close()

    def stop_answering(self) -> None:
        self._asked.close()
        self._give.close()


def _awaited(data: AsyncSource) -> AsyncIterator[Buffer] | None:
    """The pieces of a source that is read by awaiting; None for any other."""
    read: Any = getattr(data, "read", None)
    # Files first: their iterators give lines.
    if isinstance(data, AsyncFile) or iscoroutinefunction(read):
        return _read_to_end(read)
    return aiter(data) if isinstance(data, AsyncIterable) else None


async def _read_to_end(read: Callable[[int], Awaitable[Buffer]]) -> AsyncIterator[Buffer]:
    while piece := await read(STREAM_CHUNK):
        yield piece
