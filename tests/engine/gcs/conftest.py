"""GCS backends: one on the server, one behind the fault proxy."""

from collections.abc import Iterator

import pytest

from tests.engine.gcs.stores import opened
from tests.servers.fault_proxy import FaultProxy
from tests.servers.gcs import GcsServer
from vfs.engine.backends.gcs import GcsBackend


@pytest.fixture
def backend(gcs: GcsServer, gcs_bucket: str) -> Iterator[GcsBackend]:
    """A backend on an empty bucket."""
    with opened(gcs.url, gcs_bucket) as backend:
        yield backend


@pytest.fixture
def counted(gcs_proxy: FaultProxy, gcs_bucket: str) -> Iterator[GcsBackend]:
    """A backend on an empty bucket, through the fault proxy."""
    with opened(gcs_proxy.url, gcs_bucket) as backend:
        yield backend
