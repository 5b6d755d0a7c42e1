"""Acts on many items at once, their outcomes in the order in which they are there."""

from collections.abc import Callable, Generator, Iterable
from concurrent.futures import Future
from contextlib import closing
from queue import SimpleQueue
from typing import TypeVar

from vfs.engine.workers import Workers

ItemT = TypeVar("ItemT")
T = TypeVar("T")


def outcomes(
    act: Callable[[ItemT], T],
    items: Iterable[ItemT],
    workers: int,
    leaving: Callable[[], None] = lambda: None,
) -> Generator[tuple[ItemT, Future[T]], None, None]:
    """Each item with its finished future. Items are taken lazily, in this thread, some more than `workers`.

    A slow one keeps nobody waiting. Closed or interrupted early, this begins nothing else, calls `leaving`,
    and waits for what runs.
    """
    finished: SimpleQueue[tuple[ItemT, Future[T]]] = SimpleQueue()
    under_way = 0

    def begin(item: ItemT, pool: Workers) -> None:
        pool.submit(act, item).add_done_callback(lambda future: finished.put((item, future)))

    with closing(Workers(workers, "vfs-copy")) as pool:
        try:
            for item in items:
                begin(item, pool)
                under_way += 1
                while under_way and (under_way >= 2 * workers or not finished.empty()):
                    under_way -= 1
                    yield finished.get()
            for _ in range(under_way):
                yield finished.get()
        except BaseException:
            leaving()
            raise
