"""Old versions through nodes: told, opened, and made the present again, in a bucket that keeps them."""

from datetime import UTC, datetime, timedelta

import pytest

from tests.engine.nodes import add_bucket
from tests.servers.seaweed import SeaweedServer
from vfs.engine.errors import CapabilityNotSupported, NotFound, PermissionDenied
from vfs.engine.nodes import StorageNode
from vfs.storage import StorageManager


@pytest.fixture
def kept(storage: StorageManager, seaweed: SeaweedServer, versioned_bucket: str) -> StorageNode:
    """A file with three versions, in a bucket that keeps them."""
    add_bucket(storage, seaweed, versioned_bucket)
    node = storage.node("s3:folder/a.txt")
    for content in ("one\n", "two\n", "three\n"):
        node.write_text(content)
    return node


def test_versions_are_told_oldest_first(kept: StorageNode) -> None:
    """Each with its size; the newest is the latest."""
    versions = kept.versions()
    assert [version.size for version in versions] == [4, 4, 6]
    assert [version.is_latest for version in versions] == [False, False, True]
    assert kept.version_count() == 3


def test_versions_of_a_longer_name_are_not_told(kept: StorageNode) -> None:
    """Only exactly this file has them: `a.txt` is not `a.txt2`."""
    (kept.parent / "a.txt2").write_text("other")
    assert kept.version_count() == 3


def test_an_old_version_is_opened_by_place_or_id(kept: StorageNode) -> None:
    """0 is the oldest, -2 the one before the newest; an id is an id. In text and in bytes."""
    with kept.open(version=0) as file:
        assert file.read() == "one\n"
    with kept.open("rb", version=-2) as file:
        assert file.seek(-3, 2) == 1
        assert file.read() == b"wo\n"
    with kept.open(version=kept.versions()[1].id) as file:
        assert file.readlines() == ["two\n"]


def test_an_old_version_is_opened_by_time(kept: StorageNode) -> None:
    """That of the moment, or none when there was no file yet; a time without a zone is UTC."""
    now = datetime.now(UTC) + timedelta(seconds=5)
    with kept.open(as_of=now) as file:
        assert file.read() == "three\n"
    with kept.open(as_of=now.replace(tzinfo=None)) as file:
        assert file.read() == "three\n"
    with pytest.raises(NotFound, match="no such file at"):
        kept.open(as_of=now - timedelta(days=1))


def test_a_deleted_file_was_there_before_and_is_not_now(kept: StorageNode) -> None:
    """Its contents can be opened by place; at this moment there is none."""
    kept.delete()
    assert not kept.exists()
    with kept.open(version=-1) as file:
        assert file.read() == "three\n"
    with pytest.raises(NotFound):
        kept.open(as_of=datetime.now(UTC) + timedelta(seconds=5))


def test_rollback_makes_an_old_version_the_newest(kept: StorageNode) -> None:
    """And keeps all that were written since."""
    assert kept.rollback(0)
    assert kept.read_text() == "one\n"
    assert [version.size for version in kept.versions()] == [4, 4, 6, 4]
    kept.rollback(kept.versions()[2].id)
    assert kept.read_text() == "three\n"


def test_restore_is_rollback(kept: StorageNode) -> None:
    """By a place, an id or a moment; what was written since is kept."""
    kept.restore(kept.versions()[0].id)
    assert kept.read_text() == "one\n"
    kept.restore(1)
    assert kept.read_text() == "two\n"
    kept.restore(as_of=datetime.now(UTC) + timedelta(seconds=5))
    assert kept.read_text() == "two\n"
    with pytest.raises(NotFound):
        kept.restore(-40)
    assert kept.version_count() == 6


def test_repeated_versions_are_compacted(kept: StorageNode) -> None:
    """Of neighbours with one content the older stays, or the present one; a dry run removes nothing."""
    for content in ("three\n", "three\n", "one\n"):
        kept.write_text(content)
    before = [version.size for version in kept.versions()]
    assert before == [4, 4, 6, 6, 6, 4]
    assert kept.compact_versions(dry_run=True) == 2
    assert [version.size for version in kept.versions()] == before
    assert kept.compact_versions() == 2
    assert [version.size for version in kept.versions()] == [4, 4, 6, 4]
    assert kept.compact_versions() == 0
    assert kept.read_text() == "one\n"


def test_rollback_brings_a_deleted_file_back(kept: StorageNode) -> None:
    """With its last content."""
    kept.delete()
    assert not kept.exists()
    kept.rollback(-1)
    assert kept.read_text() == "three\n"
    assert [child.name for child in kept.parent.children()] == ["a.txt"]


def test_rollback_leaves_open_readers_their_bytes(kept: StorageNode) -> None:
    """Who had the file open reads on in what was opened; who opens it next has the old version."""
    with kept.open("rb") as before:
        kept.rollback(0)
        with kept.open("rb") as after:
            assert (before.read(), after.read()) == (b"three\n", b"one\n")


def test_rollback_keeps_what_was_being_written(kept: StorageNode) -> None:
    """It is sent first, so that it is a version as well."""
    with kept.open("r+b") as file:
        file.write(b"THREE")
        file.flush()
        kept.rollback(0)
    assert kept.read_text() == "one\n"
    with kept.open(version=-2) as old:
        assert old.read() == "THREE\n"


@pytest.mark.parametrize("version", [3, -4, "no-such-version"])
def test_a_version_that_is_not_there_is_not_found(kept: StorageNode, version: int | str) -> None:
    """Whether it is opened or rolled back to."""
    with pytest.raises(NotFound):
        kept.open(version=version)
    with pytest.raises(NotFound):
        kept.rollback(version)


def test_one_version_is_asked_for_in_one_way(kept: StorageNode) -> None:
    """Neither by both place and time, nor to be written, nor by nothing."""
    with pytest.raises(ValueError, match="either version or as_of"):
        kept.open(version=0, as_of=datetime.now(UTC))
    with pytest.raises(ValueError, match="not in mode"):
        kept.open("wb", version=0)
    with pytest.raises(ValueError, match="either version or as_of"):
        kept.rollback()


def test_a_big_old_version_is_read_in_pieces(kept: StorageNode) -> None:
    """Across the windows in which it is fetched, forwards and back."""
    big = kept.parent / "big"
    content = bytes(range(256)) * 10_000
    big.write_bytes(content)
    big.write_bytes(b"small")
    with big.open("rb", version=0) as file:
        assert file.read(10) == content[:10]
        file.seek(1_500_000)
        assert file.read(700_000) == content[1_500_000:2_200_000]
        file.seek(5)
        assert file.read() == content[5:]


def test_a_read_only_mount_is_not_rolled_back(
    storage: StorageManager, kept: StorageNode, seaweed: SeaweedServer, versioned_bucket: str
) -> None:
    """Its old versions can be read."""
    add_bucket(storage, seaweed, versioned_bucket, name="locked_s3", permissions="readonly")
    node = storage.node("locked_s3:folder/a.txt")
    with node.open(version=0) as file:
        assert file.read() == "one\n"
    with pytest.raises(PermissionDenied):
        node.rollback(0)
    assert kept.read_text() == "three\n"


def test_without_versions_the_error_says_so(storage: StorageManager) -> None:
    """And the count is 0."""
    node = storage.node("local:a")
    node.write_text("x")
    assert node.version_count() == 0
    with pytest.raises(CapabilityNotSupported, match=r"local:a: .*old versions"):
        node.versions()
    with pytest.raises(CapabilityNotSupported):
        node.open(version=-1)
    with pytest.raises(CapabilityNotSupported):
        node.rollback(-1)
