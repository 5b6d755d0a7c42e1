"""The buffer layer: every file is fetched once, whole, and read from here."""

import gc
import os
import weakref
from typing import ClassVar

import pytest

from vfs.engine.backend import Backend, OpensInPlace, ReadsBeginning, ReadsRanges
from vfs.engine.layers.buffer import BufferLayer, BufferOptions
from vfs.engine.layers.spools import Spool, Spools
from vfs.testing.layer import LayerContract
from vfs.testing.layer_store import WatchedStore
from vfs.testing.limits import content


class TestBuffer(LayerContract):
    drops: ClassVar[frozenset[type]] = frozenset({OpensInPlace, ReadsBeginning, ReadsRanges})
    streams = False
    largest_piece = 64 << 20

    def wrap(self, inner: Backend) -> Backend:
        return BufferLayer(inner)


class TestBufferOnDisk(TestBuffer):
    """Files that are on disk from the first bytes on, fetched piece by piece, and only one of them kept."""

    largest_piece = 1 << 20

    def wrap(self, inner: Backend) -> Backend:
        return BufferLayer(inner, BufferOptions(memory=10, keep=0, piece=1 << 20))


def test_a_file_is_fetched_once() -> None:
    """However many ranges are read, until it is another file."""
    store = WatchedStore()
    store.write("f", b"0123456789")
    layer = BufferLayer(store)
    for start in range(10):
        assert bytes(layer.read("f", start, start + 2)) == b"0123456789"[start : start + 2]
    assert store.answers == [10]
    store.write("f", b"another")
    assert content(layer, "f") == b"another"
    assert store.answers == [10, 7]


def test_what_is_kept_is_limited() -> None:
    """The least recently used files go first; the last one stays whatever its size."""
    store = WatchedStore()
    layer = BufferLayer(store, BufferOptions(keep=20))
    for name in "abc":
        store.write(name, b"0123456789")
        layer.read(name)
    for name in "cba":
        layer.read(name)
    assert store.requests.count("read c") == store.requests.count("read b") == 1
    assert store.requests.count("read a") == 2


@pytest.mark.parametrize("in_memory", [0, 1000])
def test_a_spool_is_gone_when_nobody_holds_it(in_memory: int) -> None:
    """Its file has no name, and its descriptor is closed with it."""
    spool = Spool([b"0123456789"], in_memory)
    descriptor = spool._file
    assert bytes(spool.read(2, 5)) == b"234"
    assert bytes(spool.read(8, 100)) == b"89"
    assert bytes(spool.read(100)) == b""
    assert (descriptor is None) == (in_memory == 1000)
    gone = weakref.ref(spool)
    del spool
    gc.collect()
    assert gone() is None
    if descriptor is not None:
        with pytest.raises(OSError):
            os.fstat(descriptor)


def test_a_failed_filling_keeps_nothing() -> None:
    """The next who asks tries again."""
    spools = Spools(100, 100)

    def broken() -> list[bytes]:
        raise ValueError("broken")

    with pytest.raises(ValueError, match="broken"):
        spools.filled("id", broken)
    assert bytes(spools.filled("id", lambda: [b"whole"]).read(0)) == b"whole"
