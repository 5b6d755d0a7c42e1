"""Contents compressed in a bucket: the contract of backends, and what it costs in requests."""

from collections.abc import Iterator

import pytest

from tests.engine.s3.over import OverS3Contract
from tests.engine.s3.stores import opened
from tests.servers.seaweed import SeaweedServer
from vfs.engine.backend import Backend, CompletesEntries
from vfs.engine.layers.gzip import GzipLayer


class TestGzipOverS3(OverS3Contract):
    @pytest.fixture
    def backend(self, seaweed: SeaweedServer, bucket: str) -> Iterator[Backend]:
        with opened(seaweed.url, bucket) as backend:
            yield GzipLayer(backend)


def test_a_fresh_listing_is_completed_with_sizes(seaweed: SeaweedServer, bucket: str) -> None:
    """The sizes in a bucket's listing are those of the stored files; completing gives the true ones."""
    with opened(seaweed.url, bucket) as backend:
        for number in range(20):
            GzipLayer(backend).write(f"d/{number}", b"x" * number * 1000)
    with opened(seaweed.url, bucket) as backend:
        layer = GzipLayer(backend)
        listed = list(layer.list("d"))
        assert not any(entry.complete for entry in listed)
        completes = layer.ability(CompletesEntries)
        assert completes is not None
        sizes = {entry.name: entry.size for entry in completes.complete_entries("d", listed)}
        assert sizes == {str(number): number * 1000 for number in range(20)}
