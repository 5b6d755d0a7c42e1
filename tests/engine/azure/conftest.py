"""Azure backends: one on the server, one behind the fault proxy."""

from collections.abc import Iterator

import pytest
from azure.storage.blob import ContainerClient

from tests.engine.azure.stores import opened
from tests.servers.azure import AzuriteServer
from tests.servers.fault_proxy import FaultProxy
from vfs.engine.backends.azure import AzureBackend


@pytest.fixture
def backend(azurite: AzuriteServer, container: ContainerClient) -> Iterator[AzureBackend]:
    """A backend on an empty container."""
    with opened(azurite.url, container.container_name) as backend:
        yield backend


@pytest.fixture
def counted(azure_proxy: FaultProxy, container: ContainerClient) -> Iterator[AzureBackend]:
    """A backend on an empty container, through the fault proxy, that need not ask what the account is."""
    with opened(azure_proxy.url, container.container_name, hierarchical=False) as backend:
        yield backend
