"""Old versions of files in a bucket that keeps generations."""

from collections.abc import Iterator

import pytest

from tests.engine.gcs.stores import opened
from tests.servers.gcs import GcsServer
from vfs.engine.backend import KeepsVersions
from vfs.engine.backends.gcs import GcsBackend
from vfs.engine.capabilities import Capability
from vfs.engine.entries import Attributes
from vfs.engine.errors import NotFound
from vfs.engine.histories import SweepsVersions


@pytest.fixture
def backend(gcs: GcsServer) -> Iterator[GcsBackend]:
    with gcs.bucket(versioned=True) as bucket, opened(gcs.url, bucket) as backend:
        yield backend


@pytest.fixture
def versions(backend: GcsBackend) -> KeepsVersions:
    found = backend.ability(KeepsVersions)
    assert found is not None
    return found


def test_every_write_makes_a_version(backend: GcsBackend, versions: KeepsVersions) -> None:
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


def test_a_deleted_file_keeps_its_versions(backend: GcsBackend, versions: KeepsVersions) -> None:
    """None of them is the latest then; restoring one brings the file back with its attributes."""
    first = backend.write("f", b"content", attributes=Attributes(mode=0o640))
    backend.delete("f")
    with pytest.raises(NotFound):
        backend.stat("f")
    assert [version.is_latest for version in versions.list_versions("f")] == [False]
    assert first.version_id is not None
    assert bytes(backend.read("f", version=first.version_id)) == b"content"
    restored = versions.restore_version("f", first.version_id)
    assert restored.size == 7
    assert bytes(backend.read("f")) == b"content"
    assert backend.stat("f").mode == 0o640
    assert [version.is_latest for version in versions.list_versions("f")] == [False, True]


def test_a_sweep_tells_everything_that_ever_was_in_a_folder(
    backend: GcsBackend, versions: KeepsVersions
) -> None:
    """Deleted files too, with the time at which they went; each file once, and no neighbour's versions."""
    sweeps = backend.ability(SweepsVersions)
    assert sweeps is not None
    for key in ("d/doc", "d/doc2", "d/doc", "d/sub/deep/inner", "elsewhere"):
        backend.write(key, b"content")
    backend.delete("d/doc2")
    told = {history.key: history for history in sweeps.sweep_versions("d")}
    assert set(told) == {"d/doc", "d/doc2", "d/sub"}
    assert [told[key].is_folder for key in sorted(told)] == [False, False, True]
    assert list(told["d/doc"].versions) == versions.list_versions("d/doc")
    (gone,) = told["d/doc2"].versions
    assert (gone.ended_ns or 0) >= gone.mtime_ns
    deep = {history.key for history in sweeps.sweep_versions("d", deep=True) if not history.is_folder}
    assert deep == {"d/doc", "d/doc2", "d/sub/deep/inner"}
    assert list(sweeps.sweep_versions("never")) == []


def test_a_version_that_is_not_there_is_not_found(backend: GcsBackend, versions: KeepsVersions) -> None:
    """To read, to restore and to delete; the file stays."""
    backend.write("f", b"content")
    with pytest.raises(NotFound):
        backend.read("f", version="1")
    with pytest.raises(NotFound):
        versions.restore_version("f", "1")
    with pytest.raises(NotFound):
        versions.delete_version("f", "1")
    assert bytes(backend.read("f")) == b"content"


def test_nothing_was_ever_at_a_new_key(versions: KeepsVersions) -> None:
    """A key never seen has no versions."""
    assert versions.list_versions("absent") == []


def test_a_bucket_without_versioning_says_so(gcs: GcsServer, gcs_bucket: str) -> None:
    """The ability and its words are there only where the bucket keeps versions."""
    with opened(gcs.url, gcs_bucket) as plain:
        assert plain.ability(KeepsVersions) is None
        assert Capability.VERSIONING not in plain.capabilities


def test_odd_names_have_versions(backend: GcsBackend, versions: KeepsVersions) -> None:
    """A name with a line break or a plus is listed and read like any other."""
    for name in ("line\nbreak", "a+b c", "\x7f", "generation#1"):
        first = backend.write(name, b"one").version_id
        backend.write(name, b"two")
        assert first is not None
        assert versions.list_versions(name)[0].id == first
        assert bytes(backend.read(name, version=first)) == b"one"
