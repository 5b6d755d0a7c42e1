"""The s3 backend keeps the backend contract, as the root of a bucket and below a prefix."""

import secrets
from collections.abc import Iterator

import pytest

from tests.engine.s3.stores import opened
from tests.servers.seaweed import SeaweedServer
from vfs.engine.backend import Backend
from vfs.testing.backend import BackendContract

FEW = 100
"""Files of a folder that has no more than a page: the whole bucket has pages."""


@pytest.fixture(scope="module")
def shared_bucket(seaweed: SeaweedServer) -> Iterator[str]:
    with seaweed.bucket() as name:
        yield name


@pytest.fixture(scope="module")
def shared_versioned_bucket(seaweed: SeaweedServer) -> Iterator[str]:
    with seaweed.bucket(versioned=True) as name:
        yield name


class S3Contract(BackendContract):
    invalid_utf8_names = False
    longest_key_bytes = 1023
    unkeepable_names = frozenset({"back\\slash"})
    """SeaweedFS takes a backslash for a slash; AWS does not."""


class TestWholeBucket(S3Contract):
    @pytest.fixture
    def backend(self, seaweed: SeaweedServer, bucket: str) -> Iterator[Backend]:
        with opened(seaweed.url, bucket) as backend:
            yield backend


@pytest.mark.slow
class TestPrefix(S3Contract):
    """Folders of one bucket, which also must not see each other; below, versions are kept besides."""

    many_files = FEW

    @pytest.fixture
    def backend(self, seaweed: SeaweedServer, shared_bucket: str) -> Iterator[Backend]:
        with opened(seaweed.url, shared_bucket, prefix=f"some/{secrets.token_hex(4)}") as backend:
            yield backend


class TestVersionedBucket(S3Contract):
    """Folders of one bucket, which also must not see each other, where nothing is ever really gone."""

    many_files = FEW

    @pytest.fixture
    def backend(self, seaweed: SeaweedServer, shared_versioned_bucket: str) -> Iterator[Backend]:
        with opened(seaweed.url, shared_versioned_bucket, prefix=f"some/{secrets.token_hex(4)}") as backend:
            yield backend
