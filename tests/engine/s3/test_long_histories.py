"""A bucket with many versions of many objects, looked into through `.versions`."""

import tracemalloc
from concurrent.futures import ThreadPoolExecutor

import pytest

from tests.engine.s3.stores import opened
from tests.servers.fault_proxy import FaultProxy
from tests.servers.seaweed import SeaweedServer
from vfs.engine.layers.versions_dir.layer import with_versions
from vfs.engine.layers.versions_dir.options import VersionsOptions

KEYS, VERSIONS, PAGE = 1000, 20, 1000


@pytest.fixture
def long_history(seaweed: SeaweedServer, versioned_bucket: str) -> str:
    """A bucket in whose folder `d` each of a thousand keys has twenty versions."""
    client = seaweed.client()

    def write(number: int) -> None:
        for version in range(VERSIONS):
            client.put_object(Bucket=versioned_bucket, Key=f"d/{number:04}", Body=b"%d" % version)

    with ThreadPoolExecutor(8) as threads:
        list(threads.map(write, range(KEYS)))
    return versioned_bucket


@pytest.mark.slow
def test_requests_are_for_pages_and_memory_is_bounded(proxy: FaultProxy, long_history: str) -> None:
    """A request for each thousand versions, and no more in memory than some pages."""
    with opened(proxy.url, long_history) as backend:
        layer = with_versions(backend, VersionsOptions())
        for folder in ("d/.versions", ".versions/@now/d"):
            tracemalloc.start()
            with proxy.counting() as requests:
                assert sum(1 for _ in layer.list(folder)) == KEYS
            peak = tracemalloc.get_traced_memory()[1]
            tracemalloc.stop()
            assert sum(requests.values()) <= KEYS * VERSIONS // PAGE + 4
            assert peak < 16 << 20
