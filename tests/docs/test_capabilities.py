"""docs/python/capabilities.md: the matrix says what the code computes, and `if` where it depends."""

from collections.abc import Iterator, Mapping
from contextlib import ExitStack, contextmanager
from pathlib import Path
from typing import Any

import pytest
from azure.storage.blob import ContainerClient

import vfs
from tests.engine.azure import stores as azure_stores
from tests.engine.azure.test_versions import versioned
from tests.engine.gcs import stores as gcs_stores
from tests.engine.gcs.keys import write_key_file
from tests.engine.s3 import stores as s3_stores
from tests.servers.azure import AzuriteServer
from tests.servers.gcs import GcsServer
from tests.servers.seaweed import SeaweedServer
from tests.servers.web import scripted_server
from vfs.engine.backend import Backend
from vfs.engine.backends import STORAGE_TYPES

PAGE = (Path(__file__).parents[2] / "docs" / "python" / "capabilities.md").read_text()
ROWS = [
    [cell.strip() for cell in line.strip("|").split("|")] for line in PAGE.splitlines() if line[:1] == "|"
]
HEADER, _, *BODY = ROWS
TYPES = HEADER[1:]
MATRIX = {
    kind: {word.strip(" `"): row[column] for row in BODY for word in row[0].split(",")}
    for column, kind in enumerate(TYPES, start=1)
}

LOCAL: Mapping[str, list[dict[str, Any]]] = {
    "local": [{"create": True}, {"create": True, "base_url": "http://files.example.org"}],
    "memory": [{}],
    "sqlite": [{}],
    "zip": [{}],
    "hashdir": [{"create": True}],
    "base64": [{}],
    "http": [
        {"url": "http://127.0.0.1:9/"},
        {"url": "http://127.0.0.1:9/", "user": "me", "password": "x"},
        {"url": "http://127.0.0.1:9/", "listing": "off"},
    ],
}


def check(kind: str, backends: Iterator[Backend]) -> None:
    """The first is as it is by default; what a cell makes depend on something, one of the others changes."""
    default, *others = [frozenset(map(str, backend.capabilities)) for backend in backends]
    assert set(MATRIX[kind]) == set(map(str, vfs.Capability))
    for word, cell in MATRIX[kind].items():
        if cell.startswith("if "):
            assert any((word in other) != (word in default) for other in others), word
        else:
            assert cell in {"", "yes"}
            assert (word in default) == (cell == "yes"), word


@pytest.mark.parametrize("kind", LOCAL)
def test_of_storages_that_need_no_server(kind: str, tmp_path: Path) -> None:
    """Built of their options, as a mount is."""
    loaded = STORAGE_TYPES.load(kind)

    def opened() -> Iterator[Backend]:
        for number, options in enumerate(LOCAL[kind]):
            own = {"path": str(tmp_path / f"{number}")} if "path" in loaded.options.model_fields else {}
            backend = loaded.build(loaded.options.model_validate(own | options))
            yield backend
            backend.close()

    check(kind, opened())


def each(held: ExitStack, *opening: Any) -> Iterator[Backend]:
    return (held.enter_context(opened) for opened in opening)


def test_of_s3(seaweed: SeaweedServer, bucket: str, versioned_bucket: str) -> None:
    """A bucket, one with versioning, and one without attributes."""
    with ExitStack() as held:
        backends = each(
            held,
            s3_stores.opened(seaweed.url, bucket),
            s3_stores.opened(seaweed.url, versioned_bucket),
            s3_stores.opened(seaweed.url, bucket, attributes="ignore"),
        )
        check("s3", backends)


def test_of_gcs(gcs: GcsServer, gcs_bucket: str, tmp_path: Path) -> None:
    """By a token, with a key that signs, with versioning, and without attributes."""
    key_file = write_key_file(tmp_path / "key.json", "http://127.0.0.1:9/token")
    with ExitStack() as held, gcs.bucket(versioned=True) as kept:
        backends = each(
            held,
            gcs_stores.opened(gcs.url, gcs_bucket),
            _without_asking(gcs.url, gcs_bucket, key_file),
            gcs_stores.opened(gcs.url, kept),
            gcs_stores.opened(gcs.url, gcs_bucket, attributes="ignore"),
        )
        check("gcs", backends)


@contextmanager
def _without_asking(url: str, bucket: str, key_file: Path) -> Iterator[Backend]:
    """Its token comes from nowhere: what can be told without it is told."""
    with gcs_stores.opened(url, bucket, token=str(key_file), retries=0, deadline=1) as backend:
        yield backend


def test_of_azure(azurite: AzuriteServer, container: ContainerClient) -> None:
    """By key, by SAS, in a hierarchical account, in one with versions, and without attributes."""
    name = container.container_name
    with ExitStack() as held:
        url, _ = held.enter_context(scripted_server(versioned))
        backends = each(
            held,
            azure_stores.opened(azurite.url, name, hierarchical=False),
            azure_stores.opened(azurite.url, name, account_key=None, sas_token="sv=1&sig=x"),
            azure_stores.opened(azurite.url, name, hierarchical=True),
            azure_stores.opened(url, "c", hierarchical=False),
            azure_stores.opened(azurite.url, name, attributes="ignore", hierarchical=False),
        )
        check("azure", backends)
