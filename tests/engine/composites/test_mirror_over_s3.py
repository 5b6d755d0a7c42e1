"""A mirror of a bucket and a folder: the contract of backends, and what a listing costs."""

from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.engine.s3.stores import opened
from tests.servers.fault_proxy import FaultProxy
from tests.servers.seaweed import SeaweedServer
from vfs.engine.backend import Backend, CompletesEntries, KeepsSymlinks
from vfs.engine.backends.local import LocalBackend, LocalOptions
from vfs.engine.backends.memory import MemoryBackend
from vfs.engine.composites.mirror import MirrorBackend, MirrorOptions
from vfs.engine.entries import Attributes
from vfs.engine.errors import BackendUnavailable
from vfs.testing import BackendContract
from vfs.testing.limits import ability

OPTIONS = MirrorOptions.model_validate({"mounts": ["bucket", "folder"], "min_success": "all"})


class TestMirrorOfS3AndFolder(BackendContract):
    invalid_utf8_names = False
    longest_key_bytes = 1023
    unkeepable_names = frozenset({"back\\slash"})
    many_files = 100  # the bucket's own suite has pages of them

    @pytest.fixture
    def backend(self, seaweed: SeaweedServer, bucket: str, tmp_path: Path) -> Iterator[Backend]:
        folder = tmp_path / "folder"
        folder.mkdir()
        local = LocalBackend(LocalOptions(path=folder))
        with opened(seaweed.url, bucket) as remote:
            members = {"bucket": remote, "folder": local}
            mirror = MirrorBackend(members, OPTIONS, str(tmp_path / "record"))
            yield mirror
            mirror.close()
        local.close()

    def test_links_and_special_files_are_made_with_xattrs(self, backend: Backend) -> None:
        """A bucket keeps them, but Linux keeps none on links: what not every member can do is an error."""
        given = Attributes(xattrs={self.settable_xattr: b"red"})
        with pytest.raises(BackendUnavailable, match="folder: Operation not permitted"):
            ability(backend, KeepsSymlinks).make_symlink("link", "d/f", attributes=given)


def test_a_strange_listing_is_completed_by_the_bucket(
    seaweed: SeaweedServer, proxy: FaultProxy, bucket: str, tmp_path: Path
) -> None:
    """What a listing leaves open is asked for many at a time, as without the mirror; a read is one."""
    with opened(seaweed.url, bucket, attributes="ignore") as other:
        for number in range(10):
            other.write(f"d/{number}", b"x" * number, metadata={"number": str(number)})
    with opened(proxy.url, bucket) as remote:
        members = {"bucket": remote, "folder": MemoryBackend()}
        mirror = MirrorBackend(members, OPTIONS, str(tmp_path / "record"))
        with proxy.counting() as requests:
            listed = list(mirror.list("d"))
            completed = ability(mirror, CompletesEntries).complete_entries("d", listed)
        assert {entry.name: entry.size for entry in completed} == {str(n): n for n in range(10)}
        assert {entry.name: entry.etag for entry in completed} == {
            entry.name: mirror.stat(f"d/{entry.name}").etag for entry in completed
        }
        assert requests["LIST"] == 1
        with proxy.counting() as requests:
            mirror.read("d/5")
        assert dict(requests) == {"GET": 1}
        mirror.close()
