"""What happens to acts when the network or the store fails."""

import contextlib

import pytest
from azure.storage.blob import ContainerClient

from tests.contracts.store_faults import FaultContract, Opened
from tests.engine.azure.stores import opened
from tests.servers.fault_proxy import FaultProxy
from vfs.engine.backends.azure import AzureBackend
from vfs.engine.errors import StorageError

MIB = 1 << 20


class TestFaults(FaultContract):
    """Azure behind a network that fails."""

    last_act = "COMMIT"

    @pytest.fixture
    def proxy(self, azure_proxy: FaultProxy) -> FaultProxy:
        return azure_proxy

    @pytest.fixture
    def opened(self, azure_proxy: FaultProxy, container: ContainerClient) -> Opened:
        def open_backend(**options: object) -> contextlib.AbstractContextManager[AzureBackend]:
            return opened(azure_proxy.url, container.container_name, **options)

        return open_backend


def test_a_failed_stream_publishes_nothing(counted: AzureBackend, azure_proxy: FaultProxy) -> None:
    """An upload that cannot go on is given up, and the old file stays."""
    counted.write("f", b"old")
    azure_proxy.fail(400, "InvalidInput", times=1, matches=lambda request: request.act == "BLOCK")
    with pytest.raises(StorageError), azure_proxy.counting() as requests:
        counted.write("f", iter([bytes(MIB)] * 30))
    assert requests["COMMIT"] == 0
    assert bytes(counted.read("f")) == b"old"


def test_credentials_are_not_tried_again(azure_proxy: FaultProxy, container: ContainerClient) -> None:
    """A refusal is final: one request, PermissionDenied."""
    with (
        opened(azure_proxy.url, container.container_name, account_key="d3Jvbmc=") as backend,
        pytest.raises(PermissionError),
        azure_proxy.counting() as requests,
    ):
        backend.read("f")
    assert requests.total() == 1
