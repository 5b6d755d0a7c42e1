"""The test servers as pytest fixtures: one SeaweedFS a session, one bucket and one fault proxy a test."""

from collections.abc import Iterator

import pytest

from tests.servers.fault_proxy import FaultProxy
from tests.servers.seaweed import SeaweedServer


@pytest.fixture(scope="session")
def seaweed() -> Iterator[SeaweedServer]:
    """A running S3 server."""
    server = SeaweedServer()
    try:
        server.start()
        yield server
    finally:
        server.close()


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
