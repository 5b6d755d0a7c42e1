"""The test servers as pytest fixtures: one SeaweedFS a session, one bucket and one fault proxy a test."""

from collections.abc import Iterator

import pytest
from azure.storage.blob import ContainerClient

from tests.servers.azure import AzuriteServer, azure_request
from tests.servers.fault_proxy import FaultProxy
from tests.servers.gcs import GcsServer, request_of
from tests.servers.seaweed import SeaweedServer
from tests.servers.started import started


@pytest.fixture(scope="session")
def seaweed() -> Iterator[SeaweedServer]:
    """A running S3 server."""
    with started(SeaweedServer()) as server:
        yield server


@pytest.fixture
def bucket(seaweed: SeaweedServer) -> Iterator[str]:
    """The name of an empty bucket."""
    with seaweed.bucket() as name:
        yield name


@pytest.fixture
def versioned_bucket(seaweed: SeaweedServer) -> Iterator[str]:
    """The name of an empty bucket that keeps old versions."""
    with seaweed.bucket(versioned=True) as name:
        yield name


@pytest.fixture
def proxy(seaweed: SeaweedServer) -> Iterator[FaultProxy]:
    """A fault proxy in front of the S3 server."""
    proxy = FaultProxy(seaweed.address)
    yield proxy
    proxy.close()


@pytest.fixture(scope="session")
def azurite() -> Iterator[AzuriteServer]:
    """A running server of Azure's blobs."""
    with started(AzuriteServer()) as server:
        yield server


@pytest.fixture
def container(azurite: AzuriteServer) -> Iterator[ContainerClient]:
    """An empty container, by Azure's own client."""
    with azurite.container() as container:
        yield container


@pytest.fixture
def azure_proxy(azurite: AzuriteServer) -> Iterator[FaultProxy]:
    """A fault proxy in front of the server of Azure's blobs."""
    proxy = FaultProxy(azurite.address, parse=azure_request)
    yield proxy
    proxy.close()


@pytest.fixture(scope="session")
def gcs() -> Iterator[GcsServer]:
    """A running GCS server."""
    with started(GcsServer()) as server:
        yield server


@pytest.fixture
def gcs_bucket(gcs: GcsServer) -> Iterator[str]:
    """The name of an empty bucket on the GCS server."""
    with gcs.bucket() as name:
        yield name


@pytest.fixture
def gcs_proxy(gcs: GcsServer) -> Iterator[FaultProxy]:
    """A fault proxy in front of the GCS server."""
    proxy = FaultProxy(gcs.address, parse=request_of)
    yield proxy
    proxy.close()
