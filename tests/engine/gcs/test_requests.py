"""What each act costs in requests: the numbers that docs/CONFIG.md promises."""

from collections.abc import Callable

import pytest

from tests.engine.gcs.stores import opened
from tests.servers.fault_proxy import FaultProxy
from vfs.engine.backend import KeepsAttributes, KeepsMetadata, KeepsSymlinks
from vfs.engine.backends.gcs import GcsBackend
from vfs.engine.entries import Attributes
from vfs.engine.errors import NotFound

OWNER = Attributes(mode=0o640, uid=1000, gid=1000, mtime_ns=1_600_000_000_123_456_789)


def cost(proxy: FaultProxy, act: Callable[[], object]) -> dict[str, int]:
    """The requests of one act, by kind."""
    with proxy.counting() as counted:
        act()
    return dict(counted)


def test_writing_a_small_file_is_one_put(counted: GcsBackend, gcs_proxy: FaultProxy) -> None:
    """Attributes and metadata go with the bytes, conditions too."""
    write = counted.write
    assert cost(gcs_proxy, lambda: write("d/a", b"x" * 1024, attributes=OWNER)) == {"PUT": 1}
    assert cost(gcs_proxy, lambda: write("d/b", b"x", overwrite=False, metadata={"k": "v"})) == {"PUT": 1}
    assert cost(gcs_proxy, lambda: write("d/c", iter([b"one", b"two"]))) == {"PUT": 1}
    assert cost(gcs_proxy, lambda: write("d/d", b"")) == {"PUT": 1}


def test_reading_a_small_file_is_one_get(counted: GcsBackend, gcs_proxy: FaultProxy) -> None:
    """Whole or in part, pinned or not."""
    etag = counted.write("f", b"x" * 1024).etag
    assert cost(gcs_proxy, lambda: counted.read("f")) == {"GET": 1}
    assert cost(gcs_proxy, lambda: counted.read("f", 10, 20, if_match=etag)) == {"GET": 1}


def test_stat_of_a_file_is_one_request(counted: GcsBackend, gcs_proxy: FaultProxy) -> None:
    """Nothing else is asked for what is there."""
    counted.write("d/f", b"x", attributes=OWNER)
    assert cost(gcs_proxy, lambda: counted.stat("d/f")) == {"HEAD": 1}


def test_stat_of_nothing_is_two_requests(counted: GcsBackend, gcs_proxy: FaultProxy) -> None:
    """What is no file may be a folder."""

    def stat() -> None:
        with pytest.raises(NotFound):
            counted.stat("absent")

    assert cost(gcs_proxy, stat) == {"HEAD": 1, "LIST": 1}


def test_stat_of_a_folder_is_two_requests(counted: GcsBackend, gcs_proxy: FaultProxy) -> None:
    """The listing that finds its marker tells its attributes."""
    counted.make_directory("made", attributes=OWNER)
    counted.write("implied/f", b"x")
    assert cost(gcs_proxy, lambda: counted.stat("made")) == {"HEAD": 1, "LIST": 1}
    assert cost(gcs_proxy, lambda: counted.stat("implied")) == {"HEAD": 1, "LIST": 1}
    assert counted.stat("made").attributes == OWNER


def test_a_listing_tells_everything(counted: GcsBackend, gcs_bucket: str, gcs_proxy: FaultProxy) -> None:
    """Files and folders of others with their attributes, in one request for a thousand."""
    with opened(gcs_proxy.url, gcs_bucket) as other:
        for number in range(20):
            other.write(f"d/{number}", b"x", attributes=OWNER, metadata={"k": "v"})
        other.make_directory("d/sub", attributes=OWNER)
        other.write("d/implied/f", b"x")
    listed = []
    assert cost(gcs_proxy, lambda: listed.extend(counted.list("d"))) == {"LIST": 1}
    assert len(listed) == 22
    assert all(entry.complete for entry in listed)
    assert {entry.attributes.mode for entry in listed if entry.name != "implied"} == {0o640}
    assert {entry.metadata.get("k") for entry in listed if entry.is_file} == {"v"}


