"""Many clients at once: no request fails, no update is lost, and nothing stays open when they have gone."""

import http.client
import os
import threading
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import pytest

from tests.dav.clients.drive import Drive, drive
from tests.mounts.waiting import wait_until

CLIENTS = 24
ROUNDS = 4


class Client:
    """One connection that is kept."""

    def __init__(self, served: Drive) -> None:
        self._connection = http.client.HTTPConnection(served.address, timeout=60)

    def ask(self, method: str, path: str, body: bytes = b"", **headers: str) -> tuple[int, bytes, str]:
        """Status, body and ETag."""
        named = {name.replace("_", "-"): value for name, value in headers.items()}
        self._connection.request(method, path, body, named)
        answer = self._connection.getresponse()
        return answer.status, answer.read(), answer.headers.get("ETag", "")

    def close(self) -> None:
        self._connection.close()


def work(served: Drive, mount: str, number: int) -> int:
    """One client, with its own files and a counter that all share; gives how often it counted."""
    client = Client(served)
    counted, own = 0, f"/{mount}/client-{number}"
    assert client.ask("MKCOL", own)[0] == 201
    for turn in range(ROUNDS):
        data = f"{number} {turn} ".encode() * 5000
        assert client.ask("PUT", f"{own}/a", data)[0] in {201, 204}
        assert client.ask("GET", f"{own}/a")[:2] == (200, data)
        assert client.ask("GET", f"{own}/a", Range="bytes=5-9")[:2] == (206, data[5:10])
        assert client.ask("MOVE", f"{own}/a", Destination=f"{own}/b")[0] in {201, 204}
        assert client.ask("COPY", f"{own}/b", Destination=f"{own}/c")[0] in {201, 204}
        status, told, _ = client.ask("PROPFIND", f"{own}/", Depth="1")
        assert (status, told.count(b"<D:response>")) == (207, 3)
        counted += count(client, f"/{mount}/counter")
        assert client.ask("DELETE", f"{own}/b")[0] == 204
    assert client.ask("DELETE", own)[0] == 204
    client.close()
    return counted


def count(client: Client, path: str) -> int:
    """One up, if nobody else did so between reading and writing."""
    status, text, etag = client.ask("GET", path)
    assert status == 200
    status, *_ = client.ask("PUT", path, b"%d" % (int(text) + 1), If_Match=etag)
    assert status in {204, 412}
    return int(status == 204)


@pytest.mark.parametrize("mount", ["files", "Memory"])
def test_no_update_is_lost(mount: str, tmp_path: Path) -> None:
    """Each `If-Match` that was answered with success counts, and no other."""
    with drive(tmp_path) as served:
        served.storage.node(f"{mount}:counter").write_text("0")
        descriptors = len(os.listdir("/proc/self/fd"))
        with ThreadPoolExecutor(CLIENTS) as pool:
            counted = sum(pool.map(lambda number: work(served, mount, number), range(CLIENTS)))
        assert int(served.text(f"{mount}:counter")) == counted > 0
        assert [node.name for node in served.storage.node(f"{mount}:").children()] == ["counter"]
        # Other threads of this process open and close files meanwhile: far fewer than there were clients.
        most = descriptors + CLIENTS // 2
        wait_until(lambda: len(os.listdir("/proc/self/fd")) <= most, 30, "the descriptors")
        threads = [thread for thread in threading.enumerate() if thread.name == "vfs-dav-connection"]
        assert threads == []
