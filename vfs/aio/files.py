"""AsyncFile: a file object of the standard library whose acts are awaited."""

from collections.abc import AsyncIterator, Callable, Iterable
from functools import partial
from types import TracebackType
from typing import IO, Any, AnyStr, Generic, ParamSpec, Self, TypeVar

import anyio

from vfs.aio.pending import Pending
from vfs.aio.threads import to_its_end

P = ParamSpec("P")
T = TypeVar("T")


class AsyncFile(Generic[AnyStr]):
    """What `open` of an asynchronous node gives: text or bytes, as the mode says. Acts wait for their turn.

    Used in an `async with` block, which closes it. Where the block fails or is cancelled, a file opened with
    `w` or `x` does not take its place. `sync` is the file object itself.
    """

    def __init__(self, file: IO[AnyStr]) -> None:
        self.sync: IO[AnyStr] = file
        self._turn = anyio.Lock(fast_acquire=True)

    @property
    def name(self) -> str:
        return self.sync.name

    @property
    def closed(self) -> bool:
        return self.sync.closed

    def readable(self) -> bool:
        return self.sync.readable()

    def writable(self) -> bool:
        return self.sync.writable()

    def seekable(self) -> bool:
        return self.sync.seekable()

    def read(self, size: int = -1) -> Pending[AnyStr]:
        return self._in_turn(self.sync.read, size)

    def readline(self, size: int = -1) -> Pending[AnyStr]:
        return self._in_turn(self.sync.readline, size)

    def readlines(self, hint: int = -1) -> Pending[list[AnyStr]]:
        return self._in_turn(self.sync.readlines, hint)

    def write(self, data: AnyStr) -> Pending[int]:
        return self._in_turn(self.sync.write, data)

    def writelines(self, lines: Iterable[AnyStr]) -> Pending[None]:
        return self._in_turn(self.sync.writelines, lines)

    def seek(self, offset: int, whence: int = 0) -> Pending[int]:
        return self._in_turn(self.sync.seek, offset, whence)

    def tell(self) -> Pending[int]:
        return self._in_turn(self.sync.tell)

    def truncate(self, size: int | None = None) -> Pending[int]:
        return self._in_turn(self.sync.truncate, size)

    def flush(self) -> Pending[None]:
        return self._in_turn(self.sync.flush)

    def close(self) -> Pending[None]:
        """Save what was written. Raises what saving runs into."""
        return self._in_turn(self.sync.close)

    aclose = close

    async def __aiter__(self) -> AsyncIterator[AnyStr]:
        """The lines; a change of threads for each, so whoever has millions of them reads in pieces."""
        while line := await self.readline():
            yield line

    async def __aenter__(self) -> Self:
        return self

    async def __aexit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        with anyio.CancelScope(shield=True):
            await self._in_turn(self.sync.__exit__, kind, error, trace)

    def _in_turn(self, act: Callable[P, T], *args: P.args, **kwargs: P.kwargs) -> Pending[T]:
        return Pending(self._alone(partial(act, *args, **kwargs)), act)

    async def _alone(self, call: Callable[[], T]) -> T:
        """Files of the standard library are not made for several threads at once."""
        async with self._turn:
            return await to_its_end(call)


class Opening(Pending[AsyncFile[AnyStr]]):
    """A file about to be opened: `async with node.open() as file`, or `file = await node.open()`."""

    __slots__ = ("_file",)

    _file: AsyncFile[AnyStr]

    async def __aenter__(self) -> AsyncFile[AnyStr]:
        self._file = await self
        return self._file

    async def __aexit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        await self._file.__aexit__(kind, error, trace)


def opening(act: Callable[[], IO[Any]]) -> Opening[Any]:
    """A file opened in a thread; one that a cancelled await cannot hand over is closed and not written."""
    return Opening(_opened(act), act)


async def _opened(act: Callable[[], IO[Any]]) -> AsyncFile[Any]:
    return AsyncFile(await to_its_end(act, undo=_given_up))


def _given_up(file: IO[Any]) -> None:
    cancelled = RuntimeError("nobody has this file")
    file.__exit__(RuntimeError, cancelled, None)
