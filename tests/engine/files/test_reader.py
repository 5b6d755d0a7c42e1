"""BlockReader: right bytes with few requests, ahead of a forward reader, within the memory there is."""

import threading
from concurrent.futures import Future

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from tests.engine.files.reading import CONTENT, GRID, KIB, MIB, ROOMY, read_on, reader_of
from tests.engine.files.watched_store import PATIENCE, WatchedStore
from vfs.engine.cache.blocks import ContentId, MemoryBlocks
from vfs.engine.cache.budget import MemoryBudget
from vfs.engine.cache.disk import DiskBlocks
from vfs.engine.workers import Workers


@pytest.fixture(scope="module")
def workers():
    workers = Workers(8)
    yield workers
    workers.close()


_reads = st.lists(
    st.tuples(st.integers(0, 5 * MIB), st.integers(0, 3 * MIB), st.booleans(), st.integers(0, 4 * MIB)),
    max_size=25,
)
"""Offset, size, whether it follows the one before instead; and how much more is said to follow it, if any."""


@settings(max_examples=60, deadline=None)
@given(
    reads=_reads,
    size=st.one_of(st.integers(0, 5 * MIB), st.sampled_from([0, 1, GRID, MIB, MIB + 1])),
    budget=st.sampled_from([0, GRID, 300 * KIB, 3 * MIB, ROOMY]),
)
def test_any_reads_give_the_bytes_of_the_file(workers, reads, size, budget):
    """Whatever is read and expected, in whatever memory: exactly the bytes, cut at the end, within budget."""
    store = WatchedStore(CONTENT[:size])
    memory = MemoryBlocks(MemoryBudget(budget))
    reader = reader_of(store, workers, memory=memory)
    position = 0
    for offset, length, forwards, more in reads:
        offset = position if forwards else offset
        if more:
            reader.expect(offset, offset + length + more)
        position = offset + length
        ready = reader.read_ready(offset, length)
        expected = store.content[offset : offset + length]
        assert ready is None or ready == expected
        assert reader.read(offset, length) == expected
    reader.close()
    assert memory.budget.statistics().peak <= budget


@pytest.mark.parametrize("offset", [0, 5, 700 * KIB])
@pytest.mark.parametrize("size", [1, 1000, GRID, GRID + 1, MIB])
def test_a_small_file_is_one_request(workers, size, offset):
    """A file of up to 1 MiB is fetched whole by its first read, wherever that is."""
    store = WatchedStore(CONTENT[:size])
    reader = reader_of(store, workers)
    offset %= size
    assert reader.read(offset, 1) == CONTENT[offset : offset + 1]
    assert read_on(reader, 0, size, 4 * KIB) == CONTENT[:size]
    assert store.requests == [(0, size)]


def test_an_empty_file_needs_no_request(workers):
    """Nothing is asked of the store for nothing."""
    store = WatchedStore(b"")
    reader = reader_of(store, workers)
    assert reader.read_ready(0, 100) == b""
    assert reader.read(0, 100) == b""
    assert store.requests == []


def test_random_reads_fetch_what_they_ask_for_on_the_grid(workers):
    """A 4 KiB read in the middle costs 128 KiB, one across a line of the grid 256 KiB."""
    store = WatchedStore(CONTENT)
    reader = reader_of(store, workers)
    reader.read(20 * MIB + 5, 4 * KIB)
    reader.read(30 * MIB - 1, 2)
    assert store.requests == [(20 * MIB, 20 * MIB + GRID), (30 * MIB - GRID, 30 * MIB + GRID)]


def test_the_first_request_of_a_forward_reader_is_one_mebibyte(workers):
    """A read at the start of a big file fetches 1 MiB and nothing else yet."""
    store = WatchedStore(CONTENT)
    reader = reader_of(store, workers)
    reader.read(0, 4 * KIB)
    assert store.requests == [(0, MIB)]


