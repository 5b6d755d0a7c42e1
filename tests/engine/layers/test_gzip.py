"""The gzip layer: ordinary gzip files, equal for equal contents, read by range, sized without inflating."""

import contextlib
import gzip
import random
from collections.abc import Iterator
from typing import ClassVar

import pytest

from vfs.engine.backend import Backend, CompletesEntries
from vfs.engine.errors import StorageError
from vfs.engine.layers import gzip as gzip_layer
from vfs.engine.layers import gzip_index
from vfs.engine.layers.gzip import BLOCK, GzipLayer, GzipOptions
from vfs.testing.layer_content import ContentLayerContract
from vfs.testing.layer_store import WatchedStore
from vfs.testing.limits import content


class TestGzip(ContentLayerContract):
    adds: ClassVar[frozenset[type]] = frozenset({CompletesEntries})

    def wrap(self, inner: Backend) -> Backend:
        return GzipLayer(inner)


@pytest.fixture
def store() -> WatchedStore:
    return WatchedStore()


TEXT = b"the quick brown fox " * 150_000
"""Nearly three blocks."""


@pytest.mark.parametrize("size", [0, 1, BLOCK, BLOCK + 1, len(TEXT)])
def test_any_program_reads_what_is_stored(store: WatchedStore, size: int) -> None:
    """The index is no content to it."""
    GzipLayer(store).write("f", TEXT[:size])
    assert gzip.decompress(content(store, "f")) == TEXT[:size]


def test_equal_contents_are_equal_bytes(store: WatchedStore) -> None:
    """Whenever they are written, and in whatever pieces."""

    def pieces() -> Iterator[bytes]:
        for start in range(0, len(TEXT), 70_001):
            yield TEXT[start : start + 70_001]

    layer = GzipLayer(store)
    layer.write("one", TEXT)
    layer.write("two", pieces())
    assert content(store, "one") == content(store, "two")
    assert len(content(store, "one")) < len(TEXT) // 100


def test_the_level_is_the_choice(store: WatchedStore) -> None:
    """Harder work, smaller files; any level reads any other."""
    numbers = random.Random(3)
    words = [numbers.randbytes(5) for _ in range(500)]
    data = b"".join(numbers.choice(words) for _ in range(100_000))
    for level in (1, 9):
        GzipLayer(store, GzipOptions(level=level)).write(f"level-{level}", data)
    assert store.stat("level-9").size < store.stat("level-1").size
    assert content(GzipLayer(store), "level-1") == content(GzipLayer(store), "level-9") == data


def test_a_range_costs_its_blocks(store: WatchedStore) -> None:
    """Once the end of the file was read, one request for the blocks that the range touches."""
    data = random.Random(5).randbytes(4 * BLOCK)
    GzipLayer(store).write("f", data)
    layer, etag = GzipLayer(store), store.stat("f").etag
    store.requests.clear()
    store.answers.clear()
    assert bytes(layer.read("f", 2 * BLOCK + 9, 2 * BLOCK + 12)) == data[2 * BLOCK + 9 : 2 * BLOCK + 12]
    assert store.requests == ["stat f", "read f", "read f"]
    assert store.answers[0] == gzip_layer.TAIL
    assert BLOCK < store.answers[1] < BLOCK + 2000
    store.requests.clear()
    layer.read("f", 0, 1, if_match=etag)
    assert layer.stat("f").size == len(data)
    assert store.requests == ["read f", "stat f"]


def test_sizes_of_a_listing_are_left_out_until_they_are_known(store: WatchedStore) -> None:
    """An entry says that it is incomplete; a stat completes it for this and every later listing."""
    GzipLayer(store).write("f", TEXT)
    layer = GzipLayer(store)
    [listed] = layer.list("")
    assert not listed.complete
    assert layer.stat("f").size == len(TEXT)
    [listed] = layer.list("")
    assert (listed.complete, listed.size) == (True, len(TEXT))


@pytest.mark.parametrize("members", [1, 3])
def test_files_of_other_programs_are_read(store: WatchedStore, members: int) -> None:
    """Of one member or several, by range, with their true size, inflated once."""
    part = len(TEXT) // members
    store.write("f", b"".join(gzip.compress(TEXT[n * part : (n + 1) * part]) for n in range(members)))
    layer = GzipLayer(store, GzipOptions(memory=1000))
    assert layer.stat("f").size == part * members
    store.requests.clear()
    assert bytes(layer.read("f", 1_000_000, 1_000_100)) == TEXT[1_000_000:1_000_100]
    assert content(layer, "f") == TEXT[: part * members]
    assert store.requests == ["stat f", "read f"] * 2


def test_highly_compressed_files_of_other_programs_end_where_they_end(store: WatchedStore) -> None:
    """Inflating in pieces loses nothing that is still to come when all of the input has been taken."""
    for size in (1 << 20, (1 << 20) + 1, 3 << 20, 10_000_000):
        store.write("f", gzip.compress(bytes(size), 9))
        assert content(GzipLayer(store), "f") == bytes(size)


def test_damage_is_found(store: WatchedStore) -> None:
    """A flipped byte, anywhere it matters, and a file cut short are errors and never other content."""
    numbers = random.Random(9)
    data = numbers.randbytes(3000)
    GzipLayer(store).write("f", data)
    stored = content(store, "f")
    for place in range(0, len(stored), 7):
        damaged = bytearray(stored)
        damaged[place] ^= 1 << numbers.randrange(8)
        store.write("f", damaged)
        with contextlib.suppress(StorageError):
            assert content(GzipLayer(store), "f") == data
    for length in (1, 100, len(stored) - 60, len(stored) - 1):
        store.write("f", stored[:length])
        with pytest.raises(StorageError):
            GzipLayer(store).read("f")


def test_a_block_never_inflates_to_more_than_it_says(store: WatchedStore) -> None:
    """A forged index is no way to fill this machine's memory."""
    bomb = gzip.compress(bytes(50_000_000), mtime=0)
    store.write("f", bomb + b"".join(gzip_index.members(10, 10, [len(bomb)])))
    layer = GzipLayer(store)
    assert layer.stat("f").size == 10
    with pytest.raises(StorageError):
        layer.read("f")


def test_a_long_index_is_read_whole(store: WatchedStore, monkeypatch: pytest.MonkeyPatch) -> None:
    """Also where the first look at the file's end shows only the last part of it."""
    monkeypatch.setattr(gzip_layer, "TAIL", gzip_index.FOOTER_SIZE + 3)
    GzipLayer(store).write("f", TEXT)
    assert content(GzipLayer(store), "f") == TEXT


def test_an_index_is_what_was_written() -> None:
    """For more blocks than one member holds, and for none."""
    for count in (0, 1, gzip_index.SIZES_PER_MEMBER, 2 * gzip_index.SIZES_PER_MEMBER + 1):
        sizes = [random.Random(count).randrange(1 << 32) for _ in range(count)]
        written = b"".join(gzip_index.members(100, count * 100, sizes))
        assert gzip.decompress(written) == b""
        assert gzip_index.footer(written) == (100, count * 100, len(written) - gzip_index.FOOTER_SIZE)
        assert gzip_index.stored_sizes(written[: -gzip_index.FOOTER_SIZE]) == sizes
