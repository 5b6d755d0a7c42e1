"""Readers over a watched store, and a forward reader as the kernel is one."""

import random

from tests.engine.files.watched_store import WatchedStore
from vfs.engine.cache.blocks import ContentId, MemoryBlocks
from vfs.engine.cache.budget import MemoryBudget
from vfs.engine.files.reader import BlockReader
from vfs.engine.workers import Workers

KIB, MIB = 1 << 10, 1 << 20
GRID = 128 * KIB
CONTENT = random.Random(7).randbytes(40 * MIB + 12345)
ROOMY = 256 * MIB


def reader_of(
    store: WatchedStore, workers: Workers, *, memory=None, disk=None, budget=ROOMY, max_parts=8
) -> BlockReader:
    memory = memory or MemoryBlocks(MemoryBudget(budget))
    content = ContentId("mount", "key", store.etag or "none")
    size = len(store.content)
    return BlockReader(store, "key", content, size, memory, disk, workers, store.etag, max_parts=max_parts)


def read_on(reader: BlockReader, start: int, end: int, step: int) -> bytes:
    """What a forward reader gets, from memory where it is there, as the kernel's requests do."""
    pieces = []
    for offset in range(start, end, step):
        data = reader.read_ready(offset, step)
        pieces.append(bytes(reader.read(offset, step) if data is None else data))
    return b"".join(pieces)
