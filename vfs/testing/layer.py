"""The conformance suite of layers: subclass `LayerContract` and say how the layer goes around a storage."""

import inspect
import random
from collections.abc import Iterator
from typing import ClassVar

import pytest

from vfs.engine import backend as contract
from vfs.engine import histories, node_abilities, originals, partial_moves
from vfs.engine.backend import Backend, HasLocation
from vfs.engine.capabilities import Capability
from vfs.engine.errors import NotFound
from vfs.testing.backend import BackendContract
from vfs.testing.layer_store import WatchedStore
from vfs.testing.limits import content, names

ABILITIES: list[type[object]] = [
    kind
    for module in (contract, histories, originals, node_abilities, partial_moves)
    for kind in vars(module).values()
    if inspect.isclass(kind) and getattr(kind, "_is_runtime_protocol", False)
]
"""All that a backend may have besides the contract."""

MEBIBYTE = 1 << 20


class LayerContract(BackendContract):
    """A layer keeps the contract of backends, and changes nothing but what it is for."""

    many_files: ClassVar[int] = 200
    """It stands on a memory, whose listings have no pages."""
    drops: ClassVar[frozenset[type]] = frozenset()
    """Abilities that its purpose rules out."""
    adds: ClassVar[frozenset[type]] = frozenset()
    """Abilities that it has of its own."""
    loses: ClassVar[frozenset[Capability]] = frozenset()
    """The capabilities that go with them."""
    gains: ClassVar[frozenset[Capability]] = frozenset()
    """The capabilities of those that it adds."""
    is_invisible: ClassVar[bool] = True
    """Keys and contents in the store are the ones that are shown."""
    streams: ClassVar[bool] = True
    """A write begins to arrive before its source has ended."""
    largest_piece: ClassVar[int] = 2 * MEBIBYTE
    """Bytes of one file that are held at a time, in either direction."""
    requests_of_a_listing: ClassVar[int] = 1
    """What listing a folder of any number of entries costs."""

    def wrap(self, inner: Backend) -> Backend:
        """The layer around a storage."""
        raise NotImplementedError("a subclass says how the layer goes around a storage")

    @pytest.fixture
    def inner(self) -> WatchedStore:
        return WatchedStore()

    @pytest.fixture
    def backend(self, inner: WatchedStore) -> Backend:
        return self.wrap(inner)

    def test_abilities_are_those_of_the_store_but_for_the_declared(
        self, backend: Backend, inner: Backend
    ) -> None:
        """No ability is lost by oversight, none appears from nowhere."""
        for wanted in ABILITIES:
            found = backend.ability(wanted)
            kept = inner.ability(wanted) is not None and wanted not in self.drops
            assert (found is not None) == (kept or wanted in self.adds), wanted
            assert found is None or isinstance(found, wanted)

    def test_capabilities_are_those_of_the_store_but_for_the_declared(
        self, backend: Backend, inner: Backend
    ) -> None:
        """The words say what the stack can do, not what the store beneath could."""
        assert backend.capabilities == (inner.capabilities - self.loses) | self.gains

    def test_what_the_store_says_of_itself_stays(self, backend: Backend, inner: Backend) -> None:
        """Whether it is remote, and how large a file may be, but for what a layer adds to it."""
        assert backend.is_remote == inner.is_remote
        assert inner.largest_file // 3 < backend.largest_file <= inner.largest_file

    def test_a_location_tells_contents_apart(self, backend: Backend, inner: WatchedStore) -> None:
        """What is kept under a location is right for this stack: another content is another location."""
        located = backend.ability(HasLocation)
        if located is None:
            pytest.skip("no location")
        assert (located.location == inner.location) == self.is_invisible
        assert located.location.startswith(inner.location)
        again = self.wrap(WatchedStore()).ability(HasLocation)
        assert again is not None
        assert again.location == located.location

    def test_what_one_stack_wrote_another_reads(self, backend: Backend, inner: WatchedStore) -> None:
        """Nothing that is needed to read is kept outside of the store."""
        backend.write("d/f", b"content", metadata={"colour": "red"})
        backend.make_directory("d/empty")
        other = self.wrap(inner)
        assert content(other, "d/f") == b"content"
        assert bytes(other.read("d/f", 2, 5)) == b"nte"
        assert (other.stat("d/f").size, other.stat("d/f").metadata) == (7, {"colour": "red"})
        assert other.stat("d/f").etag == backend.stat("d/f").etag
        assert {entry.name: entry.size for entry in other.list("d") if entry.complete} in (
            {"f": 7, "empty": 0},
            {"empty": 0},
        )

    def test_listed_sizes_are_true_where_they_are_said_to_be(
        self, backend: Backend, inner: WatchedStore
    ) -> None:
        """Who lists for sizes need not ask for each; where a listing cannot tell them, the layer says so."""
        backend.write("d/f", b"content" * 1000)
        other = self.wrap(inner)
        [listed] = other.list("d")
        if listed.complete or other.lists_sizes:
            assert listed.size == 7000

    def test_keys_and_contents_are_untouched(self, backend: Backend, inner: WatchedStore) -> None:
        """An invisible layer leaves the store as if it were not there, in both directions."""
        if not self.is_invisible:
            pytest.skip("this layer changes what is stored")
        backend.write("d/through", b"content", metadata={"colour": "red"})
        inner.write("d/beside", b"content")
        assert content(inner, "d/through") == b"content"
        assert content(backend, "d/beside") == b"content"
        assert list(backend.list("d")) == list(inner.list("d"))
        assert backend.stat("d/through") == inner.stat("d/through")

    def test_a_listing_costs_no_request_per_entry(self, backend: Backend, inner: WatchedStore) -> None:
        """What a folder of two hundred files costs, one of ten would."""
        for number in range(200):
            backend.write(f"d/{number}", b"x")
        other = self.wrap(inner)
        inner.requests.clear()
        assert len(names(other, "d")) == 200
        assert len(inner.requests) <= self.requests_of_a_listing

    def test_a_file_streams_through(self, backend: Backend, inner: WatchedStore) -> None:
        """Sixteen MiB pass in small pieces, written while their source runs, and read range by range."""
        numbers = random.Random(7)
        blocks = [numbers.randbytes(MEBIBYTE // 4) for _ in range(4)]
        order = [numbers.randrange(4) for _ in range(64)]
        arrived_early = []

        def source() -> Iterator[bytes]:
            for number in order:
                yield blocks[number]
                arrived_early.append(bool(inner.pieces))

        assert backend.write("big", source()).size == 16 * MEBIBYTE
        assert arrived_early[-1] is self.streams
        assert max(inner.pieces) <= self.largest_piece
        etag = backend.stat("big").etag
        inner.answers.clear()
        for at in range(0, 64, 4):
            start = at * MEBIBYTE // 4
            expected = b"".join(blocks[number] for number in order[at : at + 4])
            assert bytes(backend.read("big", start, start + MEBIBYTE, if_match=etag)) == expected
        assert max(inner.answers, default=0) <= self.largest_piece

    def test_random_ranges_are_the_bytes_of_the_whole(self, backend: Backend) -> None:
        """Wherever a range begins and ends, in a file of several of any layer's blocks."""
        numbers = random.Random(11)
        whole = numbers.randbytes(1000) * 2300
        backend.write("f", whole)
        edges = [0, 1, 2, 3, 65_535, 65_536, 65_537, MEBIBYTE, len(whole) - 1, len(whole), len(whole) + 9]
        picked = [(start, end) for start in edges for end in edges if start <= end]
        for _ in range(20):
            start, end = sorted((numbers.randrange(len(whole)), numbers.randrange(len(whole))))
            picked.append((start, end))
        for start, end in picked:
            assert bytes(backend.read("f", start, end)) == whole[start:end]

    @pytest.mark.parametrize("size", [0, 1, 2, 3, 65_535, 65_536, 65_537, MEBIBYTE, MEBIBYTE + 1])
    def test_sizes_are_told_exactly(self, backend: Backend, inner: WatchedStore, size: int) -> None:
        """The size is that of the content: in the answer to a write, in an entry, and where reading ends."""
        data = random.Random(size).randbytes(size)
        assert backend.write("f", data).size == size
        assert self.wrap(inner).stat("f").size == size
        assert content(self.wrap(inner), "f") == data
        assert backend.stat("f").size == size

    def test_closing_closes_the_store(self, backend: Backend, inner: WatchedStore) -> None:
        """Nothing stays open beneath."""
        backend.close()
        assert inner.is_closed

    def test_a_deleted_file_written_again_is_the_new_one(self, backend: Backend) -> None:
        """Nothing remembered of an old file shows in a new one under its name."""
        backend.write("f", b"the old, long content")
        assert content(backend, "f") == b"the old, long content"
        backend.delete("f")
        with pytest.raises(NotFound):
            backend.read("f")
        backend.write("f", b"new")
        assert (content(backend, "f"), backend.stat("f").size) == (b"new", 3)
