"""The cache layer: read from a fast mount what a slow one said once, and never anything else."""

import errno
import logging
from collections.abc import Iterator
from typing import ClassVar

import pytest

from tests.engine.composites.flaky import Flaky
from vfs.engine.backend import Backend, Moves, OpensInPlace, ReadsBeginning, ReadsRanges
from vfs.engine.backends.memory import MemoryBackend
from vfs.engine.entries import Attributes, Entry
from vfs.engine.errors import Conflict, NotFound, StorageError
from vfs.engine.layers import fast_copies
from vfs.engine.layers.acts import Act
from vfs.engine.layers.cache import CacheLayer, CacheOptions
from vfs.engine.layers.fast_copies import CHUNK
from vfs.testing import LayerContract, WatchedStore
from vfs.testing.limits import ability, content, names


def cached(slow: Backend, fast: Backend | None = None, **options: object) -> CacheLayer:
    given = CacheOptions.model_validate({"mount": "ram", **options})
    return CacheLayer(slow, MemoryBackend() if fast is None else fast, given)


class TestCache(LayerContract):
    drops: ClassVar[frozenset[type]] = frozenset({OpensInPlace})

    def wrap(self, inner: Backend) -> Backend:
        return cached(inner)


class TestCacheThatAlwaysAsks(LayerContract):
    """Without expiry, and with room for a few chunks only."""

    drops: ClassVar[frozenset[type]] = frozenset({OpensInPlace})

    def wrap(self, inner: Backend) -> Backend:
        return cached(inner, expiry=0, size=3 * CHUNK)


class TestCacheWhoseFastMountFails(LayerContract):
    """Nothing but speed is lost."""

    drops: ClassVar[frozenset[type]] = frozenset({OpensInPlace})

    def wrap(self, inner: Backend) -> Backend:
        fast = Flaky(MemoryBackend())
        fast.down.set()
        return cached(inner, fast)


class RangedStore(WatchedStore):
    """A store that reads many ranges, and entry and beginning, in one request."""

    def read_ranges(self, key, ranges, *, if_match=None):  # type: ignore[no-untyped-def]
        self.requests.append(f"ranges {ranges}")
        return [MemoryBackend.read(self, key, *each, if_match=if_match) for each in ranges]

    def read_beginning(self, key: str, size: int) -> tuple[Entry, bytes]:
        self.requests.append(f"beginning {key}")
        return MemoryBackend.stat(self, key), bytes(MemoryBackend.read(self, key, 0, size))


@pytest.fixture
def slow() -> WatchedStore:
    return WatchedStore()


def test_a_second_read_asks_nothing(slow: WatchedStore) -> None:
    """Neither for the entry nor for bytes, pinned or not, of any range."""
    slow.write("d/f", b"0123456789" * 300_000)
    layer = cached(slow)
    whole = content(layer, "d/f")
    slow.requests.clear()
    assert content(layer, "d/f") == whole
    assert bytes(layer.read("d/f", 1_999_990, 2_000_010)) == whole[1_999_990:2_000_010]
    assert bytes(layer.read("d/f", if_match=layer.stat("d/f").etag)) == whole
    assert slow.requests == []


def test_always_asking_is_one_look(slow: WatchedStore) -> None:
    """With `expiry: 0` each read asks for the entry, and for no bytes that are here."""
    slow.write("f", b"content")
    layer = cached(slow, expiry=0)
    content(layer, "f")
    slow.requests.clear()
    assert content(layer, "f") == b"content"
    assert slow.requests == ["stat f"]


def test_what_others_wrote_is_seen_after_the_expiry(slow: WatchedStore) -> None:
    """At once where nothing is believed; a new ETag is a new content."""
    layer = cached(slow, expiry=0)
    slow.write("f", b"old")
    assert content(layer, "f") == b"old"
    old = layer.stat("f").etag
    slow.write("f", b"new")
    assert content(layer, "f") == b"new"
    with pytest.raises(Conflict):
        layer.read("f", if_match=old)


def test_a_pinned_read_of_what_is_newer_than_believed_asks(slow: WatchedStore) -> None:
    """Who knows a newer ETag than this layer gets its content."""
    layer = cached(slow, expiry=3600)
    slow.write("f", b"old")
    assert content(layer, "f") == b"old"
    new = slow.write("f", b"new").etag
    assert bytes(layer.read("f", if_match=new)) == b"new"
    assert content(layer, "f") == b"new"


def test_a_replaced_file_is_never_mixed(slow: WatchedStore) -> None:
    """Believed to be the old one, of which a part is not here: the new one is given whole."""
    old, new = b"o" * 3 * CHUNK, b"n" * 3 * CHUNK
    layer = cached(slow, expiry=3600)
    slow.write("f", old)
    layer.read("f", 0, 10)
    slow.write("f", new)
    assert content(layer, "f") == new
    slow.delete("f")
    with pytest.raises(NotFound):
        layer.read("f", CHUNK, 2 * CHUNK, if_match="another")


