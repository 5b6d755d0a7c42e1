"""What happens to acts when the network or the store fails."""

import contextlib

import pytest

from tests.contracts.store_faults import FaultContract, Opened
from tests.engine.s3.stores import opened
from tests.servers.fault_proxy import FaultProxy
from vfs.engine.backends.s3 import S3Backend
from vfs.engine.errors import StorageError

MIB = 1 << 20


class TestFaults(FaultContract):
    """S3 behind a network that fails."""

    last_act = "COMPLETE"

    @pytest.fixture
    def opened(self, proxy: FaultProxy, bucket: str) -> Opened:
        def open_backend(**options: object) -> contextlib.AbstractContextManager[S3Backend]:
            return opened(proxy.url, bucket, **options)

        return open_backend


def test_a_failed_stream_leaves_no_parts(counted: S3Backend, proxy: FaultProxy) -> None:
    """An upload that cannot go on is aborted, and the old file stays."""
    counted.write("f", b"old")
    proxy.fail(400, "InvalidRequest", times=1, matches=lambda request: request.act == "PART")
    with pytest.raises(StorageError), proxy.counting() as requests:
        counted.write("f", iter([bytes(MIB)] * 30))
    assert requests["ABORT"] == 1
    assert requests["COMPLETE"] == 0
    assert bytes(counted.read("f")) == b"old"


def test_credentials_are_not_tried_again(proxy: FaultProxy, bucket: str) -> None:
    """A refusal is final: one request, PermissionDenied."""
    with (
        opened(proxy.url, bucket, secret="wrong") as backend,
        pytest.raises(PermissionError),
        proxy.counting() as requests,
    ):
        backend.read("f")
    assert requests.total() == 1
