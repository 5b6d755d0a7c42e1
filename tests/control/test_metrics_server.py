"""Numbers over HTTP: the text, nothing else, and an error where the port is taken."""

import http.client
from collections.abc import Iterator
from contextlib import closing

import pytest

from vfs.control.metrics_server import MetricsServer
from vfs.engine.errors import StorageError


@pytest.fixture
def server() -> Iterator[MetricsServer]:
    with closing(MetricsServer("127.0.0.1", 0, lambda: "vfs_open_files 1\n")) as server:
        yield server


def asked(server: MetricsServer, path: str, method: str = "GET") -> tuple[int, str]:
    with closing(http.client.HTTPConnection("127.0.0.1", server.port, timeout=60)) as connection:
        connection.request(method, path)
        answer = connection.getresponse()
        return answer.status, answer.read().decode()


def test_the_numbers_are_told(server: MetricsServer) -> None:
    """As the text that they are, whatever a query says."""
    assert asked(server, "/metrics") == (200, "vfs_open_files 1\n")
    assert asked(server, "/metrics?a=b")[0] == 200


def test_there_is_nothing_else(server: MetricsServer) -> None:
    """No other page, and nothing that can be changed."""
    assert asked(server, "/")[0] == 404
    assert asked(server, "/metrics/../x")[0] == 404
    assert asked(server, "/metrics", "POST")[0] == 501


def test_a_port_that_is_taken_is_told(server: MetricsServer) -> None:
    """With the address, and before anything is mounted."""
    with pytest.raises(StorageError, match=f"metrics: 127.0.0.1:{server.port}: Address already in use"):
        MetricsServer("127.0.0.1", server.port, str)
