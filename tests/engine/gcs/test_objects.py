"""What lies in the bucket: objects of others, parts on their way, names and content of every kind."""

import gzip
import tracemalloc
from collections.abc import Iterator
from urllib.parse import quote

import pytest

from tests.engine.gcs.stores import opened
from tests.servers.gcs import GcsServer
from vfs.engine.backend import KeepsMetadata
from vfs.engine.backends.gcs import GcsBackend
from vfs.engine.entries import EntryKind
from vfs.engine.errors import InvalidPath, NotADirectory, NotFound

MIB = 1 << 20


def test_the_file_wins_over_the_folder_of_its_name(
    backend: GcsBackend, gcs: GcsServer, gcs_bucket: str
) -> None:
    """Where a bucket holds `f` and `f/x`, a tree can show one of them, and everywhere the same."""
    for key in ("f", "f/x", "f-1", "f.txt", "g/y"):
        gcs.put(gcs_bucket, key, b"x")
    assert backend.stat("f").kind is EntryKind.FILE
    listed = {entry.name: entry.kind.value for entry in backend.list("")}
    assert listed == {"f": "file", "f-1": "file", "f.txt": "file", "g": "folder"}
    with pytest.raises(NotADirectory):
        list(backend.list("f"))
    assert {key for key, _ in backend.sweep("")} == {"f", "f-1", "f.txt", "g/y"}


def test_metadata_of_others_are_shown_and_kept(backend: GcsBackend, gcs: GcsServer, gcs_bucket: str) -> None:
    """Values beyond ASCII too; what we change beside them leaves them as they are."""
    gcs.put(gcs_bucket, "f", b"x", {"colour": "röt", "owner": "them"})
    assert backend.stat("f").metadata == {"colour": "röt", "owner": "them"}
    keeps = backend.ability(KeepsMetadata)
    assert keeps is not None
    keeps.set_metadata("f", {"colour": "blue"})
    assert backend.stat("f").metadata == {"colour": "blue"}
    assert gcs.resource(gcs_bucket, "f")["metadata"]["colour"] == "blue"


def test_what_is_stored_packed_is_read_as_stored(
    backend: GcsBackend, gcs: GcsServer, gcs_bucket: str
) -> None:
    """Size and bytes agree: nothing on the way unpacks an object that says it is gzip."""
    packed = gzip.compress(b"content " * 100, mtime=0)
    for key in ("f", "line\nbreak"):
        backend.write(key, packed)
        gcs.call("PATCH", _resource(gcs_bucket, key), {"contentEncoding": "gzip"})
        assert bytes(backend.read(key)) == packed
        assert bytes(backend.read(key, 3, 9)) == packed[3:9]


def test_parts_on_their_way_are_not_shown(backend: GcsBackend, gcs: GcsServer, gcs_bucket: str) -> None:
    """Neither by listing nor by sweep, and nobody can take their place."""
    upload = backend.begin_upload("d/f")
    upload.put(1, b"x")
    assert [key for key in gcs.keys(gcs_bucket) if key.startswith(".vfs-parts/")]
    assert list(backend.list("")) == []
    assert list(backend.sweep("")) == []
    for act in (backend.stat, backend.make_directory, lambda key: backend.write(key, b"x")):
        with pytest.raises(InvalidPath, match="kept"):
            act(".vfs-parts")
    upload.abort()
    assert gcs.keys(gcs_bucket) == []


def test_more_parts_than_one_request_composes(backend: GcsBackend, gcs: GcsServer, gcs_bucket: str) -> None:
    """Google joins 32 at a time; seventy parts of any size take two rounds, and leave nothing behind."""
    upload = backend.begin_upload("f")
    for number in range(70, 0, -1):
        upload.put(number, bytes([number]) * number)
    result = upload.complete()
    assert bytes(backend.read("f")) == b"".join(bytes([number]) * number for number in range(1, 71))
    assert result.size == sum(range(1, 71))
    assert gcs.keys(gcs_bucket) == ["f"]


def test_a_stream_is_never_held_whole(gcs: GcsServer, gcs_bucket: str) -> None:
    """Writing 120 MiB from a generator takes a few parts of memory."""

    def stream() -> Iterator[bytes]:
        for number in range(120):
            yield bytes([number]) * MIB

    with opened(gcs.url, gcs_bucket, part_size="2MiB") as backend:
        backend.write("warm", b"up")
        tracemalloc.start()
        try:
            assert backend.write("big", stream()).size == 120 * MIB
            _, peak = tracemalloc.get_traced_memory()
        finally:
            tracemalloc.stop()
        assert peak < 60 * MIB, f"{peak} bytes"
        for number in (0, 4, 5, 119):
            middle = number * MIB + MIB // 2
            assert bytes(backend.read("big", middle, middle + 3)) == bytes([number]) * 3


def test_a_listing_of_many_pages(gcs: GcsServer, gcs_bucket: str) -> None:
    """Every entry once, whatever the page it is on."""
    with opened(gcs.url, gcs_bucket) as backend:
        for number in range(1100):
            gcs.put(gcs_bucket, f"d/{number:04}", b"x")
        assert [entry.name for entry in backend.list("d")] == [f"{number:04}" for number in range(1100)]
        assert len(list(backend.sweep("d"))) == 1100
        with pytest.raises(NotFound):
            list(backend.list("d/0"))


def _resource(bucket: str, key: str) -> str:
    return f"/storage/v1/b/{bucket}/o/{quote(key, safe='')}"
