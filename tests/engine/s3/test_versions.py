"""Old versions of files in a bucket that keeps them."""

from collections.abc import Iterator

import pytest

from tests.engine.s3.stores import opened
from tests.servers.fault_proxy import FaultProxy
from tests.servers.seaweed import SeaweedServer
from vfs.engine.backend import Backend, KeepsVersions
from vfs.engine.backends.s3 import S3Backend
from vfs.engine.capabilities import Capability
from vfs.engine.histories import SweepsVersions
from vfs.engine.layers.versions_dir.layer import with_versions
from vfs.engine.layers.versions_dir.options import VersionsOptions
from vfs.testing.versions import VersionsContract


@pytest.fixture
def backend(seaweed: SeaweedServer, versioned_bucket: str) -> Iterator[S3Backend]:
    with opened(seaweed.url, versioned_bucket) as backend:
        yield backend


@pytest.fixture
def versions(backend: S3Backend) -> KeepsVersions:
    found = backend.ability(KeepsVersions)
    assert found is not None
    return found


class TestVersions(VersionsContract):
    """Times have whole seconds: what is promised holds within one."""

    @pytest.fixture
    def backend(self, seaweed: SeaweedServer, versioned_bucket: str) -> Iterator[Backend]:
        with opened(seaweed.url, versioned_bucket) as backend:
            yield backend


def test_writes_and_looks_tell_the_version(backend: S3Backend, versions: KeepsVersions) -> None:
    """As its listing does."""
    told = backend.write("d/f", b"content").version_id
    assert told is not None
    assert backend.stat("d/f").version_id == told == versions.list_versions("d/f")[0].id


def test_folders_are_swept_too(backend: S3Backend) -> None:
    """Empty ones, by their markers."""
    sweeps = backend.ability(SweepsVersions)
    assert sweeps is not None
    backend.make_directory("d/empty")
    assert [(history.key, history.is_folder) for history in sweeps.sweep_versions("d")] == [("d/empty", True)]


def test_deleted_folders_cost_no_request_each(proxy: FaultProxy, versioned_bucket: str) -> None:
    """`.versions` of a folder is one listing of what is there, and one for each 1,000 versions."""
    with opened(proxy.url, versioned_bucket) as backend:
        for number in range(30):
            backend.write(f"d/{number}/f", b"x")
            backend.delete(f"d/{number}/f")
            backend.remove_directory(f"d/{number}")
        backend.write("d/there/f", b"x")
        layer = with_versions(backend, VersionsOptions())
        with proxy.counting() as requests:
            shown = {entry.name for entry in layer.list("d/.versions")}
        assert shown == {f"@deleted-{number}" for number in range(30)}
        assert sum(requests.values()) == 2
        assert [entry.name for entry in layer.list("d/.versions/@deleted-7")] == ["f"]


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


def test_a_bucket_without_versioning_says_so(seaweed: SeaweedServer, bucket: str) -> None:
    """The ability and its words are there only where the bucket keeps versions."""
    with opened(seaweed.url, bucket) as plain:
        assert plain.ability(KeepsVersions) is None
        assert Capability.VERSIONING not in plain.capabilities
