"""Big files: bounded memory, whatever their size; and limits told early."""

import errno
import tracemalloc
from collections.abc import Iterator

import pytest

from tests.engine.s3.stores import opened
from tests.servers.seaweed import SeaweedServer
from vfs.engine.backend import UploadsParts
from vfs.engine.backends.s3 import S3Backend
from vfs.engine.errors import StorageError

MIB = 1 << 20


def test_a_stream_is_never_held_whole(seaweed: SeaweedServer, bucket: str) -> None:
    """Writing 120 MiB from a generator takes a few parts of memory."""

    def stream() -> Iterator[bytes]:
        for number in range(120):
            yield bytes([number]) * MIB

    with opened(seaweed.url, bucket, part_size="5MiB") as backend:
        backend.write("warm", b"up")
        tracemalloc.start()
        try:
            assert backend.write("big", stream()).size == 120 * MIB
            _, peak = tracemalloc.get_traced_memory()
        finally:
            tracemalloc.stop()
        assert peak < 60 * MIB
        for number in (0, 4, 5, 119):
            middle = number * MIB + MIB // 2
            assert bytes(backend.read("big", middle, middle + 3)) == bytes([number]) * 3


def test_a_part_too_many_is_told(backend: S3Backend) -> None:
    """Before it is sent, as EFBIG with what to do about it."""
    uploads = backend.ability(UploadsParts)
    assert uploads is not None
    upload = uploads.begin_upload("f")
    with pytest.raises(StorageError, match="part_size") as caught:
        upload.put(10_001, b"x")
    assert caught.value.errno == errno.EFBIG
    upload.abort()


def test_an_upload_without_parts_is_an_empty_file(backend: S3Backend) -> None:
    """S3 itself refuses to complete such an upload."""
    uploads = backend.ability(UploadsParts)
    assert uploads is not None
    upload = uploads.begin_upload("f")
    assert upload.complete().size == 0
    assert backend.stat("f").size == 0


def test_an_edit_sends_only_its_part(backend: S3Backend) -> None:
    """Parts around the edit are copied inside the store, at any offset of the old object."""
    uploads = backend.ability(UploadsParts)
    assert uploads is not None
    old = bytes(range(256)) * (11 * MIB // 256)
    etag = backend.write("f", iter([old])).etag
    upload = uploads.begin_upload("f")
    upload.copy(1, 0, 5 * MIB + 1, if_match=etag)
    upload.put(2, b"!" * (5 * MIB))
    upload.copy(3, 10 * MIB + 1, len(old), if_match=etag)
    upload.complete(if_match=etag)
    expected = old[: 5 * MIB + 1] + b"!" * (5 * MIB) + old[10 * MIB + 1 :]
    assert bytes(backend.read("f")) == expected
