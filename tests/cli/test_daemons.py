"""`vfs status`, `mounts`, `flush`, `evict`, `journal`, `metrics`, `log-level`, asked of real daemons."""

import json
import os
import re
import tempfile
import urllib.request
from contextlib import ExitStack, closing
from pathlib import Path
from typing import Any

import pytest

from tests.cli.room import MEMORY, Room
from tests.mounts.waiting import wait_until
from tests.servers.fault_proxy import FaultProxy
from vfs.cli.exit_status import FAILED, MISUSED, OK
from vfs.cli.serving import servings
from vfs.cli.vfs import main
from vfs.control.client import Peer
from vfs.control.server import ControlServer

SAMPLE = re.compile(r'[a-z_]+(\{[a-z]+="[^"]*"(,[a-z]+="[^"]*")*\})? [0-9.e+-]+')


class Asked:
    """Runs verbs on the daemon of a room."""

    def __init__(self, room: Room, captured: "pytest.CaptureFixture[str]") -> None:
        self._room = room
        self._captured = captured

    def __call__(self, *words: str, status: int | None = OK) -> str:
        """What a verb prints that ends with this status, or with any."""
        ended = main([*words, str(self._room.mountpoint)])
        assert status in {ended, None}
        return self._captured.readouterr().out

    def data(self, *words: str, status: int | None = OK) -> dict[str, Any]:
        """The same as data."""
        (line,) = self(*words, "--json", status=status).splitlines()
        told: dict[str, Any] = json.loads(line)
        return told


@pytest.fixture
def asked(room: Room, capsys: "pytest.CaptureFixture[str]") -> Asked:
    return Asked(room, capsys)


def test_status_tells_mounts_traffic_and_caches(room: Room, asked: Asked) -> None:
    """Calls and bytes are those that reached the storage, and names are counted as known or asked for."""
    room.serve()
    (room.mountpoint / "m" / "f").write_bytes(b"x" * 2048)
    assert (room.mountpoint / "m" / "f").read_bytes() == b"x" * 2048
    told = asked.data("status")
    (mount,) = told["mounts"]
    assert (mount["name"], mount["type"], mount["health"]["ok"]) == ("m", "memory", True)
    assert mount["traffic"]["calls"]["write"] >= 1
    assert mount["traffic"]["bytes_written"] == 2048
    assert (mount["traffic"]["failures"], told["unsent_count"]) == (0, 0)
    assert mount["entries"]["hits"] + mount["entries"]["misses"] > 0
    assert told["cache"]["budget"]["total"] > 0
    lines = asked("status").splitlines()
    assert lines[0] == f"{room.mountpoint} (process {room.daemons[0]})"
    assert lines[1].startswith("  m  memory, OK in ")
    assert "2.0 KiB written" in lines[1]
    assert lines[-1] == "  everything is sent"


def test_mounts_tells_where_each_is_shown(room: Room, asked: Asked) -> None:
    """With its configuration and process."""
    daemon = room.serve()
    assert asked("mounts") == f"{room.mountpoint}/m  m: of {room.config}, process {daemon.pid}\n"


def test_metrics_are_what_prometheus_reads(room: Room, asked: Asked) -> None:
    """Each sample under its type, which is said once; numbers that only grow end in _total."""
    room.serve()
    (room.mountpoint / "m" / "f").write_bytes(b"1")
    lines = asked("metrics").splitlines()
    types = dict(line.split()[2:4] for line in lines if line.startswith("# TYPE"))
    samples = [line for line in lines if not line.startswith("#")]
    assert all(SAMPLE.fullmatch(line) for line in samples)
    assert {re.split(r"[{ ]", line)[0] for line in samples} <= set(types)
    assert all((kind == "counter") == name.endswith("_total") for name, kind in types.items())
    assert 'vfs_written_bytes_total{mount="m"} 1' in samples
    assert 'vfs_unsent_files{mount="m"} 0' in samples


