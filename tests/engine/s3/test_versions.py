"""Old versions of files in a bucket that keeps them."""

from collections.abc import Iterator

import pytest

from tests.engine.s3.stores import opened
from tests.servers.seaweed import SeaweedServer
from vfs.engine.backend import KeepsVersions
from vfs.engine.backends.s3 import S3Backend
from vfs.engine.capabilities import Capability
from vfs.engine.entries import Attributes
from vfs.engine.errors import NotFound
from vfs.engine.histories import SweepsVersions


@pytest.fixture
def backend(seaweed: SeaweedServer, versioned_bucket: str) -> Iterator[S3Backend]:
    with opened(seaweed.url, versioned_bucket) as backend:
        yield backend


@pytest.fixture
def versions(backend: S3Backend) -> KeepsVersions:
    found = backend.ability(KeepsVersions)
    assert found is not None
    return found


def test_every_write_makes_a_version(backend: S3Backend, versions: KeepsVersions) -> None:
    """Oldest first, told by `write`, and each readable, whole or in part."""
    written = [backend.write("d/f", f"content {number}".encode()) for number in range(3)]
    backend.write("d/f2", b"a neighbour whose key begins alike")
    listed = versions.list_versions("d/f")
    assert [version.id for version in listed] == [result.version_id for result in written]
    assert [version.is_latest for version in listed] == [False, False, True]
    assert [version.etag for version in listed] == [result.etag for result in written]
    bodies = [bytes(backend.read("d/f", version=version.id)) for version in listed]
    assert bodies == [b"content 0", b"content 1", b"content 2"]
    assert bytes(backend.read("d/f", 8, 9, version=listed[0].id)) == b"0"
    assert backend.stat("d/f").version_id == listed[2].id


def test_a_deleted_file_keeps_its_versions(backend: S3Backend, versions: KeepsVersions) -> None:
    """The delete is a version too, and restoring an older one brings the file back with its attributes."""
    first = backend.write("f", b"content", attributes=Attributes(mode=0o640))
    backend.delete("f")
    with pytest.raises(NotFound):
        backend.stat("f")
    listed = versions.list_versions("f")
    assert [version.is_delete_marker for version in listed] == [False, True]
    assert first.version_id is not None
    restored = versions.restore_version("f", first.version_id)
    assert restored.size == 7
    assert bytes(backend.read("f")) == b"content"
    assert backend.stat("f").mode == 0o640
    assert len(versions.list_versions("f")) == 3


def test_a_sweep_tells_everything_that_ever_was_in_a_folder(backend: S3Backend) -> None:
    """Deleted files too; each file once, in the order of its own history, and no neighbour's versions."""
    sweeps = backend.ability(SweepsVersions)
    assert sweeps is not None
    for key in ("d/doc", "d/doc2", "d/doc", "d/sub/deep/inner", "elsewhere"):
        backend.write(key, b"content")
    backend.delete("d/doc2")
    backend.make_directory("d/empty")
    told = {history.key: history for history in sweeps.sweep_versions("d")}
    assert set(told) == {"d/doc", "d/doc2", "d/sub", "d/empty"}
    assert [told[key].is_folder for key in sorted(told)] == [False, False, True, True]
    assert [version.is_delete_marker for version in told["d/doc2"].versions] == [False, True]
    assert list(told["d/doc"].versions) == backend.ability(KeepsVersions).list_versions("d/doc")
    deep = {history.key for history in sweeps.sweep_versions("d", deep=True) if not history.is_folder}
    assert deep == {"d/doc", "d/doc2", "d/sub/deep/inner"}
    assert {"d", "elsewhere"} <= {history.key for history in sweeps.sweep_versions("")}
    assert list(sweeps.sweep_versions("never")) == []


def test_versions_of_one_second_keep_their_order(backend: S3Backend, versions: KeepsVersions) -> None:
    """The store's times have seconds: a delete among writes stays where it was."""
    first = backend.write("f", b"one").version_id
    backend.delete("f")
    later = [backend.write("f", f"{number}".encode()).version_id for number in range(3)]
    listed = versions.list_versions("f")
    assert [version.is_delete_marker for version in listed] == [False, True, False, False, False]
    assert [version.id for version in listed if not version.is_delete_marker] == [first, *later]


def test_long_histories_come_in_pages(
    backend: S3Backend, versions: KeepsVersions, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A page may end within a file's history, or at a folder; nothing is told twice or left out."""
    monkeypatch.setattr("vfs.engine.backends.s3.version_listing.PAGE", 2)
    for key in ("a", "b/x", "c", "c", "c", "d", "e/x", "f"):
        backend.write(key, b"content")
    sweeps = backend.ability(SweepsVersions)
    assert sweeps is not None
    told = [(history.key, len(history.versions)) for history in sweeps.sweep_versions("")]
    assert sorted(told) == [("a", 1), ("b", 0), ("c", 3), ("d", 1), ("e", 0), ("f", 1)]
    assert len(versions.list_versions("c")) == 3
    deep = [history.key for history in sweeps.sweep_versions("", deep=True) if not history.is_folder]
    assert deep == ["a", "b/x", "c", "d", "e/x", "f"]


def test_one_version_can_be_deleted(backend: S3Backend, versions: KeepsVersions) -> None:
    """The others stay; one that is not there is NotFound."""
    first = backend.write("f", b"one").version_id
    second = backend.write("f", b"two").version_id
    assert first is not None
    versions.delete_version("f", first)
    assert [version.id for version in versions.list_versions("f")] == [second]
    with pytest.raises(NotFound):
        versions.delete_version("f", first)
    with pytest.raises(NotFound):
        backend.read("f", version=first)
    assert bytes(backend.read("f")) == b"two"


def test_nothing_was_ever_at_a_new_key(versions: KeepsVersions) -> None:
    """A key never seen has no versions."""
    assert versions.list_versions("absent") == []


def test_a_bucket_without_versioning_says_so(seaweed: SeaweedServer, bucket: str) -> None:
    """The ability and its words are there only where the bucket keeps versions."""
    with opened(seaweed.url, bucket) as plain:
        assert plain.ability(KeepsVersions) is None
        assert Capability.VERSIONING not in plain.capabilities


def test_odd_names_have_versions(backend: S3Backend, versions: KeepsVersions) -> None:
    """A name with a line break or a plus is listed and read like any other."""
    for name in ("line\nbreak", "a+b c", "\x7f"):
        first = backend.write(name, b"one").version_id
        backend.write(name, b"two")
        assert first is not None
        assert versions.list_versions(name)[0].id == first
        assert bytes(backend.read(name, version=first)) == b"one"
