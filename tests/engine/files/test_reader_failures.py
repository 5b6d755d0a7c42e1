"""BlockReader when things go wrong: another version, a failing store, a full pool, closing."""

import errno
import threading

import pytest

from tests.engine.files.reading import CONTENT, GRID, MIB, read_on, reader_of
from tests.engine.files.watched_store import PATIENCE, WatchedStore
from vfs.engine.cache.blocks import MemoryBlocks
from vfs.engine.cache.budget import MemoryBudget
from vfs.engine.errors import BackendUnavailable, Conflict, NotFound, StorageError
from vfs.engine.workers import Workers


@pytest.fixture
def workers():
    workers = Workers(4)
    yield workers
    workers.close()


@pytest.fixture
def store():
    return WatchedStore(CONTENT)


def test_a_replaced_object_is_a_conflict_and_never_a_mix(store, workers):
    """Bytes fetched before stay readable; what is not here any more raises Conflict."""
    reader = reader_of(store, workers)
    reader.read(20 * MIB, GRID)
    store.content, store.etag = bytes(len(CONTENT)), "etag-2"
    assert reader.read(20 * MIB, GRID) == CONTENT[20 * MIB : 20 * MIB + GRID]
    with pytest.raises(Conflict) as caught:
        reader.read(10 * MIB, GRID)
    assert caught.value.errno == errno.ESTALE


@pytest.mark.parametrize("etag", ["etag-1", None])
def test_an_object_that_became_shorter_is_a_conflict(workers, etag):
    """Fewer bytes than the file had are never passed off as its end."""
    store = WatchedStore(CONTENT, etag)
    reader = reader_of(store, workers)
    store.content = CONTENT[: 10 * MIB + 5]
    with pytest.raises(Conflict):
        reader.read(10 * MIB, GRID)


def test_a_removed_object_is_a_conflict(store, workers):
    """A file that is open cannot be not found: it changed."""
    store.failure = lambda start, end: NotFound(path="key")
    with pytest.raises(Conflict):
        reader_of(store, workers).read(0, 1)


def test_a_demanded_fetch_that_fails_is_told_and_tried_again_next_time(store, workers):
    """The reader gets the store's error; a later read of the same bytes asks again."""
    reader = reader_of(store, workers)
    store.failure = lambda start, end: BackendUnavailable("down", "key")
    with pytest.raises(BackendUnavailable):
        reader.read(0, GRID)
    store.failure = lambda start, end: None
    assert reader.read(0, GRID) == CONTENT[:GRID]


def test_a_failed_fetch_ahead_is_nobodys_error_until_it_is_needed(store, workers):
    """What failed ahead of the reader is fetched again on demand; memory taken for it is given back."""
    memory = MemoryBlocks(MemoryBudget(256 * MIB))
    reader = reader_of(store, workers, memory=memory)
    failed = []

    def fail_once_ahead(start: int, end: int) -> StorageError | None:
        if start >= 2 * MIB and (start, end) not in failed:
            failed.append((start, end))
            return BackendUnavailable("down", "key")
        return None

    store.failure = fail_once_ahead
    assert read_on(reader, 0, 2 * MIB, GRID) == CONTENT[: 2 * MIB]
    store.wait_for_requests(3)
    store.failure = lambda start, end: None
    assert read_on(reader, 2 * MIB, len(CONTENT), GRID) == CONTENT[2 * MIB :]
    assert failed
    reader.close()
    assert memory.budget.used == memory.statistics().bytes


