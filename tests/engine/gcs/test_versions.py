"""Old versions of files in a bucket that keeps generations."""

from collections.abc import Iterator

import pytest

from tests.engine.gcs.stores import opened
from tests.servers.gcs import GcsServer
from vfs.engine.backend import Backend, KeepsVersions
from vfs.engine.backends.gcs import GcsBackend
from vfs.engine.capabilities import Capability
from vfs.engine.errors import NotFound
from vfs.testing.versions import VersionsContract


@pytest.fixture
def backend(gcs: GcsServer) -> Iterator[GcsBackend]:
    with gcs.bucket(versioned=True) as bucket, opened(gcs.url, bucket) as backend:
        yield backend


@pytest.fixture
def versions(backend: GcsBackend) -> KeepsVersions:
    found = backend.ability(KeepsVersions)
    assert found is not None
    return found


class TestVersions(VersionsContract):
    marks_deletes = False
    odd_names = (*VersionsContract.odd_names, "generation#1")

    @pytest.fixture
    def backend(self, gcs: GcsServer) -> Iterator[Backend]:
        with gcs.bucket(versioned=True) as bucket, opened(gcs.url, bucket) as backend:
            yield backend

    def test_one_version_can_be_deleted(self, backend: Backend, versions: KeepsVersions) -> None:
        """Not to be tried here."""
        pytest.skip("this server would delete the live object; its gate refuses that")

    def test_a_version_that_is_not_there_is_not_found(
        self, backend: Backend, versions: KeepsVersions
    ) -> None:
        """Deleting one comes first there: the test below does without."""
        test_a_version_that_never_was_is_not_found(backend, versions)


def test_writes_and_looks_tell_the_version(backend: GcsBackend, versions: KeepsVersions) -> None:
    """As its listing does; and when a deleted one ended."""
    told = backend.write("d/f", b"content").version_id
    assert told is not None
    assert backend.stat("d/f").version_id == told == versions.list_versions("d/f")[0].id
    backend.delete("d/f")
    (gone,) = versions.list_versions("d/f")
    assert (gone.ended_ns or 0) >= gone.mtime_ns


def test_a_version_that_never_was_is_not_found(backend: Backend, versions: KeepsVersions) -> None:
    """To read, to restore and to delete; the file stays."""
    backend.write("f", b"content")
    with pytest.raises(NotFound):
        backend.read("f", version="1")
    with pytest.raises(NotFound):
        versions.restore_version("f", "1")
    with pytest.raises(NotFound):
        versions.delete_version("f", "1")
    assert bytes(backend.read("f")) == b"content"


def test_a_bucket_without_versioning_says_so(gcs: GcsServer, gcs_bucket: str) -> None:
    """The ability and its words are there only where the bucket keeps versions."""
    with opened(gcs.url, gcs_bucket) as plain:
        assert plain.ability(KeepsVersions) is None
        assert Capability.VERSIONING not in plain.capabilities
