"""Old versions: told truly where none are kept, and asked for as Azure wants it where they are."""

from collections.abc import Iterator
from urllib.parse import parse_qs, urlsplit

import pytest
from azure.storage.blob import ContainerClient

from tests.engine.azure.stores import opened
from tests.servers.azure import AzuriteServer
from tests.servers.web import Script, scripted_server
from vfs.engine.backend import Backend, KeepsVersions
from vfs.engine.backends.azure import AzureBackend
from vfs.engine.capabilities import Capability
from vfs.engine.entries import Version
from vfs.engine.errors import CapabilityNotSupported
from vfs.engine.layers.versioned import VersionedLayer
from vfs.testing.versions import VersionsContract

OLD, NEW = "2026-11-20T10:33:12.1234567Z", "2026-11-21T08:00:00.0000000Z"
KEPT = frozenset({Capability.VERSIONING, Capability.VERSION_LISTING, Capability.VERSION_ACCESS})


def _blob(name: str, version: str, size: int, current: bool) -> str:
    return (
        f"<Blob><Name>{name}</Name><VersionId>{version}</VersionId>"
        + ("<IsCurrentVersion>true</IsCurrentVersion>" if current else "")
        + f"<Properties><Last-Modified>Sat, 21 Nov 2026 11:00:00 GMT</Last-Modified><Etag>0x{size}</Etag>"
        f"<Content-Length>{size}</Content-Length></Properties></Blob>"
    )


PAGES = {
    "": ([_blob("f", OLD, 3, False)], "page2"),
    "page2": ([_blob("f", NEW, 7, True), _blob("f.txt", NEW, 9, True)], ""),
}


def versioned(request: Script) -> None:
    """An account that keeps versions: two of `f`, on two pages."""
    query = {name: values[0] for name, values in parse_qs(urlsplit(request.path).query).items()}
    if query.get("comp") == "list":
        blobs, marker = PAGES[query.get("marker", "")]
        body = f"<R><Blobs>{''.join(blobs)}</Blobs><NextMarker>{marker}</NextMarker></R>"
        request.send(200, body.encode(), Content_Type="application/xml")
        return
    status = {"GET": 200, "HEAD": 200, "PUT": 202, "DELETE": 202}[request.command]
    body = b"" if request.command != "GET" else b"old"
    request.send(
        status, body, ETag='"0x9"', Last_Modified="Sat, 21 Nov 2026 11:00:00 GMT", x_ms_copy_status="success"
    )


class TestUnderTheLayer(VersionsContract):
    """The server for tests keeps no versions: the layer `versioned` does, over its blobs."""

    odd_names = tuple(name for name in VersionsContract.odd_names if name != "\x7f")

    @pytest.fixture
    def backend(self, azurite: AzuriteServer, container: ContainerClient) -> Iterator[Backend]:
        with opened(azurite.url, container.container_name) as backend:
            yield VersionedLayer(backend)


def test_an_account_without_versions_says_so(backend: AzureBackend) -> None:
    """By its capabilities, by its abilities, and to who asks for one all the same."""
    backend.write("f", b"x")
    assert not KEPT & backend.capabilities
    assert backend.ability(KeepsVersions) is None
    with pytest.raises(CapabilityNotSupported):
        backend.read("f", version=OLD)


def test_versions_are_listed_oldest_first() -> None:
    """Those of exactly this key, over pages, with times as exact as their names."""
    with scripted_server(versioned) as (url, _), opened(url, "c", hierarchical=False) as backend:
        assert backend.capabilities >= KEPT
        versions = backend.ability(KeepsVersions)
        assert versions is not None
        assert versions.list_versions("f") == [
            Version(OLD, 1_795_170_792_123_456_700, 3, '"0x3"'),
            Version(NEW, 1_795_248_000_000_000_000, 7, '"0x7"', is_latest=True),
        ]


def test_a_version_is_read_restored_and_removed_by_its_name() -> None:
    """A restore is a copy inside the store, of the version onto the blob."""
    with scripted_server(versioned) as (url, requests), opened(url, "c", hierarchical=False) as backend:
        versions = backend.ability(KeepsVersions)
        assert versions is not None
        del requests[:]
        assert bytes(backend.read("f", version=OLD)) == b"old"
        assert versions.restore_version("f", OLD).etag == '"0x9"'
        versions.delete_version("f", OLD)
    asked = [(method, parse_qs(urlsplit(path).query)) for method, path, _ in requests]
    assert asked == [
        ("GET", {"versionid": [OLD]}),
        ("HEAD", {"versionid": [OLD]}),
        ("PUT", {}),
        ("DELETE", {"versionid": [OLD]}),
    ]
    copied = urlsplit({name.lower(): value for name, value in requests[2][2].items()}["x-ms-copy-source"])
    assert (copied.path, parse_qs(copied.query)) == ("/devstoreaccount1/c/f", {"versionid": [OLD]})