def test_a_waiting_reader_is_served_when_the_fetch_ahead_it_waits_for_fails(store, workers):
    """A reader that joined a fetch begun ahead of it fetches by itself when that fails."""
    reader = reader_of(store, workers)
    store.hold(lambda start, end: start >= 2 * MIB)
    for offset in (0, MIB):
        reader.read(offset, MIB)
    store.wait_for_requests(4)
    ahead = sorted(request for request in store.requests if request[0] >= 2 * MIB)
    found = []
    waiting = threading.Thread(target=lambda: found.append(bytes(reader.read(2 * MIB, GRID))))
    waiting.start()
    failed = set()

    def fail_once(start: int, end: int) -> StorageError | None:
        if start in failed:
            return None
        failed.add(start)
        return BackendUnavailable("down", "key")

    store.failure = fail_once
    store.release()
    waiting.join(PATIENCE)
    assert ahead == [(2 * MIB, 3 * MIB), (3 * MIB, 4 * MIB)]
    assert found == [CONTENT[2 * MIB : 2 * MIB + GRID]]


def test_a_reader_does_not_wait_for_a_free_thread(store):
    """With the whole pool busy elsewhere, a forward reader carries out by itself what it waits for."""
    pool = Workers(1)
    busy = threading.Event()
    pool.submit(busy.wait, PATIENCE)
    assert read_on(reader_of(store, pool), 0, 20 * MIB, GRID) == CONTENT[: 20 * MIB]
    assert not busy.is_set()
    busy.set()
    pool.close()


def test_bytes_stay_in_order_when_a_shared_fetch_brings_less_than_planned(store, workers):
    """A fetch that is cut short for want of memory does not shift the bytes of others who counted on it."""
    budget = MemoryBudget(4 * MIB)
    waits, others_planned, first = threading.Event(), threading.Event(), threading.Lock()

    def have_nothing(_size: int) -> int:
        if first.acquire(blocking=False):
            waits.set()
            others_planned.wait(PATIENCE)
        return 0

    budget.add_reclaimer(have_nothing)
    reader = reader_of(store, workers, memory=MemoryBlocks(budget))
    start, beyond = 10 * MIB, 11 * MIB + GRID
    reader.read(start, GRID)
    reader.read(beyond, GRID)
    assert budget.try_reserve(4 * MIB - budget.used)
    found: dict[int, bytes] = {}
    ranges = [(start + GRID, GRID), (start - GRID, 2 * MIB)]
    threads = [
        threading.Thread(target=lambda at=at, size=size: found.update({at: bytes(reader.read(at, size))}))
        for at, size in ranges
    ]
    threads[0].start()
    assert waits.wait(PATIENCE)
    threads[1].start()
    store.wait_for_requests(3)
    others_planned.set()
    for thread in threads:
        thread.join(PATIENCE)
    assert found == {at: CONTENT[at : at + size] for at, size in ranges}


def test_an_unexpected_exception_reaches_the_reader_and_hangs_nobody(store, workers):
    """A bug in a backend is raised where the bytes were asked for."""

    def broken(start: int, end: int) -> None:
        raise ZeroDivisionError

    store.failure = broken
    reader = reader_of(store, workers)
    for _ in range(2):
        with pytest.raises(ZeroDivisionError):
            reader.read(0, GRID)


def test_closing_drops_what_is_under_way(store, workers):
    """After close nothing is published, the memory is given back, and reading is EBADF."""
    memory = MemoryBlocks(MemoryBudget(256 * MIB))
    reader = reader_of(store, workers, memory=memory)
    store.hold(lambda start, end: start >= MIB)
    read_on(reader, 0, 4 * GRID, GRID)
    store.wait_for_requests(2)
    reader.close()
    reader.close()
    store.release()
    workers.close()
    assert store.requests == [(0, MIB), (MIB, 2 * MIB)]
    assert memory.budget.used == memory.statistics().bytes == MIB
    with pytest.raises(StorageError) as caught:
        reader.read(20 * MIB, GRID)
    assert caught.value.errno == errno.EBADF


def test_closing_lets_a_waiting_reader_have_its_bytes(store, workers):
    """A read that was under way when the file was closed still ends, with its bytes."""
    store.hold()
    reader = reader_of(store, workers)
    found = []
    waiting = threading.Thread(target=lambda: found.append(bytes(reader.read(0, GRID))))
    waiting.start()
    store.wait_for_requests(1)
    reader.close()
    store.release()
    waiting.join(PATIENCE)
    assert found == [CONTENT[:GRID]]
