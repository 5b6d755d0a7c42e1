"""The way to threads and back."""

import threading
from collections.abc import Iterator
from contextlib import contextmanager
from contextvars import ContextVar

import pytest
import trio

from vfs.engine.errors import NotFound
from vfs.fuse.threads import Threads

colour: ContextVar[str] = ContextVar("colour", default="none")


@contextmanager
def closing(threads: Threads) -> Iterator[Threads]:
    try:
        yield threads
    finally:
        threads.close()


def test_results_and_errors_come_back() -> None:
    """A call returns or raises on the loop what it did in its thread."""

    def fails() -> None:
        raise NotFound("gone")

    async def main() -> None:
        async with trio.open_nursery() as nursery:
            nursery.start_soon(threads.deliver)
            assert await threads.run(divmod, 7, 2) == (3, 1)
            assert await threads.run(threading.current_thread) is not threading.main_thread()
            with pytest.raises(NotFound):
                await threads.run(fails)
            nursery.cancel_scope.cancel()

    with closing(Threads()) as threads:
        trio.run(main)


def test_context_variables_go_along() -> None:
    """What the loop is acting as, the thread is acting as."""

    async def main() -> None:
        colour.set("red")
        async with trio.open_nursery() as nursery:
            nursery.start_soon(threads.deliver)
            assert await threads.run(colour.get) == "red"
            nursery.cancel_scope.cancel()

    with closing(Threads()) as threads:
        trio.run(main)


def test_calls_run_beside_each_other_up_to_the_limit() -> None:
    """As many as the limit meet at a barrier; with the limit reached, calls wait and all are answered."""
    barrier = threading.Barrier(4, timeout=60)

    async def main() -> None:
        async with trio.open_nursery() as nursery:
            nursery.start_soon(threads.deliver)
            async with trio.open_nursery() as calls:
                for _ in range(12):
                    calls.start_soon(threads.run, barrier.wait)
            nursery.cancel_scope.cancel()

    with closing(Threads(limit=4)) as threads:
        trio.run(main)


def test_a_call_that_began_is_finished_even_when_cancelled() -> None:
    """Nobody is told of a failure while the work goes on behind their back."""
    begun, go_on, done = threading.Event(), threading.Event(), threading.Event()

    def work() -> None:
        begun.set()
        go_on.wait(60)
        done.set()

    async def main() -> None:
        async with trio.open_nursery() as nursery:
            nursery.start_soon(threads.deliver)
            async with trio.open_nursery() as calls:
                calls.start_soon(threads.run, work)
                await trio.to_thread.run_sync(begun.wait, 10)
                calls.cancel_scope.cancel()
                go_on.set()
            assert done.is_set()
            nursery.cancel_scope.cancel()

    with closing(Threads()) as threads:
        trio.run(main)
