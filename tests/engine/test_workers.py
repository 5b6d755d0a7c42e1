"""The pool: bounded, urgent first, context carried, nothing waits that its caller could run."""

import contextvars
import itertools
import threading
from concurrent.futures import CancelledError

import pytest

from vfs.engine.errors import StorageError
from vfs.engine.workers import Workers

PATIENCE = 30.0


@pytest.fixture
def single():
    workers = Workers(1)
    yield workers
    workers.close()


@pytest.fixture
def occupied(single):
    """Workers whose only thread is taken until the event is set."""
    started, release = threading.Event(), threading.Event()
    single.submit(lambda: (started.set(), release.wait(PATIENCE)))
    assert started.wait(PATIENCE)
    yield single, release
    release.set()


def test_a_result_and_an_error_come_back(single):
    """submit gives the function's value or raises its exception."""
    assert single.submit(divmod, 7, 2).result(PATIENCE) == (3, 1)
    with pytest.raises(ZeroDivisionError):
        single.submit(divmod, 1, 0).result(PATIENCE)


def test_urgent_work_overtakes_what_waits(occupied):
    """What is urgent runs before everything submitted earlier that is not."""
    workers, release = occupied
    order: list[str] = []
    later = [workers.submit(order.append, "ordinary") for _ in range(3)]
    urgent = workers.submit(order.append, "urgent", urgent=True)
    release.set()
    for future in [urgent, *later]:
        future.result(PATIENCE)
    assert order == ["urgent", "ordinary", "ordinary", "ordinary"]


def test_context_variables_are_those_of_the_caller(single):
    """A task sees the context variables as they were when it was submitted."""
    who = contextvars.ContextVar("who", default="nobody")
    token = who.set("front door")
    future = single.submit(who.get)
    who.reset(token)
    assert future.result(PATIENCE) == "front door"


def test_no_more_threads_run_than_asked_for():
    """Three threads run three of twelve tasks at a time."""
    workers = Workers(3)
    running, most = itertools.count(), []
    lock, barrier = threading.Lock(), threading.Barrier(3)
    now = 0

    def task():
        nonlocal now
        with lock:
            now += 1
            most.append(now)
        barrier.wait(PATIENCE)
        with lock:
            now -= 1
        next(running)

    for future in [workers.submit(task) for _ in range(12)]:
        future.result(PATIENCE)
    workers.close()
    assert max(most) == 3
    assert next(running) == 12


def test_mapping_keeps_order_and_takes_items_lazily(single):
    """map_bounded yields in order and runs at most `parallel` items ahead of its consumer."""
    taken: list[int] = []

    def items():
        for number in range(100):
            taken.append(number)
            yield number

    results = single.map_bounded(lambda number: number * number, items(), parallel=4)
    assert [next(results) for _ in range(3)] == [0, 1, 4]
    assert len(taken) <= 3 + 4
    assert list(results) == [number * number for number in range(3, 100)]


def test_mapping_raises_in_the_place_of_the_item_that_failed(single):
    """The results before a failure arrive, and nothing that had not started runs after it."""
    results = single.map_bounded(lambda divisor: 6 // divisor, [1, 2, 0, 3], parallel=2)
    assert [next(results), next(results)] == [6, 3]
    with pytest.raises(ZeroDivisionError):
        next(results)


def test_mapping_inside_a_task_does_not_wait_for_a_free_thread(single):
    """A task of a full pool maps over the same pool and ends."""
    inner = single.submit(lambda: list(single.map_bounded(str, range(5), parallel=2)))
    assert inner.result(PATIENCE) == ["0", "1", "2", "3", "4"]


def test_closing_drops_what_waits_and_refuses_more(occupied):
    """After close the waiting tasks are cancelled, and submitting raises StorageError; it may be repeated."""
    workers, release = occupied
    waiting = workers.submit(str, 1)
    closing = threading.Thread(target=workers.close)
    closing.start()
    with pytest.raises(CancelledError):
        waiting.result(PATIENCE)
    release.set()
    closing.join(PATIENCE)
    workers.close()
    assert waiting.cancelled()
    with pytest.raises(StorageError):
        workers.submit(str, 1)
