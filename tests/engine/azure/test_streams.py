"""Big files and long listings: bounded memory, whatever their size; and limits told early."""

import errno
import tracemalloc
from collections.abc import Iterator

import pytest
from azure.storage.blob import ContainerClient

from tests.engine.azure.stores import opened
from tests.servers.azure import AzuriteServer
from tests.servers.web import Script, scripted_server
from vfs.engine.backends.azure import AzureBackend
from vfs.engine.errors import StorageError

MIB = 1 << 20


def test_a_stream_is_never_held_whole(azurite: AzuriteServer, container: ContainerClient) -> None:
    """Writing 120 MiB from a generator takes a few parts of memory."""

    def stream() -> Iterator[bytes]:
        for number in range(120):
            yield bytes([number]) * MIB

    with opened(azurite.url, container.container_name, part_size="4MiB") as backend:
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


def test_a_long_listing_is_never_held_whole() -> None:
    """The first entries of 40,000 come with the first page, and memory is that of a page or two."""
    pages = 8

    def respond(request: Script) -> None:
        number = int(request.path.partition("marker=")[2].partition("&")[0] or 0)
        told = "<Properties><Last-Modified>Sat, 21 Nov 2026 11:00:00 GMT</Last-Modified></Properties>"
        blobs = "".join(f"<Blob><Name>{number:02}-{i:04}</Name>{told}</Blob>" for i in range(5000))
        marker = str(number + 1) if number + 1 < pages else ""
        body = f"<R><Blobs>{blobs}</Blobs><NextMarker>{marker}</NextMarker></R>"
        request.send(200, body.encode(), Content_Type="application/xml")

    with scripted_server(respond) as (url, requests), opened(url, "c", hierarchical=False) as backend:
        listing = backend.list("")
        assert next(listing).name == "00-0000"
        assert len(requests) == 1
        assert sum(1 for _ in listing) == pages * 5000 - 1
        # Everything that is remembered of a container has its bound; it is full by now, or never.
        known = backend._connection.known
        tracemalloc.start()
        try:
            assert sum(1 for _ in backend.list("")) == pages * 5000
            grown, peak = tracemalloc.get_traced_memory()
        finally:
            tracemalloc.stop()
        assert known.file("07-4999") is not None
        assert peak - grown < 40 * MIB


def test_a_part_too_many_is_told(backend: AzureBackend) -> None:
    """Before it is sent, as EFBIG with what to do about it."""
    upload = backend.begin_upload("f")
    with pytest.raises(StorageError, match="part_size") as caught:
        upload.put(10_001, b"x")
    assert caught.value.errno == errno.EFBIG
    upload.abort()


def test_an_upload_without_parts_is_an_empty_file(backend: AzureBackend) -> None:
    """With or without a part that holds nothing."""
    assert backend.begin_upload("f").complete().size == 0
    upload = backend.begin_upload("g")
    upload.put(1, b"")
    assert upload.complete().size == 0
    assert (backend.stat("f").size, backend.stat("g").size) == (0, 0)
