"""Reads that were announced: fetched at once as far as they go, no further, and not kept in memory."""

import pytest

from tests.engine.files.reading import CONTENT, GRID, KIB, MIB, ROOMY, read_on, reader_of
from tests.engine.files.watched_store import WatchedStore
from tests.mounts.waiting import wait_until
from vfs.engine.cache.blocks import MemoryBlocks
from vfs.engine.cache.budget import MemoryBudget
from vfs.engine.cache.disk import DiskBlocks
from vfs.engine.files.reader import BlockReader
from vfs.engine.workers import Workers


@pytest.fixture
def workers():
    workers = Workers(8)
    yield workers
    workers.close()


def read_range(reader: BlockReader, start: int, end: int, step: int = 256 * KIB) -> bytes:
    """A range as a server sends it: piece after piece, the last one cut at its end."""
    return b"".join(bytes(reader.read(at, min(step, end - at))) for at in range(start, end, step))


@pytest.mark.parametrize("start", [0, 5 * MIB, 5 * MIB + 1000])
def test_a_range_of_a_mebibyte_is_one_request(workers, start):
    """Read in whatever pieces; without the announcement as much again is fetched that nobody reads."""
    store, plain = WatchedStore(CONTENT), WatchedStore(CONTENT)
    end = start + MIB - start % GRID
    reader = reader_of(store, workers)
    reader.expect(start, end)
    assert read_range(reader, start, end) == CONTENT[start:end]
    assert store.requests == [(start - start % GRID, end)]
    read_range(reader_of(plain, workers), start, end)
    workers.close()
    assert plain.bytes_asked > store.bytes_asked


def test_nothing_beyond_the_end_is_fetched(workers):
    """Of a long range; what lies before its end comes in parts ahead of the reader, each byte once."""
    store = WatchedStore(CONTENT)
    reader, end = reader_of(store, workers), 24 * MIB + 7
    reader.expect(MIB, end)
    assert read_range(reader, MIB, end) == CONTENT[MIB:end]
    workers.close()
    assert max(stop for _, stop in store.requests) == 24 * MIB + GRID
    assert store.bytes_asked == 23 * MIB + GRID
    # A reader that is quicker than who fetches ahead asks for a MiB by itself.
    assert len(store.requests) <= 24


def test_who_reads_on_is_read_ahead_again(workers):
    """As without an announcement: it was wrong, and costs nothing but that."""
    store = WatchedStore(CONTENT)
    reader = reader_of(store, workers)
    reader.expect(0, 2 * MIB)
    assert read_on(reader, 0, len(CONTENT), GRID) == CONTENT
    workers.close()
    assert store.bytes_asked == len(CONTENT)
    assert len(store.requests) <= len(CONTENT) // MIB + 1


@pytest.mark.parametrize("is_big", [True, False])
def test_ranges_here_and_there_of_a_big_file_fill_no_memory(tmp_path, is_big):
    """The disk keeps them, and answers the second time; of a file that memory has room for they stay."""
    budget = ROOMY // 2 if is_big else 4 * ROOMY
    store, memory = WatchedStore(CONTENT), MemoryBlocks(MemoryBudget(budget))
    disk = DiskBlocks(tmp_path, 1 << 30, keep_free=0)
    for asked in (16 * MIB, 0):
        pool = Workers(4)
        reader, before = reader_of(store, pool, memory=memory, disk=disk), store.bytes_asked
        for start in range(0, 32 * MIB, 2 * MIB):
            reader.expect(start, start + MIB)
            assert read_range(reader, start, start + MIB) == CONTENT[start : start + MIB]
        wait_until(lambda: disk.statistics().written_bytes == 16 * MIB, 20, "what is written to the disk")
        pool.close()
        assert store.bytes_asked - before == asked
    assert memory.statistics().bytes == (0 if is_big else 16 * MIB)
