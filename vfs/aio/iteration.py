"""AsyncIteration: a blocking iterator gone through from a loop, a few items for each change of threads."""

import time
from collections import deque
from collections.abc import AsyncIterator, Callable, Generator, Iterator
from typing import Self, TypeVar

import anyio

from vfs.aio.threads import to_its_end

T_co = TypeVar("T_co", covariant=True)
ItemT = TypeVar("ItemT")

AT_ONCE = 256
"""Entries of a listing fetched together, if they come quickly."""

PATIENCE = 0.005
"""Seconds after which what has come is handed over."""


class AsyncIteration(AsyncIterator[T_co]):
    """Items in order, fetched when they are asked for; errors come in their place.

    One left early is best closed: `async with contextlib.aclosing(node.iter_bytes()) as pieces`.
    """

    def __init__(self, items: Iterator[T_co], at_once: int = AT_ONCE) -> None:
        """`at_once` is how many may be fetched before they are asked for."""
        self._items = items
        self._at_once = at_once
        self._fetched: deque[T_co] = deque()
        self._error: Exception | None = None
        self._is_over = False
        self._turn = anyio.Lock(fast_acquire=True)

    def __aiter__(self) -> Self:
        return self

    async def __anext__(self) -> T_co:
        async with self._turn:
            if not self._fetched and not self._is_over:
                await to_its_end(self._fetch)
            if self._fetched:
                return self._fetched.popleft()
            error, self._error = self._error, None
            raise StopAsyncIteration if error is None else error

    async def aclose(self) -> None:
        """Give back what the iterator holds (a file, a listing) at once."""
        with anyio.CancelScope(shield=True):
            async with self._turn:
                self._is_over = True
                self._fetched.clear()
                if isinstance(self._items, Generator):
                    await to_its_end(self._items.close)

    def _fetch(self) -> None:
        """In a thread: the next items."""
        began = time.monotonic()
        try:
            while len(self._fetched) < self._at_once:
                self._fetched.append(next(self._items))
                if time.monotonic() - began > PATIENCE:
                    return
        except StopIteration:
            self._is_over = True
        except Exception as error:  # noqa: BLE001 - raised when the items before it were taken
            self._is_over = True
            self._error = error


def mapped(
    make: Callable[[ItemT], T_co], items: Iterator[ItemT], at_once: int = AT_ONCE
) -> AsyncIteration[T_co]:
    """What is made of each item; closing it closes the iterator that it stands on."""
    return AsyncIteration(_made(make, items), at_once)


def _made(make: Callable[[ItemT], T_co], items: Iterator[ItemT]) -> Generator[T_co, None, None]:
    try:
        for item in items:
            yield make(item)
    finally:
        if isinstance(items, Generator):
            items.close()
