"""The threads in which blocking calls run beside a loop, and what cancelling means for them.

What only looks is abandoned when its await is cancelled: a timeout is kept, and the thread ends by itself
when the storage has answered. What changes something is never cut short: once begun it is finished, and the
await ends only then.
"""

import math
import threading
from collections.abc import Callable
from functools import partial
from typing import Generic, ParamSpec, TypeVar

from anyio import (
    CancelScope,
    CapacityLimiter,
    Event,
    from_thread,
    get_cancelled_exc_class,
    get_current_task,
    to_thread,
)
from anyio.lowlevel import RunVar

from vfs.aio.pending import Pending

P = ParamSpec("P")
T = TypeVar("T")

THREADS = 64
"""Calls under way at once in one loop, all managers together; further ones wait for their turn."""

_limiter: RunVar[CapacityLimiter] = RunVar("vfs_limiter")
_no_limit: RunVar[CapacityLimiter] = RunVar("vfs_no_limit")


def reading(act: Callable[P, T], /, *args: P.args, **kwargs: P.kwargs) -> Pending[T]:
    """A call that changes nothing, for a thread."""
    return Pending(_read(partial(act, *args, **kwargs)), act)


def changing(act: Callable[P, T], /, *args: P.args, **kwargs: P.kwargs) -> Pending[T]:
    """A call that is finished once it has begun, for a thread."""
    return Pending(to_its_end(partial(act, *args, **kwargs)), act)


async def _read(call: Callable[[], T]) -> T:
    return await to_thread.run_sync(call, abandon_on_cancel=True, limiter=limiter())


async def to_its_end(
    call: Callable[[], T],
    *,
    undo: Callable[[T], object] | None = None,
    limited_by: Callable[[], CapacityLimiter] | None = None,
) -> T:
    """The call's result. Cancelled before it began, it never begins; later, the await ends after the call.

    `undo` is called, in the loop, with a result that a cancelled await cannot hand over.
    """
    begun = _Begun(call)
    try:
        return await to_thread.run_sync(begun.run, limiter=(limited_by or limiter)())
    except get_cancelled_exc_class() as cancelled:
        if begun.withdraw():
            raise
        # The loop's own `cancel` does not respect shields: it ended the await, but not the call.
        await begun.wait()
        if begun.error is not None:
            raise cancelled from begun.error
        if undo is not None:
            undo(begun.result)
        raise


def is_in_task() -> bool:
    """False in a thread, too, where a context variable only says that a loop runs elsewhere."""
    try:
        get_current_task()
    except RuntimeError:
        return False
    return True


def limiter() -> CapacityLimiter:
    """That of the running loop."""
    return _of_this_loop(_limiter, THREADS)


def no_limit() -> CapacityLimiter:
    """For calls that wait for what other calls bring: among a limited number they might wait for ever."""
    return _of_this_loop(_no_limit, math.inf)


def _of_this_loop(limiter: RunVar[CapacityLimiter], threads: float) -> CapacityLimiter:
    found = limiter.get(None)
    if found is None:
        found = CapacityLimiter(threads)
        limiter.set(found)
    return found


class _Begun(Generic[T]):
    """A call in a thread, and who waits for its end after the await was cut short."""

    result: T
    error: BaseException | None = None

    def __init__(self, call: Callable[[], T]) -> None:
        self._call = call
        self._lock = threading.Lock()
        self._is_claimed = False
        self._is_over = False
        self._waiting: Event | None = None

    def run(self) -> T:
        """In the thread. Does nothing where the call was withdrawn: nobody awaits it then."""
        if not self.withdraw():
            raise RuntimeError("withdrawn before it began")
        try:
            self.result = self._call()
        except BaseException as error:
            self.error = error
            raise
        finally:
            with self._lock:
                self._is_over = True
                waiting = self._waiting
            if waiting is not None:
                from_thread.run_sync(waiting.set)
        return self.result

    def withdraw(self) -> bool:
        """Take the call away from whoever comes later; False when it was taken before."""
        with self._lock:
            was_claimed, self._is_claimed = self._is_claimed, True
        return not was_claimed

    async def wait(self) -> None:
        """In the loop, however often it is cancelled: until the call is over."""
        with self._lock:
            if self._is_over:
                return
            self._waiting = over = Event()
        while not over.is_set():
            try:
                with CancelScope(shield=True):
                    await over.wait()
            except get_cancelled_exc_class():
                continue
