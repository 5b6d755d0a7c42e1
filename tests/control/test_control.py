"""The control socket: one line each way, for its owner alone, and no trace of daemons that are dead."""

import os
import shutil
import socket
import stat
import tempfile
import threading
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any

import pytest

from vfs.control import places
from vfs.control.client import Daemon, daemon_at, daemon_of, daemons
from vfs.control.messages import Answer, Request
from vfs.control.places import private_folder, socket_name, sockets_of
from vfs.control.server import ControlServer
from vfs.engine.errors import BackendUnavailable, NotFound, PermissionDenied, ResourceLocked, StorageError


@pytest.fixture(autouse=True)
def folder(monkeypatch: pytest.MonkeyPatch) -> Iterator[Path]:
    """Sockets of these tests lie in a folder of their own, which other users can be let into."""
    with tempfile.TemporaryDirectory(dir="/tmp") as run:
        monkeypatch.setattr(places, "socket_folders", lambda uid: [os.path.join(run, "vfs")])
        yield Path(run, "vfs")


def echo(arguments: Mapping[str, Any]) -> Mapping[str, Any]:
    return {"heard": dict(arguments)}


def fail(_: Mapping[str, Any]) -> Mapping[str, Any]:
    raise NotFound("no such thing", "a/b", mount="m")


def crash(_: Mapping[str, Any]) -> Mapping[str, Any]:
    raise ZeroDivisionError


@pytest.fixture
def server() -> Iterator[ControlServer]:
    server = ControlServer("/mnt/x", {"echo": echo, "fail": fail, "crash": crash})
    yield server
    server.close()


def ask(verb: str, arguments: Mapping[str, Any] | None = None) -> Mapping[str, Any]:
    with daemon_at("/mnt/x") as daemon:
        return daemon.ask(verb, arguments or {}, timeout=60)


def test_answer_comes_back(server: ControlServer) -> None:
    """Arguments and results are JSON, whatever text is in them."""
    said = {"path": "a\nb \N{SNOWMAN}", "n": 1, "list": [None, True]}
    assert ask("echo", said) == {"heard": said}


def test_errors_are_told_in_the_daemons_words(server: ControlServer) -> None:
    """A failure of the engine comes with its place; a defect without its traceback."""
    with pytest.raises(StorageError, match="m:a/b: no such thing"):
        ask("fail")
    with pytest.raises(StorageError, match="unexpected ZeroDivisionError"):
        ask("crash")
    with pytest.raises(StorageError, match="unknown request 'ecko'; did you mean 'echo'"):
        ask("ecko")


@pytest.mark.parametrize(
    "line",
    [b"not json\n", b"[]\n", b'{"vfs": 2, "verb": "echo"}\n', b'{"vfs": 1}\n', b'{"vfs": 1, "verb": 7}\n'],
)
def test_what_is_not_understood_is_answered(server: ControlServer, line: bytes) -> None:
    """Another version, or no request at all, gets an error and not silence."""
    with socket.socket(socket.AF_UNIX) as peer:
        peer.connect(server.path)
        peer.sendall(line)
        assert Answer.parse(peer.makefile("rb").readline()).error


def test_peer_that_goes_away_harms_nobody(server: ControlServer) -> None:
    """Half a line, then nothing: others are served on."""
    with socket.socket(socket.AF_UNIX) as peer:
        peer.connect(server.path)
        peer.sendall(b'{"vfs"')
    assert ask("echo") == {"heard": {}}


def test_long_request_holds_up_nobody() -> None:
    """Requests are worked on at the same time."""
    both = threading.Barrier(2, timeout=60)

    def meet(_: Mapping[str, Any]) -> Mapping[str, Any]:
        both.wait()
        return {}

    server = ControlServer("/mnt/x", {"meet": meet})
    other = threading.Thread(target=ask, args=("meet",))
    other.start()
    assert ask("meet") == {}
    other.join()
    server.close()


def test_folder_and_socket_are_the_owners_alone(server: ControlServer, folder: Path) -> None:
    """Nobody else may enter the folder, and the socket is closed to others besides."""
    assert stat.S_IMODE(folder.stat().st_mode) == 0o700
    assert stat.S_IMODE(os.stat(server.path).st_mode) == 0o600


@pytest.mark.skipif(os.getuid() != 0, reason="takes another user")
def test_other_users_are_not_answered(server: ControlServer, folder: Path) -> None:
    """Even where the modes would let one in, who connects is looked at."""
    folder.chmod(0o755)
    folder.parent.chmod(0o755)
    os.chmod(server.path, 0o666)
    with socket.socket(socket.AF_UNIX) as peer:
        reading, writing = os.pipe()
        pid = os.fork()
        if pid == 0:
            _ask_as_nobody(peer, server.path, writing)
        os.close(writing)
        with os.fdopen(reading, "rb") as answer:
            assert answer.read() == b"nothing"
        os.waitpid(pid, 0)