def test_one_byte_of_a_big_file_is_one_chunk(slow: WatchedStore) -> None:
    """And its neighbours come from there."""
    slow.write("big", bytes(20 * CHUNK))
    layer = cached(slow)
    layer.read("big", 7 * CHUNK + 5, 7 * CHUNK + 6)
    assert slow.answers == [CHUNK]
    layer.read("big", 7 * CHUNK, 8 * CHUNK)
    assert slow.answers == [CHUNK]
    layer.read("big", 6 * CHUNK, 10 * CHUNK)
    assert slow.answers == [CHUNK, CHUNK, 2 * CHUNK]


def test_what_was_written_is_read_from_the_fast_mount(slow: WatchedStore) -> None:
    """From bytes and from a stream; the slow store has it first."""
    layer = cached(slow)
    layer.write("f", b"content")
    layer.write("g", iter([b"a" * CHUNK, b"b" * CHUNK, b"c"]))
    assert content(slow, "g") == b"a" * CHUNK + b"b" * CHUNK + b"c"
    slow.requests.clear()
    assert content(layer, "f") == b"content"
    assert content(layer, "g") == b"a" * CHUNK + b"b" * CHUNK + b"c"
    assert slow.requests == []


def test_a_write_bigger_than_a_quarter_of_the_cache_is_not_kept(slow: WatchedStore) -> None:
    """It would drive out what is in use."""
    fast = MemoryBackend()
    layer = cached(slow, fast, size=8 * CHUNK)
    layer.write("f", iter([bytes(CHUNK)] * 4))
    layer.write("g", bytes(4 * CHUNK))
    assert names(fast) == []
    assert len(content(layer, "f")) == 4 * CHUNK


def test_a_failed_write_leaves_what_was(slow: WatchedStore) -> None:
    """The old content is believed no more, and asked for again."""

    def broken() -> Iterator[bytes]:
        yield b"x" * CHUNK
        raise ValueError("broken")

    layer = cached(slow)
    layer.write("f", b"old")
    with pytest.raises(ValueError, match="broken"):
        layer.write("f", broken())
    assert content(layer, "f") == b"old"


def test_moves_and_changes_are_seen_at_once(slow: WatchedStore) -> None:
    """Whatever was believed of a key, or of keys below it."""
    layer = cached(slow, expiry=3600)
    layer.write("d/f", b"one", attributes=Attributes(mode=0o600))
    layer.write("e/f", b"two")
    assert (content(layer, "d/f"), content(layer, "e/f"), layer.stat("d/f").mode) == (b"one", b"two", 0o600)
    moves = ability(layer, Moves)
    moves.move("d", "e", exchange=True)
    assert (content(layer, "d/f"), content(layer, "e/f")) == (b"two", b"one")
    moves.move("e", "g")
    with pytest.raises(NotFound):
        layer.read("e/f")
    slow.write("g/f", b"changed by another mount")
    layer.forget("g")
    assert content(layer, "g/f") == b"changed by another mount"


def test_the_fast_mount_keeps_to_its_size(slow: WatchedStore) -> None:
    """The least recently used chunks leave it."""
    fast = MemoryBackend()
    layer = cached(slow, fast, size=3 * CHUNK)
    for name in "abc":
        slow.write(name, name.encode() * CHUNK)
        content(layer, name)
    content(layer, "a")
    slow.write("d", b"d" * CHUNK)
    content(layer, "d")
    slow.requests.clear()
    for name in "acd":
        content(layer, name)
    assert slow.requests == []
    content(layer, "b")
    assert slow.requests == ["read b"]
    space = fast.space()
    assert space.total_bytes is not None
    assert space.free_bytes is not None
    assert space.total_bytes - space.free_bytes == 3 * CHUNK


@pytest.mark.parametrize("sweeps", [True, False])
def test_the_next_process_finds_what_is_kept(
    slow: WatchedStore, sweeps: bool, monkeypatch: pytest.MonkeyPatch
) -> None:
    """From the fast mount's listing, oldest first, and within the size that is set then."""
    fast = Flaky(MemoryBackend())
    if not sweeps:
        monkeypatch.setattr(Flaky, "exposes", frozenset())
    first = cached(slow, fast)
    for name in "abc":
        slow.write(name, name.encode() * CHUNK)
        content(first, name)
    second = cached(slow, fast, size=2 * CHUNK)
    slow.requests.clear()
    assert content(second, "c") == b"c" * CHUNK
    assert content(second, "b") == b"b" * CHUNK
    assert slow.requests == ["stat c", "stat b"]
    assert content(second, "a") == b"a" * CHUNK
    assert slow.requests[-1] == "read a"