@pytest.mark.parametrize("step", [4 * KIB, GRID, MIB, 5 * MIB])
def test_a_forward_reader_needs_few_requests_and_fetches_nothing_twice(workers, step):
    """A file read to its end in order costs its size in bytes and a few growing requests."""
    store = WatchedStore(CONTENT)
    reader = reader_of(store, workers)
    assert read_on(reader, 0, len(CONTENT), step) == CONTENT
    assert store.bytes_asked == len(CONTENT)
    assert len(store.requests) <= 2 * (len(CONTENT) // MIB + 1)
    before = len(store.requests)
    assert read_on(reader, 0, len(CONTENT), step) == CONTENT
    assert len(store.requests) == before


def test_parts_are_fetched_in_parallel_but_not_too_many(workers):
    """While the store is slow, a forward reader has several requests under way, eight at most."""
    store = WatchedStore(CONTENT)
    reader = reader_of(store, workers)
    store.hold(lambda start, end: start >= 2 * MIB)
    forward = threading.Thread(target=lambda: [reader.read(at, MIB) for at in range(0, 40 * MIB, MIB)])
    forward.start()
    store.wait_for_requests(4)
    store.release()
    forward.join(PATIENCE)
    assert 2 <= store.most_at_once <= 8


def test_a_large_read_is_fetched_in_parallel(workers):
    """One call for many MiB is cut in parts that are under way together."""
    store = WatchedStore(CONTENT)
    store.hold()
    reader = reader_of(store, workers)
    found = []
    reading = threading.Thread(target=lambda: found.append(reader.read(MIB, 30 * MIB)))
    reading.start()
    store.wait_for_requests(4)
    store.release()
    reading.join(PATIENCE)
    assert found == [CONTENT[MIB : 31 * MIB]]
    assert store.bytes_asked < 31 * MIB


def test_readers_of_one_range_share_one_request(workers):
    """Eight threads that want the same bytes at once cost one request."""
    store = WatchedStore(CONTENT)
    store.hold()
    reader = reader_of(store, workers)
    found = []
    threads = [
        threading.Thread(target=lambda: found.append(bytes(reader.read(20 * MIB, 4 * KIB)))) for _ in range(8)
    ]
    for thread in threads:
        thread.start()
    store.wait_for_requests(1)
    store.release()
    for thread in threads:
        thread.join(PATIENCE)
    assert found == [CONTENT[20 * MIB : 20 * MIB + 4 * KIB]] * 8
    assert store.requests == [(20 * MIB, 20 * MIB + GRID)]


def test_interleaved_forward_readers_are_each_read_ahead(workers):
    """Four readers in one file, in turns, need far fewer requests than reads."""
    store = WatchedStore(CONTENT)
    reader = reader_of(store, workers)
    starts = [number * 10 * MIB for number in range(4)]
    for step in range(0, 10 * MIB, GRID):
        for start in starts:
            offset = start + step
            assert reader.read(offset, GRID) == CONTENT[offset : offset + GRID]
    assert len(store.requests) < 80
    assert store.bytes_asked <= len(CONTENT) + 4 * MIB


def test_requests_of_the_kernel_out_of_order_fetch_nothing_twice(workers):
    """Neighbouring requests that overtake each other do not disturb the stream."""
    store = WatchedStore(CONTENT)
    reader = reader_of(store, workers)
    for pair in range(0, 32 * MIB, 2 * GRID):
        for offset in (pair + GRID, pair):
            assert reader.read(offset, GRID) == CONTENT[offset : offset + GRID]
    assert store.bytes_asked <= len(CONTENT)
    assert len(store.requests) < 64


def test_seeking_starts_anew(workers):
    """After a jump, backwards or forwards, the bytes are right and reading ahead picks up there."""
    store = WatchedStore(CONTENT)
    reader = reader_of(store, workers)
    for start in (0, 30 * MIB, 10 * MIB, 35 * MIB):
        assert read_on(reader, start, start + 5 * MIB, GRID) == CONTENT[start : start + 5 * MIB]
    assert len(store.requests) < 40


def test_ready_bytes_are_never_fetched_by_the_caller(workers):
    """read_ready asks the store nothing in its own thread, though it may have others read ahead."""
    store = WatchedStore(CONTENT)
    reader = reader_of(store, workers)
    store.hold()
    assert reader.read_ready(0, GRID) is None
    assert store.requests == []
    store.release()
    reading = threading.Thread(target=reader.read, args=(0, GRID))
    reading.start()
    reading.join(PATIENCE)
    for offset in range(0, MIB, GRID):
        assert reader.read_ready(offset, GRID) == CONTENT[offset : offset + GRID]
    store.wait_for_requests(2)
    assert threading.get_ident() not in store.threads


def test_little_memory_is_never_exceeded_and_no_byte_is_wrong(workers):
    """Forward readers in 3 MiB of memory read 40 MiB and stay within it."""
    store = WatchedStore(CONTENT)
    memory = MemoryBlocks(MemoryBudget(3 * MIB))
    reader = reader_of(store, workers, memory=memory)
    assert read_on(reader, 0, len(CONTENT), GRID) == CONTENT
    assert memory.budget.statistics().peak <= 3 * MIB
    assert store.bytes_asked < 1.3 * len(CONTENT)


def test_without_any_memory_nothing_is_fetched_in_vain(workers):
    """Where there is no room to keep bytes, a forward reader fetches just what it asks for."""
    store = WatchedStore(CONTENT)
    assert read_on(reader_of(store, workers, budget=0), 0, 8 * MIB, GRID) == CONTENT[: 8 * MIB]
    assert store.bytes_asked == 8 * MIB


class NeverFree(Workers):
    """A pool whose threads are all busy for ever; `waiting` counts what was submitted."""

    waiting = 0

    def submit(self, fn, *args, urgent=False):
        self.waiting += 1
        return Future()


def test_many_forward_readers_share_the_limit_of_parallel_parts():
    """However many streams one file has, no more than `max_parts` are fetched ahead at a time."""
    pool = NeverFree()
    reader = reader_of(WatchedStore(CONTENT), pool, max_parts=2)
    for stream in range(4):
        for step in range(3):
            reader.read(stream * 10 * MIB + step * GRID, GRID)
    assert pool.waiting == 2


def test_what_a_forward_reader_leaves_behind_makes_room_for_it(workers):
    """Reading a file larger than the budget does not push out what others use."""
    memory = MemoryBlocks(MemoryBudget(32 * MIB))
    other = ContentId("mount", "other", "1")
    memory.put(other, 0, bytes(MIB))
    reader = reader_of(WatchedStore(CONTENT), workers, memory=memory)
    read_on(reader, 0, len(CONTENT), GRID)
    assert memory.get(other, 0, MIB) is not None


def test_a_big_file_that_the_disk_keeps_leaves_memory_behind_its_reader(tmp_path):
    """It fills no memory that nobody will read, and is read again without a request."""
    store, memory = WatchedStore(CONTENT), MemoryBlocks(MemoryBudget(ROOMY // 2))
    pool, disk = Workers(4), DiskBlocks(tmp_path, 1 << 30, keep_free=0)
    assert read_on(reader_of(store, pool, memory=memory, disk=disk), 0, len(CONTENT), MIB) == CONTENT
    pool.close()
    assert memory.statistics().bytes < 24 * MIB
    asked, pool = len(store.requests), Workers(4)
    assert read_on(reader_of(store, pool, memory=memory, disk=disk), 0, len(CONTENT), MIB) == CONTENT
    pool.close()
    assert len(store.requests) - asked <= disk.statistics().missed_bytes // MIB
    assert store.bytes_asked < len(CONTENT) * 3 // 2


def test_what_a_reader_comes_to_need_meanwhile_is_not_fetched_ahead_too():
    """A range chosen to be fetched ahead, and demanded while memory for it was sought, is asked for once."""
    store, memory = WatchedStore(CONTENT), MemoryBlocks(MemoryBudget(ROOMY))
    pool = Workers(2)
    reader = reader_of(store, pool, memory=memory)
    reserve, demanded = memory.budget.try_reserve, []

    def meanwhile(size: int) -> bool:
        memory.budget.try_reserve = reserve
        demanded.append(reader.read(MIB, 8 * GRID))
        return reserve(size)

    reader.read(0, GRID)
    memory.budget.try_reserve = meanwhile
    reader.read(GRID, GRID)
    pool.close()
    assert demanded == [CONTENT[MIB : MIB + 8 * GRID]]
    assert store.bytes_asked == max(end for _, end in store.requests)


def test_the_disk_cache_answers_after_a_restart(workers, tmp_path):
    """What was read once is not asked of the store by the next process."""
    store = WatchedStore(CONTENT)
    pool = Workers(4)
    first = reader_of(store, pool, disk=DiskBlocks(tmp_path, 1 << 30, keep_free=0))
    read_on(first, 0, 4 * MIB, MIB)
    pool.close()
    asked = list(store.requests)
    disk = DiskBlocks(tmp_path, 1 << 30, keep_free=0)
    again = reader_of(store, workers, disk=disk)
    assert read_on(again, 0, 2 * MIB, GRID) == CONTENT[: 2 * MIB]
    assert all(request[0] >= MIB for request in store.requests[len(asked) :])
    assert disk.statistics().hit_bytes >= MIB


def test_a_content_without_etag_is_not_kept_on_disk(workers, tmp_path):
    """Bytes that nothing can tell from later ones do not outlive the process."""
    store = WatchedStore(CONTENT[:MIB], etag=None)
    disk = DiskBlocks(tmp_path, 1 << 30, keep_free=0)
    assert reader_of(store, workers, disk=disk).read(0, MIB) == CONTENT[:MIB]
    assert disk.statistics().written_bytes == disk.statistics().missed_bytes == 0
