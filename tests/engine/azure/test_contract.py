"""The azure backend keeps the backend contract, as the root of a container and below a prefix."""

import secrets
from collections.abc import Iterator

import pytest
from azure.storage.blob import ContainerClient

from tests.engine.azure.stores import opened
from tests.servers.azure import AzuriteServer
from vfs.engine.backend import Backend
from vfs.testing.backend import BackendContract

FEW = 100
"""Files of a folder that has no more than a page: the whole container has pages."""


@pytest.fixture(scope="module")
def shared_container(azurite: AzuriteServer) -> Iterator[str]:
    with azurite.container() as container:
        yield container.container_name


class AzureContract(BackendContract):
    invalid_utf8_names = False
    longest_key_bytes = 1023
    unkeepable_names = frozenset({"back\\slash", "\x01control"})
    """Azure takes a backslash for a slash, and its listings show no control character: both are refused."""
    etag_survives_attribute_changes = False


class TestWholeContainer(AzureContract):
    @pytest.fixture
    def backend(self, azurite: AzuriteServer, container: ContainerClient) -> Iterator[Backend]:
        with opened(azurite.url, container.container_name) as backend:
            yield backend


class TestPrefix(AzureContract):
    """Folders of one container, which also must not see each other."""

    many_files = FEW

    @pytest.fixture
    def backend(self, azurite: AzuriteServer, shared_container: str) -> Iterator[Backend]:
        with opened(azurite.url, shared_container, prefix=f"some/{secrets.token_hex(4)}") as backend:
            yield backend
