"""The crew: quick requests are answered by one thread, and whoever takes long keeps nobody waiting."""

import os
import socket
import threading
from contextlib import ExitStack
from pathlib import Path
from typing import Any

import pytest

from tests.dav.server.serving import Running, echo, running, until
from tests.mounts.waiting import wait_until
from vfs.dav.server import crew
from vfs.engine.waiting import about_to_wait

GET = b"GET / HTTP/1.1\r\nHost: x\r\n\r\n"
SLOW = GET.replace(b" / ", b" /slow ")
PUT = b"PUT /a HTTP/1.1\r\nHost: x\r\n"
NEVER = 600.0


class Slow:
    """Answers at once, but for `/slow`: that waits, having stepped aside where it was told to."""

    def __init__(self, *, steps_aside: bool = False) -> None:
        self._steps_aside = steps_aside
        self.entered = threading.Event()
        self.may_end = threading.Event()
        self.threads: set[int] = set()

    def __call__(self, environ: dict[str, Any], start_response: Any) -> list[bytes]:
        self.threads.add(threading.get_ident())
        if environ["PATH_INFO"] == "/slow":
            if self._steps_aside:
                about_to_wait()
            self.entered.set()
            assert self.may_end.wait(60)
        return echo(environ, start_response)


@pytest.fixture
def unwatched(monkeypatch: pytest.MonkeyPatch) -> None:
    """Nobody takes the lead from a thread that does not give it away."""
    monkeypatch.setattr(crew, "PATIENCE", NEVER)


def answered(server: Running) -> None:
    with server.connect() as connection:
        connection.sendall(GET)
        assert until(connection, b"GET / ").startswith(b"HTTP/1.1 200 ")


@pytest.mark.usefixtures("unwatched")
def test_one_thread_answers_what_is_quick(tmp_path: Path) -> None:
    """However many connections there are, and however often each asks."""
    application = Slow()
    with running(application, tmp_path) as server, ExitStack() as ending:
        connections = [ending.enter_context(server.connect()) for _ in range(8)]
        for _ in range(5):
            for connection in connections:
                connection.sendall(GET)
            for connection in connections:
                until(connection, b"GET / ")
    assert len(application.threads) == 1


def test_what_takes_long_unforeseen_keeps_nobody_waiting(tmp_path: Path) -> None:
    """Another thread takes the lead, again and again; each slow answer comes all the same, and the next."""
    application = Slow()
    with running(application, tmp_path) as server, ExitStack() as ending:
        slow = [ending.enter_context(server.connect()) for _ in range(20)]
        for connection in slow:
            connection.sendall(SLOW)
        assert application.entered.wait(20)
        answered(server)
        application.may_end.set()
        for connection in slow:
            until(connection, b"GET /slow ")
            connection.sendall(GET)
        for connection in slow:
            until(connection, b"GET / ")


@pytest.mark.usefixtures("unwatched")
def test_who_steps_aside_keeps_nobody_waiting(tmp_path: Path) -> None:
    """Without anybody having to notice."""
    application = Slow(steps_aside=True)
    with running(application, tmp_path) as server, server.connect() as slow:
        slow.sendall(SLOW)
        assert application.entered.wait(20)
        answered(server)
        application.may_end.set()
        until(slow, b"GET /slow ")


@pytest.mark.usefixtures("unwatched")
@pytest.mark.parametrize("leaves", [False, True])
def test_who_speaks_before_it_is_answered_is_heard_afterwards(tmp_path: Path, leaves: bool) -> None:
    """Again and again, the last time by who leaves then; others are answered meanwhile."""
    application = Slow(steps_aside=True)
    with running(application, tmp_path) as server, server.connect() as eager:
        for _ in range(3):
            application.may_end.clear()
            application.entered.clear()
            eager.sendall(SLOW)
            assert application.entered.wait(20)
            eager.sendall(GET)
            answered(server)
            if leaves:
                eager.shutdown(socket.SHUT_WR)
            application.may_end.set()
            until(eager, b"GET /slow ")
            until(eager, b"GET / ")
            if leaves:
                assert eager.recv(1) == b""
                break
        answered(server)


@pytest.mark.usefixtures("unwatched")
@pytest.mark.parametrize("is_taken", [False, True])
def test_what_is_closed_in_its_turn_takes_nobody_along(tmp_path: Path, is_taken: bool) -> None:
    """The next connection may have its descriptor, and be here before that turn has ended."""
    numbers = []

    def application(environ: dict[str, Any], start_response: Any) -> list[bytes]:
        own: socket.socket = environ["wsgi.input"]._channel.connection
        numbers.append(own.fileno())
        if environ["PATH_INFO"] == "/slow":
            about_to_wait()
            with socket.socket() as other:
                os.close(own.detach())
                if is_taken:
                    other.connect(("127.0.0.1", server.port))
                    other.sendall(GET)
                    until(other, b"GET / ")
        return echo(environ, start_response)

    with running(application, tmp_path) as server, server.connect() as closed:
        closed.sendall(SLOW)
        wait_until(lambda: len(numbers) == 1 + is_taken, 20, "an answer to the other one")
        assert len(set(numbers)) == 1
        answered(server)


