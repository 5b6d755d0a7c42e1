"""The bounded pool of threads for transfers: urgent work first, context variables carried along."""

import contextvars
import errno
import threading
from collections import deque
from collections.abc import Callable, Iterable, Iterator
from concurrent.futures import Future, ThreadPoolExecutor
from functools import partial
from typing import Generic, ParamSpec, TypeVar

from vfs.engine.errors import StorageError

P = ParamSpec("P")
T = TypeVar("T")
ItemT = TypeVar("ItemT")


class _Task(Generic[T]):
    """One call and its future; whoever claims it first runs it, everybody else's attempt does nothing."""

    __slots__ = ("_call", "_claim", "_context", "future")

    def __init__(self, call: Callable[[], T]) -> None:
        self.future: Future[T] = Future()
        self._call = call
        self._context = contextvars.copy_context()
        self._claim = threading.Lock()

    def run(self) -> bool:
        """Run the call here unless it is taken or cancelled; False when it was taken before."""
        if not self._claim.acquire(blocking=False):
            return False
        if self.future.set_running_or_notify_cancel():
            try:
                self.future.set_result(self._context.run(self._call))
            except BaseException as error:  # noqa: BLE001 - the future hands it to whoever asks
                self.future.set_exception(error)
        return True


class Workers:
    """At most `threads` named threads, started as they are needed.

    The interpreter waits for them on its way out; `close` does so earlier. A task never waits for a
    thread while its caller could run it: `map_bounded` may be used inside a task without a deadlock.
    """

    def __init__(self, threads: int = 16, name: str = "vfs-worker") -> None:
        self._executor = ThreadPoolExecutor(threads, thread_name_prefix=name)
        self._urgent: deque[_Task[object]] = deque()
        self._ordinary: deque[_Task[object]] = deque()

    def submit(self, fn: Callable[..., T], *args: object, urgent: bool = False) -> Future[T]:
        """Run `fn(*args)` in a thread, before everything that is not urgent when `urgent`.

        Raises StorageError (ESHUTDOWN) after `close`.
        """
        return self._enqueue(_Task(lambda: fn(*args)), urgent).future

    def map_bounded(self, fn: Callable[[ItemT], T], items: Iterable[ItemT], parallel: int) -> Iterator[T]:
        """`fn` of every item, in order; items are taken lazily, at most `parallel` of them under way.

        An exception is raised in its item's place; the calls not yet started are then dropped.
        """
        waiting: deque[_Task[T]] = deque()
        try:
            for item in items:
                waiting.append(self._enqueue(_Task(partial(fn, item)), urgent=False))
                if len(waiting) >= parallel:
                    yield _result(waiting.popleft())
            while waiting:
                yield _result(waiting.popleft())
        finally:
            for task in waiting:
                task.future.cancel()

    def close(self) -> None:
        """Drop what has not started, wait for what has. Calling it again is harmless."""
        self._executor.shutdown(wait=False)
        for queue in (self._urgent, self._ordinary):
            for task in list(queue):
                task.future.cancel()
        self._executor.shutdown(wait=True)

    def _enqueue(self, task: _Task[T], urgent: bool) -> _Task[T]:
        queue = self._urgent if urgent else self._ordinary
        queue.append(task)  # type: ignore[arg-type] # whatever it gives
        try:
            self._executor.submit(self._run_next)
        except RuntimeError as error:
            task.future.cancel()
            raise StorageError("the storage is being closed", errno=errno.ESHUTDOWN) from error
        return task

    def _run_next(self) -> None:
        """Run the most urgent task; one of these is submitted for each task, so none is left over."""
        while True:
            try:
                task = (self._urgent or self._ordinary).popleft()
            except IndexError:
                return
            if task.run():
                return


def _result(task: _Task[T]) -> T:
    task.run()
    return task.future.result()
