"""AsyncBlock: a `with` block that blocks where it begins and ends, as an `async with` block."""

from contextlib import AbstractContextManager
from types import TracebackType
from typing import Generic, TypeVar

import anyio

from vfs.aio.threads import to_its_end

T = TypeVar("T")


class AsyncBlock(Generic[T]):
    """Begins and ends in threads; its end is never cut short."""

    def __init__(self, block: AbstractContextManager[T]) -> None:
        self._block = block

    async def __aenter__(self) -> T:
        return await to_its_end(self._block.__enter__, undo=self._given_up)

    async def __aexit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> bool | None:
        outcome: list[bool | None] = []
        with anyio.CancelScope(shield=True):
            outcome.append(await to_its_end(lambda: self._block.__exit__(kind, error, trace)))
        return outcome[0]

    def _given_up(self, _: T) -> None:
        self._block.__exit__(RuntimeError, RuntimeError("nobody is in this block"), None)
