"""What each act costs in requests: the numbers that docs/CONFIG.md promises."""

from collections.abc import Callable

import pytest

from tests.engine.s3.stores import opened
from tests.servers.fault_proxy import FaultProxy
from vfs.engine.backend import CompletesEntries, KeepsAttributes, KeepsMetadata, KeepsSymlinks
from vfs.engine.backends.s3 import S3Backend
from vfs.engine.entries import Attributes
from vfs.engine.errors import NotFound

OWNER = Attributes(mode=0o640, uid=1000, gid=1000, mtime_ns=1_600_000_000_123_456_789)


def cost(proxy: FaultProxy, act: Callable[[], object]) -> dict[str, int]:
    """The requests of one act, by S3 call."""
    with proxy.counting() as counted:
        act()
    return dict(counted)


def test_writing_a_small_file_is_one_put(counted: S3Backend, proxy: FaultProxy) -> None:
    """Attributes and metadata go with the bytes, conditions too."""
    write = counted.write
    assert cost(proxy, lambda: write("d/a", b"x" * 1024, attributes=OWNER)) == {"PUT": 1}
    assert cost(proxy, lambda: write("d/b", b"x", overwrite=False, metadata={"k": "v"})) == {"PUT": 1}
    assert cost(proxy, lambda: write("d/c", iter([b"one", b"two"]))) == {"PUT": 1}
    assert cost(proxy, lambda: write("d/d", b"")) == {"PUT": 1}


def test_extended_attributes_cost_no_request_of_their_own(
    counted: S3Backend, bucket: str, proxy: FaultProxy
) -> None:
    """They go with the bytes, and come with the entry; a listing tells those that we gave."""
    given = Attributes(mode=0o600, xattrs={"user.colour": b"red\0", "user.näme": b""})
    assert cost(proxy, lambda: counted.write("d/f", b"x", attributes=given)) == {"PUT": 1}
    listed = []
    assert cost(proxy, lambda: listed.extend(counted.list("d"))) == {"LIST": 1}
    assert [(entry.complete, entry.xattrs) for entry in listed] == [(True, given.xattrs)]
    with opened(proxy.url, bucket) as other:
        seen = []
        assert cost(proxy, lambda: seen.append(other.stat("d/f"))) == {"HEAD": 1}
        assert seen[0].attributes.xattrs == given.xattrs


def test_reading_a_small_file_is_one_get(counted: S3Backend, proxy: FaultProxy) -> None:
    """Whole or in part, pinned or not."""
    etag = counted.write("f", b"x" * 1024).etag
    assert cost(proxy, lambda: counted.read("f")) == {"GET": 1}
    assert cost(proxy, lambda: counted.read("f", 10, 20, if_match=etag)) == {"GET": 1}


def test_stat_of_a_file_is_one_head(counted: S3Backend, proxy: FaultProxy) -> None:
    """Nothing else is asked for what is there."""
    counted.write("d/f", b"x", attributes=OWNER)
    assert cost(proxy, lambda: counted.stat("d/f")) == {"HEAD": 1}


def test_stat_of_nothing_is_a_head_and_a_listing(counted: S3Backend, proxy: FaultProxy) -> None:
    """What is no file may be a folder."""

    def stat() -> None:
        with pytest.raises(NotFound):
            counted.stat("absent")

    assert cost(proxy, stat) == {"HEAD": 1, "LIST": 1}


def test_stat_of_a_folder_asks_for_its_marker(counted: S3Backend, proxy: FaultProxy) -> None:
    """One request more than for nothing, where there is a marker to have attributes."""
    counted.make_directory("made", attributes=OWNER)
    counted.write("implied/f", b"x")
    assert cost(proxy, lambda: counted.stat("made")) == {"HEAD": 2, "LIST": 1}
    assert cost(proxy, lambda: counted.stat("implied")) == {"HEAD": 1, "LIST": 1}


def test_listing_a_thousand_written_files_is_one_request(counted: S3Backend, proxy: FaultProxy) -> None:
    """With every attribute, since we gave them; one file more is one page more."""
    for number in range(1000):
        counted.write(f"d/{number}", b"x", attributes=OWNER)
    listed = []
    assert cost(proxy, lambda: listed.extend(counted.list("d"))) == {"LIST": 1}
    assert len(listed) == 1000
    assert all(entry.complete and entry.attributes.mode == 0o640 for entry in listed)
    counted.write("d/one-more", b"x")
    assert cost(proxy, lambda: list(counted.list("d"))) == {"LIST": 2}


