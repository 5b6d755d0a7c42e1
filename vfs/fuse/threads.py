"""The only place where the loop hands work to threads.

A call that was begun is always finished and awaited: the kernel waits for its answer, and half-done writes
help nobody. So an interrupted system call (EINTR) is never cut short here; a process that gets a signal
waits until the store has answered, or until the backend's own deadline has passed. The same holds on the way
out: the loop ends when every request has been answered.

`trio.to_thread` would do the same at three times the cost (a limiter, a lock and a self-pipe for each call),
which is most of what a short request costs.
"""

import os
import queue
import threading
from collections import deque
from collections.abc import Callable
from contextvars import copy_context
from functools import partial
from typing import Any, TypeVar, TypeVarTuple

import outcome
import trio
from trio.lowlevel import Abort, Task

ResultT = TypeVar("ResultT")
ArgumentTs = TypeVarTuple("ArgumentTs")

MAX_THREADS = 100
"""As many as there are requests in work at a time, so that none waits for a thread."""

Call = tuple[Task, Callable[[], Any]]
Answer = tuple[Task, outcome.Outcome[Any]]


class Threads:
    """Runs blocking calls beside the loop; context variables go along.

    `run` and `deliver` belong to the loop; `deliver` must be running for `run` to return.
    """

    def __init__(self, limit: int = MAX_THREADS) -> None:
        self._limit = limit
        self._calls = queue.SimpleQueue[Call | None]()
        self._answers = deque[Answer]()
        self._bell = os.eventfd(0, os.EFD_NONBLOCK | os.EFD_CLOEXEC)
        self._threads: list[threading.Thread] = []
        self._in_work = 0

    async def run(self, act: Callable[[*ArgumentTs], ResultT], *args: *ArgumentTs) -> ResultT:
        """What `act(*args)` returns or raises. Cannot be cancelled."""
        if self._in_work >= len(self._threads) < self._limit:
            self._start_thread()
        self._in_work += 1
        self._calls.put((trio.lowlevel.current_task(), partial(copy_context().run, act, *args)))
        result: ResultT = await trio.lowlevel.wait_task_rescheduled(_never)
        return result

    async def deliver(self) -> None:
        """Wake the tasks whose calls are done, until cancelled."""
        while True:
            await trio.lowlevel.wait_readable(self._bell)
            os.eventfd_read(self._bell)
            while self._answers:
                task, answer = self._answers.popleft()
                self._in_work -= 1
                trio.lowlevel.reschedule(task, answer)

    def close(self) -> None:
        """End the threads; every `run` has returned by then."""
        for _ in self._threads:
            self._calls.put(None)
        for thread in self._threads:
            thread.join()
        self._threads.clear()
        os.close(self._bell)

    def _start_thread(self) -> None:
        thread = threading.Thread(target=self._work, name=f"vfs-fuse-{len(self._threads)}")
        self._threads.append(thread)
        thread.start()

    def _work(self) -> None:
        while (call := self._calls.get()) is not None:
            task, act = call
            self._answers.append((task, outcome.capture(act)))
            os.eventfd_write(self._bell, 1)
            del task, act, call


def _never(_: object) -> Abort:
    return Abort.FAILED
