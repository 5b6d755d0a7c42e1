"""The command `vfsdav`, as a process: comes up, reloads, finishes, and serves beside a mount."""

import http.client
import json
import os
import re
import signal
import socket
import subprocess
import sys
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import pytest
import yaml

from tests.cli.room import Room
from tests.dav.auth_requests import HASHES, basic
from tests.mounts.waiting import wait_until
from vfs.cli.exit_status import FAILED, OK
from vfs.cli.serving import servings
from vfs.cli.vfs import main

VFSDAV = os.fspath(Path(sys.executable).with_name("vfsdav"))
COMMAND = [VFSDAV] if os.path.exists(VFSDAV) else [sys.executable, "-P", "-m", "vfs.cli.vfsdav"]


class Server:
    """A running command."""

    def __init__(self, folder: Path, process: "subprocess.Popen[bytes]") -> None:
        self.process = process
        self._words = folder / "words"

    @property
    def words(self) -> str:
        return self._words.read_text()

    @property
    def port(self) -> int:
        found = re.search(r"served at http://[^/]*:(\d+)/", self.words)
        assert found, self.words
        return int(found[1])

    def ask(self, method: str, path: str, body: bytes | None = None, **headers: str) -> tuple[int, bytes]:
        connection = http.client.HTTPConnection("127.0.0.1", self.port, timeout=30)
        try:
            connection.request(method, path, body, headers)
            answer = connection.getresponse()
            return answer.status, answer.read()
        finally:
            connection.close()


def write_config(folder: Path, **webdav: Any) -> Path:
    mounts = {"m": {"type": "local", "path": "files", "create": True}}
    told = {"mounts": mounts, "cache": {"directory": None}, "state": "state", "webdav": {"port": 0, **webdav}}
    (folder / "config.yaml").write_text(yaml.safe_dump(told))
    return folder / "config.yaml"


@contextmanager
def serving(folder: Path, *command: str, pass_fds: Sequence[int] = ()) -> Iterator[Server]:
    """The command, listening; killed if it is still there afterwards."""
    with (folder / "words").open("wb") as words:
        process = subprocess.Popen(command, stdout=words, stderr=words, pass_fds=pass_fds)
    server = Server(folder, process)
    try:
        wait_until(lambda: "served at" in server.words or process.poll() is not None, 60, "the server")
        assert process.poll() is None, server.words
        yield server
    finally:
        process.kill()
        process.wait()


def test_a_stop_finishes_uploads(tmp_path: Path) -> None:
    """SIGTERM in the middle of one: it is stored whole, and the command ends well."""
    with serving(tmp_path, *COMMAND, str(write_config(tmp_path))) as server:
        with socket.create_connection(("127.0.0.1", server.port), timeout=30) as upload:
            upload.sendall(
                b"PUT /m/a HTTP/1.1\r\nHost: x\r\nContent-Length: 10\r\nExpect: 100-continue\r\n\r\n"
            )
            assert upload.recv(100).startswith(b"HTTP/1.1 100 ")
            upload.sendall(b"hello")
            server.process.send_signal(signal.SIGTERM)
            wait_until(lambda: "finishing" in server.words, 30, "the stop")
            upload.sendall(b"world")
            assert upload.recv(1000).startswith(b"HTTP/1.1 201 ")
        assert server.process.wait(30) == 0
    assert (tmp_path / "files" / "a").read_bytes() == b"helloworld"
    assert '"PUT /m/a HTTP/1.1" 201' in server.words