def test_metrics_are_told_over_http_where_that_is_wanted(room: Room) -> None:
    """At the port of the configuration, which the log tells."""
    room.config.write_text(MEMORY + "metrics: {port: 0}\n")
    room.serve()
    url = re.search(r"http://127\.0\.0\.1:\d+/metrics", room.words)
    assert url is not None
    with urllib.request.urlopen(url[0], timeout=60) as answer:
        assert answer.headers["Content-Type"] == "text/plain; version=0.0.4; charset=utf-8"
        assert 'vfs_open_files{mount="m"} 0' in answer.read().decode().splitlines()


def test_evicting_forgets_what_can_be_asked_for_again(room: Room, asked: Asked) -> None:
    """Memory is given back, and what was written is there as before."""
    room.serve()
    (room.mountpoint / "m" / "f").write_bytes(b"x" * 100_000)
    os.listdir(room.mountpoint / "m")
    asked("evict", "--disk")
    (mount,) = asked.data("status")["mounts"]
    assert mount["entries"]["folders"] == 0
    assert (room.mountpoint / "m" / "f").read_bytes() == b"x" * 100_000


def test_log_levels_change_while_it_serves(room: Room, asked: Asked) -> None:
    """And are told."""
    room.serve()
    assert asked("log-level") == "info\n"
    assert asked("log-level", "--set", "debug") == "debug\n"
    assert asked("log-level") == "debug\n"
    assert "the log level is debug" in room.words


def test_what_the_store_refuses_is_told_retried_and_saved(
    disk_room: Room, proxy: FaultProxy, asked: Asked
) -> None:
    """status and journal name the file and the reason, export saves it, flush waits until it is sent."""
    disk_room.serve()
    proxy.fail(matches=lambda request: request.method == "PUT")
    (disk_room.mountpoint / "m" / "file").write_text("promised")
    wait_until(
        lambda: bool(asked.data("status", "--no-health", status=None)["failing_count"]), 60, "a failure"
    )
    told = asked("journal", "list", status=FAILED)
    assert "unsent: 1 file(s), 8 B, 1 failing" in told
    assert "m:file" in told
    assert main(["flush", "--timeout", "100ms", str(disk_room.mountpoint)]) == FAILED
    folder = disk_room.folder / "saved"
    asked("journal", "export", "--to", str(folder))
    assert (folder / "m" / "file").read_text() == "promised"
    proxy.heal()
    asked("journal", "retry")
    assert asked("flush").endswith(": everything is sent\n")
    assert asked.data("status")["unsent_count"] == 0


def test_a_daemon_that_tells_nothing_of_itself_is_none_of_ours_regression(tmp_path: Path) -> None:
    """One of another version, say: the tool goes on without it."""
    with closing(ControlServer(os.fspath(tmp_path), {})):
        assert os.fspath(tmp_path) not in {serving.mountpoint for serving in servings()}


@pytest.mark.parametrize("uid", [os.getuid(), 65_534])
def test_daemons_are_told_from_those_that_others_run(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, uid: int
) -> None:
    """By what the kernel says of who listens."""
    monkeypatch.setattr("vfs.control.client.peer_of", lambda _: Peer(os.getpid(), uid))
    told = {"mountpoint": os.fspath(tmp_path)}
    with closing(ControlServer(os.fspath(tmp_path), {"info": lambda _: told})):
        (found,) = (serving for serving in servings() if serving.mountpoint == os.fspath(tmp_path))
    assert found.is_ours is (uid == os.getuid())


def test_of_several_daemons_those_that_say_what_they_serve_are_named(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    """One that tells nothing keeps nobody from hearing of the others."""
    told = {"mountpoint": "/b"}
    with ExitStack() as ending:
        sockets = ending.enter_context(tempfile.TemporaryDirectory(dir="/tmp"))
        monkeypatch.setattr("vfs.control.places.socket_folders", lambda _: [os.path.join(sockets, "vfs")])
        for name, verbs in (("silent", {}), ("b", {"info": lambda _: told})):
            ending.enter_context(closing(ControlServer(os.fspath(tmp_path / name), verbs)))
        assert main(["metrics"]) == MISUSED
    assert capsys.readouterr().err == "vfs: several daemons are running; say which: /b\n"
