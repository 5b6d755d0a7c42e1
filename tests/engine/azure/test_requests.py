"""What each act costs in requests: the numbers that docs/CONFIG.md promises."""

from collections.abc import Callable

import pytest
from azure.storage.blob import ContainerClient

from tests.engine.azure.stores import opened
from tests.servers.fault_proxy import FaultProxy
from vfs.engine.backend import KeepsAttributes, KeepsMetadata, KeepsSymlinks
from vfs.engine.backends.azure import AzureBackend
from vfs.engine.entries import Attributes
from vfs.engine.errors import NotFound

OWNER = Attributes(mode=0o640, uid=1000, gid=1000, mtime_ns=1_600_000_000_123_456_789)
MIB = 1 << 20


@pytest.fixture
def cost(azure_proxy: FaultProxy) -> Callable[[Callable[[], object]], dict[str, int]]:
    """Gives the requests of one act, by Azure's call."""

    def counted(act: Callable[[], object]) -> dict[str, int]:
        with azure_proxy.counting() as requests:
            act()
        return dict(requests)

    return counted


Cost = Callable[[Callable[[], object]], dict[str, int]]


def test_writing_a_small_file_is_one_put(counted: AzureBackend, cost: Cost) -> None:
    """Attributes and metadata go with the bytes, conditions too."""
    write = counted.write
    given = Attributes(mode=0o600, xattrs={"user.colour": b"red\0"})
    assert cost(lambda: write("d/a", b"x" * 1024, attributes=OWNER)) == {"PUT": 1}
    assert cost(lambda: write("d/b", b"x", overwrite=False, metadata={"k": "v"})) == {"PUT": 1}
    assert cost(lambda: write("d/c", iter([b"one", b"two"]), attributes=given)) == {"PUT": 1}
    assert cost(lambda: write("d/d", b"")) == {"PUT": 1}


def test_reading_a_small_file_is_one_get(counted: AzureBackend, cost: Cost) -> None:
    """Whole or in part, pinned or not."""
    etag = counted.write("f", b"x" * 1024).etag
    assert cost(lambda: counted.read("f")) == {"GET": 1}
    assert cost(lambda: counted.read("f", 10, 20, if_match=etag)) == {"GET": 1}
    assert cost(lambda: counted.read("f", 2000, 3000)) == {"GET": 1}


def test_stat_is_one_head(counted: AzureBackend, cost: Cost) -> None:
    """For a file, and for a folder that was made: one blob is either."""
    counted.write("d/f", b"x", attributes=OWNER)
    counted.make_directory("made", attributes=OWNER)
    assert cost(lambda: counted.stat("d/f")) == {"HEAD": 1}
    assert cost(lambda: counted.stat("made")) == {"HEAD": 1}


def test_stat_of_nothing_is_a_head_and_a_listing(counted: AzureBackend, cost: Cost) -> None:
    """What is no blob may be a folder that only its files show."""

    def stat() -> None:
        with pytest.raises(NotFound):
            counted.stat("absent")

    counted.write("implied/f", b"x")
    assert cost(stat) == {"HEAD": 1, "LIST": 1}
    assert cost(lambda: counted.stat("implied")) == {"HEAD": 1, "LIST": 1}


def test_listing_what_others_wrote_is_one_request(
    counted: AzureBackend, container: ContainerClient, azure_proxy: FaultProxy, cost: Cost
) -> None:
    """With every attribute of files and folders, as a page brings all metadata."""
    with opened(azure_proxy.url, container.container_name) as other:
        for number in range(50):
            other.write(f"d/{number}", b"x", attributes=OWNER)
        other.make_directory("d/sub", attributes=Attributes(mode=0o750))
    listed = []
    assert cost(lambda: listed.extend(counted.list("d"))) == {"LIST": 1}
    assert len(listed) == 51
    assert all(entry.complete for entry in listed)
    assert {entry.mode for entry in listed} == {0o640, 0o750}


def test_deleting_is_one_request_once_the_folder_is_known_to_last(counted: AzureBackend, cost: Cost) -> None:
    """The first delete in a folder without a marker makes one."""
    counted.make_directory("made")
    for key in ("d/a", "d/b", "made/f", "top"):
        counted.write(key, b"x")
    assert cost(lambda: counted.delete("made/f")) == {"DELETE": 1}
    assert cost(lambda: counted.delete("d/a")) == {"PUT": 1, "DELETE": 1}
    assert cost(lambda: counted.delete("d/b")) == {"DELETE": 1}
    assert cost(lambda: counted.delete("top")) == {"DELETE": 1}


def test_many_deletes_are_a_request_for_every_256(counted: AzureBackend, cost: Cost) -> None:
    """As long as all of them are there."""
    counted.make_directory("d")
    for number in range(300):
        counted.write(f"d/{number}", b"x")
    assert cost(lambda: counted.delete_many([f"d/{number}" for number in range(300)])) == {"BATCH": 2}
    assert list(counted.list("d")) == []


def test_copying_is_one_request(counted: AzureBackend, cost: Cost) -> None:
    """No bytes travel, and attributes go along."""
    counted.write("f", b"x" * 1024, attributes=OWNER)
    assert cost(lambda: counted.copy("f", "g")) == {"COPY": 1}
    assert counted.stat("g").attributes == OWNER


def test_folders_are_made_and_removed_in_few_requests(counted: AzureBackend, cost: Cost) -> None:
    """A listing and a PUT; a HEAD, a listing and a DELETE; nothing for each folder above."""
    assert cost(lambda: counted.make_directory("d", attributes=OWNER)) == {"LIST": 1, "PUT": 1}
    assert cost(lambda: counted.remove_directory("d")) == {"HEAD": 1, "LIST": 1, "DELETE": 1}


def test_changing_attributes_is_a_head_and_a_change(counted: AzureBackend, cost: Cost) -> None:
    """Metadata are changed in place: nothing is copied, whatever the size."""
    counted.write("f", b"x" * 1024)
    keeps, metadata = counted.ability(KeepsAttributes), counted.ability(KeepsMetadata)
    assert keeps is not None
    assert metadata is not None
    assert cost(lambda: keeps.set_attributes("f", OWNER)) == {"HEAD": 1, "METADATA": 1}
    assert cost(lambda: metadata.set_metadata("f", {"k": "v"})) == {"HEAD": 1, "METADATA": 1}
    counted.make_directory("d")
    assert cost(lambda: keeps.set_attributes("d", OWNER)) == {"HEAD": 1, "METADATA": 1}
    assert counted.stat("d").attributes == OWNER


def test_making_a_symlink_is_one_put(counted: AzureBackend, cost: Cost) -> None:
    """And reading it one GET."""
    links = counted.ability(KeepsSymlinks)
    assert links is not None
    assert cost(lambda: links.make_symlink("d/link", "target")) == {"PUT": 1}
    assert cost(lambda: links.read_symlink("d/link")) == {"GET": 1}


def test_a_big_file_is_its_parts_plus_one(counted: AzureBackend, cost: Cost) -> None:
    """Whatever its source: nobody knows a stream's length before its end."""
    expected = {"BLOCK": 3, "COMMIT": 1}
    assert cost(lambda: counted.write("stream", iter([bytes(MIB)] * 20))) == expected
    assert cost(lambda: counted.write("bytes", bytes(20 * MIB))) == expected