def _ask_as_nobody(peer: socket.socket, path: str, answer: int) -> None:
    try:
        os.setuid(65534)
        peer.connect(path)
        peer.sendall(Request("echo").line())
        os.write(answer, peer.recv(100) or b"nothing")
    except OSError as error:
        os.write(answer, b"nothing" if isinstance(error, ConnectionError) else str(error).encode())
    finally:
        os._exit(0)


def test_folder_of_somebody_else_is_refused(folder: Path) -> None:
    """A folder, or a link, that others may write to could lead us anywhere."""
    folder.mkdir(mode=0o777)
    folder.chmod(0o777)
    with pytest.raises(PermissionDenied):
        private_folder()
    folder.rmdir()
    folder.symlink_to("/tmp")
    with pytest.raises(PermissionDenied):
        private_folder()
    assert not list(sockets_of(os.getuid()))


def test_dead_daemons_socket_is_replaced(folder: Path) -> None:
    """After a crash the file is still there, and nobody listens: the next daemon takes its place."""
    private_folder()
    dead = folder / socket_name("/mnt/x")
    with socket.socket(socket.AF_UNIX) as left:
        left.bind(os.fspath(dead))
    with pytest.raises(NotFound):
        daemon_at("/mnt/x")
    server = ControlServer("/mnt/x", {"echo": echo})
    assert ask("echo") == {"heard": {}}
    server.close()
    assert not list(folder.iterdir())


def test_living_daemons_socket_is_left_alone(server: ControlServer) -> None:
    """A second daemon for the same mount point is told whose it is."""
    with pytest.raises(ResourceLocked, match=f"process {os.getpid()} serves"):
        ControlServer("/mnt/x", {})
    assert ask("echo") == {"heard": {}}


def test_closing_leaves_a_successors_socket(server: ControlServer) -> None:
    """What stands there after the file was removed is somebody else's."""
    os.unlink(server.path)
    successor = ControlServer("/mnt/x", {"echo": echo})
    server.close()
    assert ask("echo") == {"heard": {}}
    successor.close()


def test_daemons_are_found_by_pid_and_listed(server: ControlServer) -> None:
    """The kernel tells who listens; a mount point may be named by any path that leads there."""
    with daemon_of(os.getpid()) as daemon:
        assert daemon.pid == os.getpid()
    with daemon_at("/mnt/../mnt/x/") as daemon:
        assert daemon.pid == os.getpid()
    found = list(daemons())
    assert [daemon.pid for daemon in found] == [os.getpid()]
    for daemon in found:
        with daemon:
            pass
    with pytest.raises(NotFound):
        daemon_of(1)


@pytest.mark.skipif(os.geteuid() != 0, reason="only root sees daemons of others")
def test_root_finds_those_of_the_systems_units(
    folder: Path, server: ControlServer, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Each in a folder that its unit's user owns; units that stop meanwhile hide no other."""
    units = folder.parent / "units"
    monkeypatch.setattr(places, "UNITS", os.fspath(units))
    assert list(sockets_of(0)) == [server.path]
    for name, owner in (("a", 1), ("b", 1), ("c", 1), ("d", 0)):
        for path in (units / name, units / name / "vfs"):
            path.mkdir(mode=0o700, parents=True)
            os.chown(path, owner, owner)
        (units / name / "vfs" / "x.sock").touch()
    os.chown(units / "d", 1, 1)

    def stopping(path: str) -> list[str]:
        names = listed(path)
        if path == os.fspath(units):
            shutil.rmtree(units / "a")
        return names

    def gone_then(path: str, uid: int) -> bool:
        is_private = known(path, uid)
        shutil.rmtree(units / "b", ignore_errors=True)
        return is_private

    listed, known = os.listdir, places.is_private
    monkeypatch.setattr(os, "listdir", stopping)
    monkeypatch.setattr(places, "is_private", gone_then)
    assert list(sockets_of(0)) == [server.path, os.fspath(units / "c" / "vfs" / "x.sock")]


def test_silent_daemon_is_given_up_on(folder: Path) -> None:
    """No answer within the time that the asker has."""
    private_folder()
    with socket.socket(socket.AF_UNIX) as silent:
        silent.bind(os.fspath(folder / socket_name("/mnt/x")))
        silent.listen()
        with daemon_at("/mnt/x") as daemon, pytest.raises(BackendUnavailable):
            daemon.ask("echo", {}, timeout=0.05)


def test_nobody_there() -> None:
    """Connecting to no socket is unavailable."""
    with pytest.raises(BackendUnavailable):
        Daemon("/nonexistent/socket")