def test_stores_that_share_a_fast_mount_do_not_mix() -> None:
    """One key and one ETag in two stores are two contents."""

    class Numbered(MemoryBackend):
        location: str

        def __init__(self, location: str) -> None:
            super().__init__()
            self.location = location
            self._etag_prefix = "same"

    fast = MemoryBackend()
    one, two = Numbered("memory:one"), Numbered("memory:two")
    one.write("f", b"one")
    two.write("f", b"two")
    assert one.stat("f").etag == two.stat("f").etag
    for _ in range(2):
        assert content(cached(one, fast), "f") == b"one"
        assert content(cached(two, fast), "f") == b"two"


def test_a_failing_fast_mount_is_told_of_once(
    slow: WatchedStore, caplog: pytest.LogCaptureFixture, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Reads and writes go on; it is left alone, and used again when it works."""
    monkeypatch.setattr(fast_copies, "PAUSE", 0.0)
    fast = Flaky(MemoryBackend())
    layer = cached(slow, fast)
    slow.write("f", b"content")
    assert content(layer, "f") == b"content"
    fast.failing[Act.READ] = StorageError("damaged", errno=errno.EIO)
    fast.failing[Act.WRITE] = StorageError("full", errno=errno.ENOSPC)
    with caplog.at_level(logging.WARNING):
        for number in range(5):
            assert content(layer, "f") == b"content"
            layer.write(f"g{number}", b"written")
    assert len(caplog.records) == 1
    fast.failing.clear()
    layer.write("h", b"kept")
    slow.requests.clear()
    assert content(layer, "h") == b"kept"
    assert slow.requests == []


def test_a_failing_fast_mount_is_left_alone(slow: WatchedStore) -> None:
    """It is not waited for at every read."""
    fast = Flaky(MemoryBackend())
    fast.down.set()
    layer = cached(slow, fast)
    slow.write("f", b"content")
    for _ in range(10):
        assert content(layer, "f") == b"content"
    assert len(fast.asked) == 1


def test_a_damaged_copy_is_not_given(slow: WatchedStore) -> None:
    """One that is too short, or gone, is fetched anew."""
    fast = MemoryBackend()
    layer = cached(slow, fast)
    slow.write("f", b"content")
    slow.write("g", b"content")
    content(layer, "f")
    content(layer, "g")
    places = [place for place, entry in fast.sweep("") if entry.is_file]
    fast.write(places[0], b"cut")
    fast.delete(places[1])
    assert content(layer, "f") == content(layer, "g") == b"content"
    assert content(layer, "f") == content(layer, "g") == b"content"


def test_many_ranges_are_one_request() -> None:
    """Those that are missing; the others come from the fast mount."""
    store = RangedStore()
    whole = bytes(range(256)) * (10 * CHUNK // 256)
    store.write("f", whole)
    layer = cached(store)
    layer.read("f", 0, 1)
    store.requests.clear()
    wanted = [(5, 10), (3 * CHUNK, 3 * CHUNK + 7), (8 * CHUNK - 1, 8 * CHUNK + 1), (4, 4)]
    found = ability(layer, ReadsRanges).read_ranges("f", wanted)
    assert [bytes(each) for each in found] == [whole[start:end] for start, end in wanted]
    expected = [(3 * CHUNK, 4 * CHUNK), (7 * CHUNK, 9 * CHUNK)]
    assert store.requests == [f"ranges {expected}"]


def test_opening_a_file_is_one_request_once() -> None:
    """Its entry and its beginning together; then none."""
    store = RangedStore()
    store.write("f", b"content")
    beginnings = ability(cached(store), ReadsBeginning)
    store.requests.clear()
    for _ in range(2):
        entry, data = beginnings.read_beginning("f", 100)
        assert (entry.size, bytes(data)) == (7, b"content")
    assert store.requests == ["beginning f"]


def test_a_listing_says_what_is_there(slow: WatchedStore) -> None:
    """What was listed is read with one request, its bytes'."""
    for number in range(5):
        slow.write(f"d/{number}", b"x")
    layer = cached(slow)
    slow.requests.clear()
    for entry in layer.list("d"):
        content(layer, f"d/{entry.name}")
        layer.stat(f"d/{entry.name}")
    assert slow.requests == ["list d", *(f"read d/{number}" for number in range(5))]


def test_the_cache_keeps_to_its_folder(slow: WatchedStore) -> None:
    """What else is in the fast mount is neither counted nor touched."""
    fast = MemoryBackend()
    fast.write("mine/f", b"x" * CHUNK)
    layer = cached(slow, fast, prefix="kept/here", size=CHUNK)
    for name in "ab":
        slow.write(name, name.encode() * CHUNK)
        content(layer, name)
    assert names(fast) == ["kept", "mine"]
    assert content(fast, "mine/f") == b"x" * CHUNK