def test_users_are_taken_up_by_sighup(tmp_path: Path) -> None:
    """The access log goes on in a new file, too; what needs a new start is told."""

    def lines(name: str) -> list[str]:
        """Who asked, line by line."""
        return [line.split()[2] for line in (tmp_path / name).read_text().splitlines()]

    config = write_config(tmp_path, users={"alice": {"password": HASHES["alice"]}}, access_log="access.log")
    with serving(tmp_path, *COMMAND, str(config), "--host", "127.0.0.1") as server:
        assert server.ask("GET", "/m/")[0] == 401
        assert server.ask("GET", "/m/", Authorization=basic("alice"))[0] == 200
        wait_until(lambda: lines("access.log") == ["-", "alice"], 30, "the lines of both requests")
        (tmp_path / "access.log").rename(tmp_path / "access.log.1")
        write_config(
            tmp_path, users={"bob": {"password": HASHES["bob"]}}, access_log="access.log", base_path="/dav"
        )
        server.process.send_signal(signal.SIGHUP)
        wait_until(lambda: "was read again" in server.words, 30, "the reload")
        assert server.ask("GET", "/m/", Authorization=basic("alice"))[0] == 401
        assert server.ask("GET", "/m/", Authorization=basic("bob"))[0] == 200
        assert "webdav.base_path: is taken up at the next start" in server.words
        wait_until(lambda: lines("access.log") == ["-", "bob"], 30, "the lines of both requests")
    assert lines("access.log.1") == ["-", "alice"]
    assert HASHES["alice"] not in server.words


def test_the_file_of_users_is_taken_up_whole_or_not_at_all(tmp_path: Path) -> None:
    """A wrong line is told to who asked for the reload, and whoever was let in still is; then it is right."""
    users = tmp_path / "users"
    users.write_text(f"alice:{HASHES['alice']}\n")
    config = write_config(tmp_path, users_file="users", users={"alice": {"rights": "read"}})
    with serving(tmp_path, *COMMAND, str(config)) as server:
        assert server.ask("GET", "/m/", Authorization=basic("alice"))[0] == 200
        assert server.ask("PUT", "/m/a", b"", Authorization=basic("alice"))[0] == 403
        users.write_text(f"bob:{HASHES['bob']}\nalice {HASHES['alice']}\n")
        server.process.send_signal(signal.SIGHUP)
        wait_until(lambda: "was not taken up" in server.words, 30, "the refusal")
        assert f"{users}: line 2: must be NAME:HASH" in server.words
        assert server.ask("GET", "/m/", Authorization=basic("alice"))[0] == 200
        users.write_text(f"bob:{HASHES['bob']}\n")
        server.process.send_signal(signal.SIGHUP)
        wait_until(lambda: "was read again" in server.words, 30, "the reload")
        assert server.ask("GET", "/m/", Authorization=basic("alice"))[0] == 401
        assert server.ask("GET", "/m/", Authorization=basic("bob"))[0] == 200
    assert "argon2" not in server.words


@pytest.mark.parametrize("readonly", [True, False])
def test_the_tool_changes_nothing_that_is_served_read_only(
    tmp_path: Path, readonly: bool, capsys: pytest.CaptureFixture[str]
) -> None:
    """Beside a daemon that lets nobody write it is refused, as it is for clients; else it is done."""
    config = write_config(tmp_path, readonly=readonly)
    with serving(tmp_path, *COMMAND, str(config)) as server:
        wait_until(lambda: daemons_of(config) == [server.process.pid], 30, "the socket")
        status = main(["mkdir", "--config", str(config), "m:d"])
        assert status == (FAILED if readonly else OK)
        assert capsys.readouterr().err == ("vfs: m:d: this mount is read-only\n" if readonly else "")
        assert (tmp_path / "files" / "d").exists() is not readonly


def daemons_of(config: Path) -> list[int]:
    """The processes that answer for a configuration."""
    return [one.pid for one in servings() if one.config == os.path.realpath(config)]


def test_log_lines_of_requests_know_mount_path_operation_and_duration(tmp_path: Path) -> None:
    """And the number, by which the calls of storages are found that were made for it."""
    users = {"alice": {"password": HASHES["alice"], "root": "m:f"}}
    (tmp_path / "files" / "f").mkdir(parents=True)
    config = write_config(tmp_path, base_path="/dav", users=users)
    with serving(tmp_path, *COMMAND, str(config), "--log-format", "json") as server:
        assert server.ask("PUT", "/dav/%C3%A4%20b", b"1", Authorization=basic("alice"))[0] == 201
        assert server.ask("GET", "/dav/", Authorization=basic("alice"))[0] == 200
        assert server.ask("GET", "/dav/")[0] == 401

        def noted() -> list[dict[str, Any]]:
            told = [json.loads(line) for line in server.words.splitlines()]
            return [line for line in told if line["logger"] == "vfs.access"]

        wait_until(lambda: len(noted()) == 3, 30, "the lines")
    told = noted()
    assert len({line["request"] for line in told}) == 3
    assert all(0 < line["seconds"] < 60 for line in told)
    # A line is written when its answer is sent: by then the next request may have one.
    assert {(line["operation"], line.get("mount"), line.get("path")) for line in told} == {
        ("PUT", "m", "f/ä b"),
        ("GET", "m", "f"),
        ("GET", None, None),
    }