def test_deleting_is_one_request_once_the_folder_is_known_to_last(
    counted: GcsBackend, gcs_proxy: FaultProxy
) -> None:
    """The first delete in a folder without a marker makes one."""
    counted.make_directory("made")
    for key in ("d/a", "d/b", "made/f"):
        counted.write(key, b"x")
    assert cost(gcs_proxy, lambda: counted.delete("made/f")) == {"DELETE": 1}
    assert cost(gcs_proxy, lambda: counted.delete("d/a")) == {"PUT": 1, "DELETE": 1}
    assert cost(gcs_proxy, lambda: counted.delete("d/b")) == {"DELETE": 1}


def test_a_hundred_deletes_are_one_request(counted: GcsBackend, gcs_proxy: FaultProxy) -> None:
    """Whether they are there or not, and whatever they are called."""
    counted.make_directory("d")
    names = ["plus+and space", "q?&#%", "line\nbreak", "é", *map(str, range(20))]
    for name in names:
        counted.write(f"d/{name}", b"x")
    keys = [f"d/{name}" for name in names] + [f"d/absent-{number}" for number in range(76)]
    assert cost(gcs_proxy, lambda: counted.delete_many(keys)) == {"DELETE MANY": 1}
    assert list(counted.list("d")) == []


def test_copying_is_one_request(counted: GcsBackend, gcs_proxy: FaultProxy) -> None:
    """No bytes travel, and attributes go along."""
    counted.write("f", b"x" * 1024, attributes=OWNER)
    assert cost(gcs_proxy, lambda: counted.copy("f", "g")) == {"COPY": 1}
    assert counted.stat("g").attributes == OWNER


def test_folders_are_made_and_removed_with_two_requests(counted: GcsBackend, gcs_proxy: FaultProxy) -> None:
    """A listing, and a write or a delete of the marker."""
    make, remove = counted.make_directory, counted.remove_directory
    assert cost(gcs_proxy, lambda: make("d", attributes=OWNER)) == {"LIST": 1, "PUT": 1}
    assert cost(gcs_proxy, lambda: remove("d")) == {"LIST": 1, "DELETE": 1}


def test_changing_attributes_sends_no_bytes(counted: GcsBackend, gcs_proxy: FaultProxy) -> None:
    """The object stays, and so does its ETag."""
    etag = counted.write("f", b"x" * 1024).etag
    keeps, metadata = counted.ability(KeepsAttributes), counted.ability(KeepsMetadata)
    assert keeps is not None
    assert metadata is not None
    assert cost(gcs_proxy, lambda: keeps.set_attributes("f", OWNER)) == {"HEAD": 1, "PATCH": 1}
    assert cost(gcs_proxy, lambda: metadata.set_metadata("f", {"k": "v"})) == {"HEAD": 1, "PATCH": 1}
    assert counted.stat("f").etag == etag


def test_making_a_symlink_is_one_put(counted: GcsBackend, gcs_proxy: FaultProxy) -> None:
    """And reading it one GET."""
    links = counted.ability(KeepsSymlinks)
    assert links is not None
    assert cost(gcs_proxy, lambda: links.make_symlink("d/link", "target")) == {"PUT": 1}
    assert cost(gcs_proxy, lambda: links.read_symlink("d/link")) == {"GET": 1}


def test_a_big_file_is_its_parts_and_two_requests(counted: GcsBackend, gcs_proxy: FaultProxy) -> None:
    """One composes the parts, one deletes them; where something must not be replaced, one looks before."""
    chunk = bytes(1 << 20)
    expected = {"PUT": 3, "COMPOSE": 1, "DELETE MANY": 1}
    assert cost(gcs_proxy, lambda: counted.write("stream", iter([chunk] * 20))) == expected
    assert (
        cost(gcs_proxy, lambda: counted.write("new", bytes(20 << 20), overwrite=False))
        == {"HEAD": 1} | expected
    )


def test_an_append_takes_the_old_content_as_it_is(counted: GcsBackend, gcs_proxy: FaultProxy) -> None:
    """A whole object is a part of the new one without travelling."""
    old = counted.write("f", bytes(4 << 20))

    def append() -> None:
        upload = counted.begin_upload("f")
        upload.copy(1, 0, 4 << 20, if_match=old.etag)
        upload.put(2, b"the end")
        upload.complete(if_match=old.etag)

    assert cost(gcs_proxy, append) == {"HEAD": 2, "PUT": 1, "COMPOSE": 1, "DELETE MANY": 1}
    assert counted.stat("f").size == (4 << 20) + 7
