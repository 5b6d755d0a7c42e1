"""LoopThread: a loop in a thread of its own, for code that blocks to call coroutines in."""

import errno
import threading
from collections.abc import AsyncGenerator, AsyncIterator, Awaitable, Callable, Iterator
from contextlib import ExitStack
from typing import Literal, TypeVar

import anyio
from anyio.from_thread import BlockingPortal, start_blocking_portal
from anyio.streams.memory import MemoryObjectReceiveStream, MemoryObjectSendStream

from vfs.engine.errors import StorageError
from vfs.engine.waiting import about_to_wait

T = TypeVar("T")

AHEAD = 256
"""Items of an async iterator that may wait to be fetched."""


class LoopThread:
    """Starts with the first call, and ends with `close`. Any thread may call; the loop's own may not."""

    def __init__(self, library: Literal["asyncio", "trio"]) -> None:
        self._library = library
        self._lock = threading.Lock()
        self._running = ExitStack()
        self._portal: BlockingPortal | None = None
        self._is_closed = False

    def call(self, act: Callable[[], Awaitable[T]]) -> T:
        """What the coroutine gives or raises. Raises StorageError (ESHUTDOWN) after `close`."""
        return self._started().call(act)

    def iterate(self, make: Callable[[], AsyncIterator[T]]) -> Iterator[T]:
        """The items of an async iterator, which one task goes through from beginning to end."""
        portal = self._started()
        send, receive = anyio.create_memory_object_stream[T](AHEAD)
        pumping = portal.start_task_soon(_pump, make, send)
        try:
            while items := portal.call(_waiting, receive):
                yield from items
            pumping.result()
        finally:
            try:
                portal.call(receive.aclose)
            except RuntimeError:
                # The loop has ended, and with it whoever else had the stream.
                receive.close()

    def close(self, last: Callable[[], Awaitable[None]]) -> None:
        """Call `last` in the loop if it ever ran, and end it."""
        with self._lock:
            self._is_closed = True
            portal, self._portal = self._portal, None
        if portal is not None:
            with self._running:
                portal.call(last)

    def _started(self) -> BlockingPortal:
        """The loop, which is about to be waited for."""
        about_to_wait()
        with self._lock:
            if self._is_closed:
                raise StorageError("the storage is closed", errno=errno.ESHUTDOWN)
            if self._portal is None:
                loop = start_blocking_portal(self._library, name="vfs-async-backend")
                self._portal = self._running.enter_context(loop)
            return self._portal


async def _pump(make: Callable[[], AsyncIterator[T]], send: MemoryObjectSendStream[T]) -> None:
    """Ends with the items, or where nobody wants the next one. It is not cancelled.

    So a generator ends in the task that it began in, and with its cancel scopes in order.
    """
    items = make()
    try:
        async with send:
            async for item in items:
                try:
                    await send.send(item)
                except anyio.BrokenResourceError:
                    break
    finally:
        if isinstance(items, AsyncGenerator):
            await items.aclose()


async def _waiting(receive: MemoryObjectReceiveStream[T]) -> list[T]:
    """All items that are there, at least one; none after the last."""
    items: list[T] = []
    try:
        items.append(await receive.receive())
        while True:
            items.append(receive.receive_nowait())
    except (anyio.EndOfStream, anyio.WouldBlock):
        return items