def test_sockets_of_a_supervisor_are_used(tmp_path: Path) -> None:
    """As systemd passes them: descriptor 3, for this process."""
    config = write_config(tmp_path, port=1)
    with socket.create_server(("127.0.0.1", 0)) as listening:
        port = listening.getsockname()[1]
        script = f'LISTEN_PID=$$ LISTEN_FDS=1 exec "$@" 3<&{listening.fileno()}'
        command = ["bash", "-c", script, "bash", *COMMAND, str(config)]
        with serving(tmp_path, *command, pass_fds=[listening.fileno()]) as server:
            assert server.port == port
            assert server.ask("GET", "/m/")[0] == 200


@pytest.mark.parametrize(
    ("options", "webdav", "status", "told"),
    [
        (["--host", "0.0.0.0"], {}, 2, "name `users`"),
        ([], {"users": {"a": {"password": "secret"}}}, 2, "is no hash"),
        ([], {"tls": {"certificate": "none.pem"}}, 2, "none.pem: No such file"),
        (
            ["--port", "1"],
            {"host": "192.0.2.1", "insecure": True, "users": {"a": {}}},
            1,
            "cannot listen at 192.0.2.1:1",
        ),
    ],
    ids=["exposed", "plain password", "no certificate", "no such address"],
)
def test_what_is_wrong_is_said_in_a_line(
    tmp_path: Path, options: list[str], webdav: dict[str, Any], status: int, told: str
) -> None:
    """Before anything listens, with the exit status that fits."""
    command = [*COMMAND, str(write_config(tmp_path, **webdav)), *options]
    done = subprocess.run(command, capture_output=True, text=True, timeout=60, check=False)
    assert (done.returncode, len(done.stderr.splitlines())) == (status, 1), done.stderr
    assert told in done.stderr
    assert done.stderr.startswith("vfsdav: ")


@contextmanager
def _mounted_and_served(folder: Path, *options: str) -> Iterator[tuple[Room, Server]]:
    """A mount that is served over WebDAV by the same process."""
    room = Room(folder)
    try:
        with socket.create_server(("127.0.0.1", 0)) as free:
            port = free.getsockname()[1]
        room.config.write_text(f"{room.config.read_text()}webdav: {{port: {port}}}\n")
        room.serve("--dav", *options)
        (folder / "words").write_text(room.words)
        yield room, Server(folder, None)  # type: ignore[arg-type]
    finally:
        room.close()


def test_a_mount_and_webdav_from_one_process(tmp_path: Path) -> None:
    """`vfsmount --dav`: what was changed through one front is seen through the other at once."""
    with _mounted_and_served(tmp_path) as (room, server):
        for number in range(30):
            assert server.ask("PUT", "/m/x", b"%d" % number)[0] in {201, 204}
            assert (room.mountpoint / "m" / "x").read_text() == str(number)
            (room.mountpoint / "m" / "x").write_text(f"by the mount {number}")
            assert server.ask("GET", "/m/x") == (200, b"by the mount %d" % number)
        subprocess.run(["fusermount3", "-u", room.mountpoint], check=True)
        wait_until(lambda: not room.daemons, 30, "the daemon to end")


def test_a_mount_for_reading_is_for_reading_over_webdav_too_regression(tmp_path: Path) -> None:
    """`vfsmount -o ro --dav` changes nothing by any door, also after a reload."""
    with _mounted_and_served(tmp_path, "-o", "ro") as (room, server):
        for _ in range(2):
            assert server.ask("PUT", "/m/x", b"content")[0] == 403
            assert server.ask("MKCOL", "/m/folder")[0] == 403
            assert server.ask("GET", "/m/x")[0] == 404
            assert main(["reload", str(room.mountpoint)]) == 0
