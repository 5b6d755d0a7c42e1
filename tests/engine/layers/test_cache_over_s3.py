"""A fast mount in front of a bucket: the contract of backends, and what it saves in requests."""

from collections.abc import Iterator

import pytest

from tests.engine.s3.over import OverS3Contract
from tests.engine.s3.stores import opened
from tests.servers.fault_proxy import FaultProxy
from tests.servers.seaweed import SeaweedServer
from vfs.engine.backend import Backend, ReadsBeginning
from vfs.engine.backends.memory import MemoryBackend
from vfs.engine.backends.s3 import S3Backend
from vfs.engine.layers.cache import CacheLayer, CacheOptions
from vfs.engine.layers.fast_copies import CHUNK
from vfs.testing.limits import ability, content

OPTIONS = CacheOptions.model_validate({"mount": "ram", "expiry": "1h"})


class TestCacheOverS3(OverS3Contract):
    @pytest.fixture
    def backend(self, seaweed: SeaweedServer, bucket: str) -> Iterator[Backend]:
        with opened(seaweed.url, bucket) as backend:
            yield CacheLayer(backend, MemoryBackend(), OPTIONS)


@pytest.fixture
def counted(proxy: FaultProxy, bucket: str) -> Iterator[S3Backend]:
    with opened(proxy.url, bucket) as backend:
        yield backend


def test_a_second_read_sends_no_request(proxy: FaultProxy, counted: S3Backend) -> None:
    """Within the expiry, of a file that was read, and of one that was written, whole and in part."""
    layer = CacheLayer(counted, MemoryBackend(), OPTIONS)
    counted.write("d/read", bytes(5 * CHUNK))
    layer.write("d/written", bytes(3 * CHUNK))
    content(layer, "d/read")
    with proxy.counting() as requests:
        for key in ("d/read", "d/written"):
            content(layer, key)
            layer.read(key, CHUNK - 5, CHUNK + 5)
        layer.stat("d/read")
    assert dict(requests) == {}


def test_a_mounted_file_is_opened_and_read_again_without_a_request(
    proxy: FaultProxy, counted: S3Backend
) -> None:
    """Its entry and its beginning came in one, and are known."""
    counted.write("f", b"content")
    layer = CacheLayer(counted, MemoryBackend(), OPTIONS)
    beginnings = ability(layer, ReadsBeginning)
    with proxy.counting() as requests:
        for _ in range(3):
            entry, beginning = beginnings.read_beginning("f", 1 << 20)
            assert (entry.size, bytes(beginning)) == (7, b"content")
            assert layer.stat("f") == entry
    assert dict(requests) == {"GET": 1}


def test_one_byte_of_a_big_object_is_one_small_request(proxy: FaultProxy, counted: S3Backend) -> None:
    """Of a 40 MiB object one MiB comes, in one request."""
    layer = CacheLayer(counted, MemoryBackend(), OPTIONS)
    counted.write("big", iter([bytes(CHUNK)] * 40))
    layer.stat("big")
    with proxy.counting() as requests:
        assert bytes(layer.read("big", 20 * CHUNK + 7, 20 * CHUNK + 8)) == b"\0"
        assert bytes(layer.read("big", 20 * CHUNK + 70, 20 * CHUNK + 80)) == bytes(10)
    assert dict(requests) == {"GET": 1}


def test_always_asking_is_one_head(proxy: FaultProxy, counted: S3Backend) -> None:
    """What others write is seen at once, at the price of one small request a read."""
    layer = CacheLayer(counted, MemoryBackend(), CacheOptions.model_validate({"mount": "ram", "expiry": 0}))
    counted.write("f", b"old")
    content(layer, "f")
    with proxy.counting() as requests:
        assert content(layer, "f") == b"old"
    assert dict(requests) == {"HEAD": 1}
    counted.write("f", b"new")
    assert content(layer, "f") == b"new"
