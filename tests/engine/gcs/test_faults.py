"""What happens to acts when the network or the store fails."""

import contextlib

import pytest

from tests.contracts.store_faults import FaultContract, Opened
from tests.engine.gcs.stores import opened
from tests.servers.fault_proxy import FaultProxy
from tests.servers.gcs import GcsServer
from vfs.engine.backends.gcs import GcsBackend
from vfs.engine.errors import AlreadyExists, BackendUnavailable, PermissionDenied, StorageError

MIB = 1 << 20


class TestFaults(FaultContract):
    """GCS behind a network that fails."""

    last_act = "COMPOSE"

    @pytest.fixture
    def proxy(self, gcs_proxy: FaultProxy) -> FaultProxy:
        return gcs_proxy

    @pytest.fixture
    def opened(self, gcs_proxy: FaultProxy, gcs_bucket: str) -> Opened:
        def open_backend(**options: object) -> contextlib.AbstractContextManager[GcsBackend]:
            return opened(gcs_proxy.url, gcs_bucket, **options)

        return open_backend


def test_a_failed_stream_leaves_no_parts(
    counted: GcsBackend, gcs_proxy: FaultProxy, gcs: GcsServer, gcs_bucket: str
) -> None:
    """What was sent of an upload that cannot go on is deleted, and the old file stays."""
    counted.write("f", b"old")
    gcs_proxy.fail(400, "invalid", times=1, matches=lambda request: request.act == "COMPOSE")
    with pytest.raises(StorageError):
        counted.write("f", iter([bytes(MIB)] * 30))
    assert bytes(counted.read("f")) == b"old"
    assert gcs.keys(gcs_bucket) == ["f"]


def test_a_store_that_is_asked_too_fast_is_asked_again(counted: GcsBackend, gcs_proxy: FaultProxy) -> None:
    """Google says so with 429."""
    gcs_proxy.fail(429, "rateLimitExceeded", times=3)
    counted.write("f", b"x")
    gcs_proxy.fail(429, "rateLimitExceeded")
    with pytest.raises(BackendUnavailable):
        counted.ping()


def test_a_lost_reply_is_settled_without_attributes_too(gcs_proxy: FaultProxy, gcs_bucket: str) -> None:
    """Where no time of writing tells our object apart, its checksum does."""
    with opened(gcs_proxy.url, gcs_bucket, attributes="ignore") as backend:
        gcs_proxy.lose_reply(times=1)
        created = backend.write("f", b"one", overwrite=False)
        assert backend.stat("f").etag == created.etag
        gcs_proxy.lose_reply(times=1)
        with pytest.raises(AlreadyExists):
            backend.write("f", b"two", overwrite=False)


def test_a_refusal_is_not_tried_again(counted: GcsBackend, gcs_proxy: FaultProxy) -> None:
    """One request, PermissionDenied."""
    gcs_proxy.fail(403, "forbidden")
    with pytest.raises(PermissionDenied, match="access denied"), gcs_proxy.counting() as requests:
        counted.read("f")
    assert requests.total() == 1