class Waiting:
    """A client that has been silent for long; its turn, if it ever gets one, lasts until `may_end`."""

    def __init__(self) -> None:
        self._socket, self.other_side = socket.socketpair()
        self.descriptor = self._socket.fileno()
        self.idle_since: float | None = 0.0
        self.entered, self.may_end, self.was_cut = (threading.Event() for _ in range(3))

    def turn(self) -> bool:
        self._socket.recv(100)
        about_to_wait()
        self.entered.set()
        self.may_end.wait(60)
        return False

    def cut(self) -> None:
        self.was_cut.set()

    def close(self) -> None:
        self._socket.close()


def test_who_has_begun_to_speak_is_not_silent() -> None:
    """Its own deadline is another one: it is told when it takes too long."""
    served = crew.Crew[Waiting](0.2, lambda _: None)
    speaking, silent = Waiting(), Waiting()
    speaking.other_side.send(b"GET / HT")
    served.take(speaking)
    assert speaking.entered.wait(20)
    served.take(silent)
    assert silent.was_cut.wait(20)
    assert not speaking.was_cut.is_set()
    speaking.may_end.set()
    served.close()
    for each in (speaking, silent):
        each.close()
        each.other_side.close()


@pytest.mark.usefixtures("unwatched")
@pytest.mark.parametrize(
    "sent",
    [b"GET / HT", PUT + b"Content-Length: 9\r\n\r\nhalf", PUT + b"Transfer-Encoding: chunked\r\n\r\n5\r\nab"],
    ids=["head", "body", "chunk"],
)
def test_half_a_request_keeps_nobody_waiting(tmp_path: Path, sent: bytes) -> None:
    """Who waits for the client has stepped aside."""
    with running(echo, tmp_path) as server, server.connect() as slow:
        slow.sendall(sent)
        answered(server)


@pytest.mark.usefixtures("unwatched")
@pytest.mark.parametrize("is_file", [True, False], ids=["file", "bytes"])
def test_who_takes_nothing_keeps_nobody_waiting(tmp_path: Path, is_file: bool) -> None:
    """An answer that is larger than what lies in sockets, whether the system sends it or we do."""
    size = 64 << 20
    large = tmp_path / "large"
    with large.open("wb") as file:
        file.truncate(size)

    def application(environ: dict[str, Any], start_response: Any) -> Any:
        if environ["PATH_INFO"] != "/slow":
            return echo(environ, start_response)
        start_response("200 OK", [("Content-Length", str(size))])
        if not is_file:
            return [bytes(size)]
        return environ["wsgi.file_wrapper"](large.open("rb", buffering=0))

    with running(application, tmp_path) as server, server.connect() as slow:
        slow.sendall(SLOW)
        until(slow, b"\r\n\r\n")
        answered(server)
        left = size
        while left:
            left -= len(slow.recv(min(left, 1 << 20)))
        slow.sendall(GET)
        until(slow, b"GET / ")


@pytest.mark.usefixtures("unwatched")
def test_without_more_threads_clients_wait_for_each_other(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    """And all are answered in the end, with no error: whoever has done leads."""

    def refuse(_: threading.Thread) -> None:
        raise RuntimeError("can't start new thread")

    application = Slow(steps_aside=True)
    with running(application, tmp_path) as server, ExitStack() as ending:
        answered(server)
        slow = [ending.enter_context(server.connect()) for _ in range(4)]
        with monkeypatch.context() as patched:
            patched.setattr(threading.Thread, "start", refuse)
            for connection in slow:
                connection.sendall(SLOW)
            assert application.entered.wait(20)
            wait_until(lambda: "can't start new thread" in caplog.text, 20, "a thread that is refused")
            application.may_end.set()
            for connection in slow:
                assert until(connection, b"GET /slow ").startswith(b"HTTP/1.1 200 ")
        answered(server)


def test_no_thread_is_left_behind(tmp_path: Path) -> None:
    """By a server that has stopped, nor its descriptors."""
    application = Slow()
    with running(application, tmp_path) as server, ExitStack() as ending:
        application.may_end.set()
        for _ in range(20):
            ending.enter_context(server.connect()).sendall(SLOW)
        answered(server)
    assert not [thread for thread in threading.enumerate() if thread.name == "vfs-dav-crew"]
