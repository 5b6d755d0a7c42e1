"""The only place where the loop hands work to threads.

A call that was begun is always finished and awaited: the kernel waits for its answer, and half-done writes
help nobody. So an interrupted system call (EINTR) is never cut short here; a process that gets a signal
waits until the store has answered, or until the backend's own deadline has passed. The same holds on the way
out: the loop ends when every request has been answered.
"""

from collections.abc import Callable
from typing import TypeVar, TypeVarTuple

import trio

ResultT = TypeVar("ResultT")
ArgumentTs = TypeVarTuple("ArgumentTs")

MAX_THREADS = 100
"""As many as there can be requests in work at a time (pyfuse3's tasks), so none waits for a thread."""


class Threads:
    """Runs blocking calls beside the loop; context variables go along."""

    def __init__(self, limit: int = MAX_THREADS) -> None:
        self._limiter = trio.CapacityLimiter(limit)

    async def run(self, act: Callable[[*ArgumentTs], ResultT], *args: *ArgumentTs) -> ResultT:
        """What `act(*args)` returns or raises."""
        return await trio.to_thread.run_sync(act, *args, limiter=self._limiter)
