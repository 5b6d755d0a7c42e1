"""Folders of very many files: the first entries come with the first page, and memory stays flat."""

import tracemalloc
from concurrent.futures import ThreadPoolExecutor
from typing import Any

import pytest

from tests.engine.s3.stores import opened
from tests.servers.fault_proxy import FaultProxy
from tests.servers.seaweed import SeaweedServer

PAGE = 1000
MEBIBYTE = 1 << 20
MOST_MEMORY = 24 * MEBIBYTE
"""A few pages of XML and entries, with room to spare; 100,000 entries would take more than twice that."""


@pytest.fixture
def client(seaweed: SeaweedServer) -> Any:
    """Puts objects behind the backend's back."""
    client = seaweed.client()
    yield client
    client.close()


@pytest.mark.parametrize("count", [1100, pytest.param(100_000, marks=pytest.mark.slow)])
def test_a_long_listing_streams(proxy: FaultProxy, bucket: str, client: Any, count: int) -> None:
    """The first entry costs one request, all of them a request for each thousand, and memory stays flat."""
    keys = [f"folder/{number:06}" for number in range(count)]
    with ThreadPoolExecutor(10) as threads:
        for _ in threads.map(lambda key: client.put_object(Bucket=bucket, Key=key, Body=b""), keys):
            pass
    with opened(proxy.url, bucket) as backend:
        backend.capabilities  # noqa: B018 - asks whether versions are kept, once
        proxy.requests.clear()
        tracemalloc.start()
        try:
            entries = backend.list("folder")
            names = [next(entries).name]
            assert len(proxy.requests) == 1
            names.extend(entry.name for entry in entries)
            _, peak = tracemalloc.get_traced_memory()
        finally:
            tracemalloc.stop()
    assert names == [key.removeprefix("folder/") for key in keys]
    assert len(proxy.requests) == -(-count // PAGE)
    assert peak < MOST_MEMORY
