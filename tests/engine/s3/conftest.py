"""S3 backends: one on the server, one behind the fault proxy."""

from collections.abc import Iterator

import pytest

from tests.engine.s3.stores import opened
from tests.servers.fault_proxy import FaultProxy
from tests.servers.seaweed import SeaweedServer
from vfs.engine.backends.s3 import S3Backend


@pytest.fixture
def backend(seaweed: SeaweedServer, bucket: str) -> Iterator[S3Backend]:
    """A backend on an empty bucket."""
    with opened(seaweed.url, bucket) as backend:
        yield backend


@pytest.fixture
def counted(proxy: FaultProxy, bucket: str) -> Iterator[S3Backend]:
    """A backend on an empty bucket, through the fault proxy."""
    with opened(proxy.url, bucket) as backend:
        yield backend
