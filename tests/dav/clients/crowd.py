"""Many clients at once, each with files of its own and a counter that all share.

    python -m tests.dav.clients.crowd --minutes 5 [--clients 64] [--s3]

asks `vfsdav`, and says what was asked, what the server needed, and whether an update was lost.
"""

import argparse
import contextlib
import http.client
import os
import signal
import statistics
import subprocess
import sys
import tempfile
import threading
import time
from collections.abc import Callable, Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import yaml

from tests.mounts.kinds import s3_settings
from tests.mounts.waiting import wait_until
from tests.servers.ports import free_ports
from tests.servers.seaweed import SeaweedServer


class Client:
    """One connection that is kept."""

    def __init__(self, address: str) -> None:
        """Of a server: host and port."""
        self._connection = http.client.HTTPConnection(address, timeout=60)

    def ask(self, method: str, path: str, body: bytes = b"", **headers: str) -> tuple[int, bytes, str]:
        """Status, body and ETag."""
        named = {name.replace("_", "-"): value for name, value in headers.items()}
        self._connection.request(method, path, body, named)
        answer = self._connection.getresponse()
        return answer.status, answer.read(), answer.headers.get("ETag", "")

    def close(self) -> None:
        self._connection.close()


def work(address: str, mount: str, number: int, goes_on: Callable[[int], bool]) -> tuple[int, int]:
    """One client, as long as turns go on; how often it counted, and how many turns it had."""
    client = Client(address)
    counted, turn, own = 0, 0, f"/{mount}/client-{number}"
    assert client.ask("MKCOL", own)[0] == 201
    while goes_on(turn):
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
        turn += 1
    assert client.ask("DELETE", own)[0] == 204
    client.close()
    return counted, turn


def count(client: Client, path: str) -> int:
    """One up, if nobody else did so between reading and writing."""
    status, text, etag = client.ask("GET", path)
    assert status == 200
    status, *_ = client.ask("PUT", path, b"%d" % (int(text) + 1), If_Match=etag)
    assert status in {204, 412}
    return int(status == 204)


@dataclass
class Watch:
    """What a process needs, sampled every second while one is inside."""

    pid: int
    resident: list[int] = field(default_factory=list)
    """MiB."""
    descriptors: list[int] = field(default_factory=list)

    def __enter__(self) -> "Watch":
        self._over = threading.Event()
        self._thread = threading.Thread(target=self._look)
        self._thread.start()
        return self

    def __exit__(self, *_: object) -> None:
        self._over.set()
        self._thread.join()

    def _look(self) -> None:
        while not self._over.wait(1.0):
            status = Path(f"/proc/{self.pid}/status").read_text()
            self.resident.append(int(status.partition("VmRSS:")[2].split()[0]) >> 10)
            self.descriptors.append(len(os.listdir(f"/proc/{self.pid}/fd")))


def by_quarters(figures: Sequence[int]) -> str:
    """The median of each quarter of the time."""
    size = max(1, len(figures) // 4)
    return " ".join(f"{statistics.median(figures[at : at + size]):g}" for at in range(0, 4 * size, size))


@contextlib.contextmanager
def vfsdav(folder: Path, mount: dict[str, Any]) -> Iterator[tuple[str, int]]:
    """A server of one mount, `box`, with a process of its own: its address and pid."""
    port = free_ports(1)[0]
    config = folder / "config.yaml"
    settings = {
        "mounts": {"box": mount},
        # Full soon: what grows afterwards is no cache.
        "cache": {"directory": None, "memory": "32MiB"},
        "state": str(folder / "state"),
        "webdav": {"port": port, "access_log": str(folder / "access.log")},
    }
    config.write_text(yaml.safe_dump(settings))
    command = [sys.executable, "-m", "vfs.cli.vfsdav", str(config)]
    with subprocess.Popen(command) as process:
        wait_until(lambda: _answers(port), 60, "the server")
        try:
            yield f"127.0.0.1:{port}", process.pid
        finally:
            process.send_signal(signal.SIGTERM)


def _answers(port: int) -> bool:
    client = Client(f"127.0.0.1:{port}")
    with contextlib.suppress(OSError), contextlib.closing(client):
        return client.ask("OPTIONS", "/")[0] == 200
    return False


def crowd(address: str, pid: int, clients: int, seconds: float) -> str:
    """What came of it. Raises AssertionError where a request failed or an update was lost."""
    with contextlib.closing(Client(address)) as client:
        assert client.ask("PUT", "/box/counter", b"0")[0] == 201
    end = time.monotonic() + seconds
    with Watch(pid) as watch, ThreadPoolExecutor(clients) as pool:
        done = pool.map(
            lambda number: work(address, "box", number, lambda _: time.monotonic() < end), range(clients)
        )
        counted, turns = (sum(each) for each in zip(*done, strict=True))
    with contextlib.closing(Client(address)) as client:
        assert int(client.ask("GET", "/box/counter")[1]) == counted, "an update was lost"
    return (
        f"{clients} clients, {seconds:g} s: {turns * 10} requests, none failed; {counted} counted; "
        f"resident MiB by quarters {by_quarters(watch.resident)}, at most {max(watch.resident)}; "
        f"descriptors {by_quarters(watch.descriptors)}, at most {max(watch.descriptors)}"
    )


def main() -> None:
    """Run it, on a local folder or on an S3 server that is started for it."""
    parser = argparse.ArgumentParser(prog="python -m tests.dav.clients.crowd")
    parser.add_argument("--minutes", type=float, default=5.0)
    parser.add_argument("--clients", type=int, default=64)
    parser.add_argument("--s3", action="store_true", help="store the files in SeaweedFS")
    asked = parser.parse_args()
    with contextlib.ExitStack() as ending:
        folder = Path(ending.enter_context(tempfile.TemporaryDirectory(prefix="vfs-crowd-")))
        mount: dict[str, Any] = {"type": "local", "path": str(folder / "files"), "create": True}
        if asked.s3:
            server = SeaweedServer()
            ending.callback(server.close)
            server.start()
            mount = s3_settings(ending.enter_context(server.bucket()), server.url)
        address, pid = ending.enter_context(vfsdav(folder, mount))
        sys.stdout.write(crowd(address, pid, asked.clients, asked.minutes * 60) + "\n")


if __name__ == "__main__":
    main()
