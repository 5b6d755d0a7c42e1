"""The gcs backend keeps the backend contract, as the root of a bucket and below a prefix."""

import secrets
from collections.abc import Iterator

import pytest

from tests.engine.gcs.stores import opened
from tests.servers.gcs import GcsServer
from vfs.engine.backend import Backend
from vfs.testing.backend import BackendContract

FEW = 100
"""Files of a folder that has no more than a page: the whole bucket has pages."""


@pytest.fixture(scope="module")
def shared_bucket(gcs: GcsServer) -> Iterator[str]:
    with gcs.bucket() as name:
        yield name


@pytest.fixture(scope="module")
def shared_versioned_bucket(gcs: GcsServer) -> Iterator[str]:
    with gcs.bucket(versioned=True) as name:
        yield name


class GcsContract(BackendContract):
    invalid_utf8_names = False
    longest_key_bytes = 1023


class TestWholeBucket(GcsContract):
    @pytest.fixture
    def backend(self, gcs: GcsServer, gcs_bucket: str) -> Iterator[Backend]:
        with opened(gcs.url, gcs_bucket) as backend:
            yield backend


@pytest.mark.slow
class TestPrefix(GcsContract):
    """Folders of one bucket, which also must not see each other; below, versions are kept besides."""

    many_files = FEW

    @pytest.fixture
    def backend(self, gcs: GcsServer, shared_bucket: str) -> Iterator[Backend]:
        with opened(gcs.url, shared_bucket, prefix=f"some/{secrets.token_hex(4)}") as backend:
            yield backend


class TestVersionedBucket(GcsContract):
    """Folders of one bucket, which also must not see each other, where nothing is ever really gone."""

    many_files = FEW

    @pytest.fixture
    def backend(self, gcs: GcsServer, shared_versioned_bucket: str) -> Iterator[Backend]:
        with opened(gcs.url, shared_versioned_bucket, prefix=f"some/{secrets.token_hex(4)}") as backend:
            yield backend
