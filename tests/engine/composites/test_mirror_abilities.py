"""What a mirror can do besides the contract: what all members can, done by all and told by one."""

from collections.abc import Iterable, Iterator, Sequence
from pathlib import Path

import pytest

from vfs.engine.backend import (
    Backend,
    Buffer,
    DeletesMany,
    HasLocation,
    KeepsHardLinks,
    KeepsMetadata,
    Moves,
    ReadsBeginning,
    ReadsRanges,
    ReportsSpace,
    UploadsParts,
)
from vfs.engine.backends.memory import MemoryBackend, MemoryOptions
from vfs.engine.capabilities import Capability
from vfs.engine.composites.mirror import MirrorBackend, MirrorOptions
from vfs.engine.entries import Entry
from vfs.engine.errors import CapabilityNotSupported, Conflict, NotFound
from vfs.engine.layers.readonly import ReadOnlyLayer
from vfs.testing.limits import ability, content, names


class ObjectStore(MemoryBackend):
    """A store that saves requests in all the ways there are."""

    def __init__(self, location: str, size: int = 1 << 30) -> None:
        super().__init__(MemoryOptions(size=size))
        self.location = location

    def read_ranges(
        self, key: str, ranges: Sequence[tuple[int, int]], *, if_match: str | None = None
    ) -> list[Buffer]:
        return [self.read(key, start, end, if_match=if_match) for start, end in ranges]

    def read_beginning(self, key: str, size: int) -> tuple[Entry, Buffer]:
        return self.stat(key), self.read(key, 0, size)

    def delete_many(self, keys: Iterable[str]) -> None:
        for key in keys:
            try:
                self.delete(key)
            except NotFound:
                continue


class Plain(MemoryBackend):
    """A store without metadata and renames."""

    @property
    def capabilities(self) -> frozenset[Capability]:
        return super().capabilities - {Capability.USER_METADATA, Capability.ATOMIC_MOVE}

    def ability(self, wanted: type) -> object:  # type: ignore[override]
        return None if wanted in {KeepsMetadata, Moves} else super().ability(wanted)


def mirror_of(folder: Path, one: Backend, two: Backend) -> MirrorBackend:
    return MirrorBackend(
        {"one": one, "two": two}, MirrorOptions(mounts=("one", "two")), str(folder / "record")
    )


@pytest.fixture
def stores() -> tuple[ObjectStore, ObjectStore]:
    return ObjectStore("memory:one"), ObjectStore("memory:two", size=1 << 20)


@pytest.fixture
def mirror(tmp_path: Path, stores: tuple[ObjectStore, ObjectStore]) -> Iterator[MirrorBackend]:
    mirror = mirror_of(tmp_path, *stores)
    yield mirror
    mirror.close()


def test_many_files_are_deleted_at_every_member(
    mirror: MirrorBackend, stores: tuple[ObjectStore, ObjectStore]
) -> None:
    """More than go into one batch, absent ones among them."""
    for number in range(1100):
        mirror.write(f"d/{number}", b"x")
    ability(mirror, DeletesMany).delete_many(f"d/{number}" for number in range(-5, 1099))
    assert [names(store, "d") for store in stores] == [["1099"], ["1099"]]


def test_ranges_and_beginnings_are_told_by_one_member(mirror: MirrorBackend) -> None:
    """Pinned by the mirror's own ETag."""
    etag = mirror.write("f", b"0123456789").etag
    entry, beginning = ability(mirror, ReadsBeginning).read_beginning("f", 4)
    assert (entry, bytes(beginning)) == (mirror.stat("f"), b"0123")
    ranges = ability(mirror, ReadsRanges)
    assert [bytes(each) for each in ranges.read_ranges("f", [(2, 4), (8, 20)], if_match=etag)] == [
        b"23",
        b"89",
    ]
    mirror.write("f", b"new")
    with pytest.raises(Conflict):
        ranges.read_ranges("f", [(0, 1)], if_match=etag)


def test_space_and_place_are_those_of_all(mirror: MirrorBackend) -> None:
    """What fits into the smallest; a location that no other mirror has."""
    usage = ability(mirror, ReportsSpace).space()
    assert usage.total_bytes == mirror.largest_file == 1 << 20
    assert ability(mirror, HasLocation).location == "mirror:memory:one|memory:two"


def test_what_one_member_cannot_do_the_mirror_cannot(
    tmp_path: Path, stores: tuple[ObjectStore, ObjectStore]
) -> None:
    """Neither the ability nor the word for it is there, and metadata are refused, not dropped."""
    mirror = mirror_of(tmp_path, stores[0], Plain())
    for wanted in (KeepsMetadata, Moves, HasLocation, UploadsParts, KeepsHardLinks):
        assert mirror.ability(wanted) is None
    assert not mirror.capabilities & {Capability.USER_METADATA, Capability.ATOMIC_MOVE}
    with pytest.raises(CapabilityNotSupported):
        mirror.write("f", b"x", metadata={"a": "b"})
    mirror.write("f", b"x")
    assert content(mirror, "f") == b"x"
    mirror.close()


def test_a_read_only_member_makes_a_read_only_mirror(
    tmp_path: Path, stores: tuple[ObjectStore, ObjectStore]
) -> None:
    """It says so in its capabilities."""
    mirror = mirror_of(tmp_path, stores[0], ReadOnlyLayer(stores[1]))
    assert Capability.READONLY in mirror.capabilities
    assert Capability.WRITE not in mirror.capabilities
    mirror.close()