def test_entries_of_others_are_completed_by_one_head_each(
    counted: S3Backend, bucket: str, proxy: FaultProxy
) -> None:
    """And once only: what was told is remembered while the file stays as it is."""
    completes = counted.ability(CompletesEntries)
    assert completes is not None
    with opened(proxy.url, bucket) as other:
        for number in range(20):
            other.write(f"d/{number}", b"x", attributes=OWNER)
    listed = list(counted.list("d"))
    assert not any(entry.complete for entry in listed)
    found = []
    assert cost(proxy, lambda: found.extend(completes.complete_entries("d", listed))) == {"HEAD": 20}
    assert [entry.name for entry in found] == [entry.name for entry in listed]
    assert {entry.mode for entry in found} == {0o640}
    assert cost(proxy, lambda: found.extend(counted.list("d"))) == {"LIST": 1}
    assert all(entry.complete for entry in found)


def test_deleting_is_one_request_once_the_folder_is_known_to_last(
    counted: S3Backend, proxy: FaultProxy
) -> None:
    """The first delete in a folder without a marker makes one, which takes SeaweedFS three requests."""
    counted.make_directory("made")
    for key in ("d/a", "d/b", "made/f"):
        counted.write(key, b"x")
    assert cost(proxy, lambda: counted.delete("made/f")) == {"DELETE": 1}
    assert cost(proxy, lambda: counted.delete("d/a")) == {"PUT": 2, "HEAD": 1, "DELETE": 1}
    assert cost(proxy, lambda: counted.delete("d/b")) == {"DELETE": 1}
    counted.write("top", b"x")
    assert cost(proxy, lambda: counted.delete("top")) == {"DELETE": 1}


def test_a_thousand_deletes_are_one_request(counted: S3Backend, proxy: FaultProxy) -> None:
    """Whether they are there or not."""
    counted.make_directory("d")
    for number in range(100):
        counted.write(f"d/{number}", b"x")
    keys = [f"d/{number}" for number in range(1000)]
    assert cost(proxy, lambda: counted.delete_many(keys)) == {"DELETE MANY": 1}


def test_copying_is_one_request(counted: S3Backend, proxy: FaultProxy) -> None:
    """No bytes travel, and attributes go along."""
    counted.write("f", b"x" * 1024, attributes=OWNER)
    assert cost(proxy, lambda: counted.copy("f", "g")) == {"COPY": 1}
    assert counted.stat("g").attributes == OWNER


def test_making_a_folder_is_a_listing_and_a_put(counted: S3Backend, proxy: FaultProxy) -> None:
    """The first one also finds out whether the store keeps a marker's metadata."""
    counted.make_directory("first")
    assert cost(proxy, lambda: counted.make_directory("second", attributes=OWNER)) == {"LIST": 1, "PUT": 1}


def test_removing_a_folder_is_a_listing_and_a_delete(counted: S3Backend, proxy: FaultProxy) -> None:
    """And nothing for each folder above."""
    counted.make_directory("d")
    assert cost(proxy, lambda: counted.remove_directory("d")) == {"LIST": 1, "DELETE": 1}


def test_changing_attributes_is_a_head_and_a_copy(counted: S3Backend, proxy: FaultProxy) -> None:
    """The copy is inside the store, onto the object itself."""
    counted.write("f", b"x" * 1024)
    keeps, metadata = counted.ability(KeepsAttributes), counted.ability(KeepsMetadata)
    assert keeps is not None
    assert metadata is not None
    assert cost(proxy, lambda: keeps.set_attributes("f", OWNER)) == {"HEAD": 1, "COPY": 1}
    assert cost(proxy, lambda: metadata.set_metadata("f", {"k": "v"})) == {"HEAD": 1, "COPY": 1}


def test_making_a_symlink_is_one_put(counted: S3Backend, proxy: FaultProxy) -> None:
    """And reading it one GET."""
    links = counted.ability(KeepsSymlinks)
    assert links is not None
    assert cost(proxy, lambda: links.make_symlink("d/link", "target")) == {"PUT": 1}
    assert cost(proxy, lambda: links.read_symlink("d/link")) == {"GET": 1}


def test_a_big_file_is_its_parts_plus_two(counted: S3Backend, proxy: FaultProxy) -> None:
    """Whatever its source: nobody knows a stream's length before its end."""
    size = 20 << 20
    chunk = bytes(1 << 20)
    expected = {"CREATE UPLOAD": 1, "PART": 3, "COMPLETE": 1}
    assert cost(proxy, lambda: counted.write("stream", iter([chunk] * 20))) == expected
    assert cost(proxy, lambda: counted.write("bytes", bytes(size))) == expected


def test_without_stored_attributes_every_listing_is_complete(proxy: FaultProxy, bucket: str) -> None:
    """`attributes: ignore` asks for no file, whoever wrote it."""
    with opened(proxy.url, bucket) as other:
        other.write("d/f", b"x", attributes=OWNER)
    with opened(proxy.url, bucket, attributes="ignore") as backend:
        listed = []
        assert cost(proxy, lambda: listed.extend(backend.list("d"))) == {"LIST": 1}
        assert [(entry.name, entry.complete, entry.mode) for entry in listed] == [("f", True, None)]
