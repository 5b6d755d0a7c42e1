"""An old version as a node: which one, what it tells, where it can go, and that it cannot be changed."""

from datetime import UTC, datetime, timedelta

import pytest

import vfs
from tests.engine.nodes import add_bucket
from tests.servers.seaweed import SeaweedServer
from vfs import StorageManager, StorageNode


@pytest.fixture
def kept(storage: StorageManager, seaweed: SeaweedServer, versioned_bucket: str) -> StorageNode:
    """A file with three versions, in a bucket that keeps them."""
    add_bucket(storage, seaweed, versioned_bucket)
    node = storage.node("s3:folder/a.txt")
    for content in ("one\n", "two\n", "three\n"):
        node.write_text(content)
    return node


def test_a_version_is_read_as_a_node(kept: StorageNode, storage: StorageManager) -> None:
    """By place, by id, by time, in whole, in parts and as a file."""
    old = storage.node("s3:folder", "a.txt", version=-2)
    assert (old.read(), old.read_bytes(1, 3), list(old.iter_bytes(2))) == ("two\n", b"wo", [b"o\n"])
    with old.open("rb") as file:
        assert file.seek(-3, 2) == 1
        assert file.read() == b"wo\n"
    told = kept.versions()[1]
    assert (old.size(), old.etag(), old.mtime()) == (4, told.etag, told.mtime_ns / 1e9)
    assert storage.node(kept.fullpath, version=told.id).read() == "two\n"
    assert storage.node(kept.fullpath, as_of=datetime.now(UTC) + timedelta(seconds=5)).read() == "three\n"
    assert old.present == kept


def test_a_place_counts_when_it_is_asked_for(kept: StorageNode, storage: StorageManager) -> None:
    """-1 is the newest of that moment; what was deleted has its versions still."""
    newest = storage.node(kept.fullpath, version=-1)
    kept.write_text("four\n")
    assert newest.read() == "four\n"
    kept.delete()
    assert newest.read() == "four\n"


def test_a_version_goes_elsewhere(kept: StorageNode, storage: StorageManager) -> None:
    """Copied, compared with the present, joined, archived."""
    old = storage.node(kept.fullpath, version=0)
    old.copy_to("memory:old.txt")
    assert storage.node("memory:old.txt").read() == "one\n"
    assert storage.diffnode(old, kept).read().endswith("-one\n+three\n")
    assert storage.iternode(old, kept).read() == "one\nthree\n"
    assert b"a.txt" in storage.iternode(old).zip()


def test_what_is_not_there(kept: StorageNode, storage: StorageManager) -> None:
    """A version that is none exists not, and reading it is NotFound; other mounts keep none."""
    absent = storage.node(kept.fullpath, version=7)
    assert (absent.exists(), absent.is_file()) == (False, False)
    assert storage.node(kept.fullpath, version=0).exists()
    with pytest.raises(vfs.NotFound, match=r"^s3:folder/a.txt: there is no version 7"):
        absent.read()
    with pytest.raises(vfs.CapabilityNotSupported):
        storage.node("memory:a", version=0).read()
    with pytest.raises(ValueError, match="either version or as_of"):
        storage.node("memory:a", version=0, as_of=datetime.now(UTC))  # type: ignore[call-overload]


def test_what_was_cannot_be_written(kept: StorageNode, storage: StorageManager) -> None:
    """By no name of writing, nor by opening."""
    old = storage.node(kept.fullpath, version=0)
    for write in (old.write, old.write_text, old.write_bytes):
        with pytest.raises(ValueError, match="is an old version"):
            write("x")
    with pytest.raises(ValueError, match="mode"):
        old.open("w")  # type: ignore[call-overload]
    assert old.read() == "one\n"
