"""The s3 backend keeps the backend contract, as the root of a bucket and below a prefix."""

from collections.abc import Iterator

import pytest

from tests.contracts.backend import BackendContract
from tests.engine.s3.stores import opened
from tests.servers.seaweed import SeaweedServer
from vfs.engine.backend import Backend


class S3Contract(BackendContract):
    invalid_utf8_names = False
    longest_key_bytes = 1023


class TestWholeBucket(S3Contract):
    @pytest.fixture
    def backend(self, seaweed: SeaweedServer, bucket: str) -> Iterator[Backend]:
        with opened(seaweed.url, bucket) as backend:
            yield backend


class TestPrefix(S3Contract):
    @pytest.fixture
    def backend(self, seaweed: SeaweedServer, bucket: str) -> Iterator[Backend]:
        with opened(seaweed.url, bucket, prefix="some/prefix") as backend:
            yield backend


class TestVersionedBucket(S3Contract):
    @pytest.fixture
    def backend(self, seaweed: SeaweedServer, versioned_bucket: str) -> Iterator[Backend]:
        with opened(seaweed.url, versioned_bucket) as backend:
            yield backend
