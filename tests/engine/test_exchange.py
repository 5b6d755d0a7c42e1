"""Requests to stores, byte by byte, against a server that says what it is told to."""

import re
import select
import socket
import struct
import threading
import time

import pytest

from tests.servers.scripted import asked, says, serving, told
from vfs.engine.backends.objects.connections import Connections
from vfs.engine.backends.objects.exchange import exchange
from vfs.engine.backends.objects.unanswered import HungUp, NoAnswer, Unfit
from vfs.engine.backends.objects.wires import Wire


def test_a_connection_is_used_again_and_a_dead_one_is_not():
    """A request more costs no connection more, unless the server hung up in between or said it would."""
    closing = told(b"3", "Connection: close")
    with serving(says(told(b"1"), told(b"2")), says(closing), says(told(b"4"))) as server:
        assert [bytes(server.ask().body) for _ in range(2)] == [b"1", b"2"]
        assert [bytes(server.ask().body) for _ in range(2)] == [b"3", b"4"]


def test_nothing_more_is_asked_of_a_server_that_means_to_go():
    """Though it has not hung up yet."""
    late = []

    def script(connection: socket.socket) -> None:
        says(told(b"1", "Connection: close"))(connection)
        late.append(asked(connection))

    with serving(script, says(told(b"2"))) as server:
        assert [bytes(server.ask().body) for _ in range(2)] == [b"1", b"2"]
    assert late == [b""]


def test_the_request_says_what_is_to_be_said():
    """Host and length are told; nobody is to pack what is meant to be read as it is."""
    heads = []

    def script(connection: socket.socket) -> None:
        heads.append(asked(connection))
        connection.sendall(told(b""))
        heads.append(asked(connection))
        connection.sendall(told(b""))

    with serving(script) as server:
        server.ask("PUT", b"body", **{"X-Kept": "é"})
        server.ask("GET", **{"Accept-Encoding": "gzip"})
        host = f"Host: 127.0.0.1:{server.port}".encode()
    put, get = (head.partition(b"\r\n\r\n") for head in heads)
    lines = put[0].split(b"\r\n")
    assert (lines[0], put[2]) == (b"PUT /b/a HTTP/1.1", b"body")
    assert {host, b"Content-Length: 4", b"Accept-Encoding: identity", "X-Kept: é".encode()} <= set(lines)
    assert get[0].count(b"Accept-Encoding") == 1
    assert b"Content-Length" not in get[0]


@pytest.mark.parametrize("start", [b"", b"HTTP/1.1 200 OK\r\nContent-Length: 90000000\r\n\r\n"])
def test_the_deadline_holds_for_a_server_that_dawdles(start: bytes):
    """A byte now and then is not an answer in time: neither in the headers nor in the body."""

    def script(connection: socket.socket) -> None:
        asked(connection)
        connection.sendall(start)
        gone = threading.Event()
        while not gone.wait(0.02):
            try:
                connection.sendall(b"x")
            except OSError:
                gone.set()

    with serving(script) as server:
        begun = time.monotonic()
        with pytest.raises(TimeoutError):
            server.ask(timeout=0.3)
        assert time.monotonic() - begun < 10


def test_a_refusal_is_heard_before_the_body_is_through():
    """A server that answers early and hangs up has said why."""

    def script(connection: socket.socket) -> None:
        asked(connection)
        connection.sendall(b"HTTP/1.1 403 Forbidden\r\nContent-Length: 6\r\n\r\nno use")
        connection.shutdown(socket.SHUT_WR)
        while connection.recv(1 << 20):
            pass

    with serving(script) as server:
        answer = server.ask("PUT", bytes(20 << 20))
    assert (answer.status, answer.text) == (403, "no use")


def test_what_a_server_said_before_it_hung_up_is_heard():
    """Though it takes nothing of the request any more."""
    ours, theirs = socket.socketpair()
    theirs.sendall(b"HTTP/1.1 403 Forbidden\r\n\r\n")
    theirs.close()
    wire = Wire(ours)
    wire.begin(time.monotonic() + 20)
    wire.send(b"PUT / HTTP/1.1\r\n\r\n", b"body")
    assert wire.is_spent
    assert wire.head() == b"HTTP/1.1 403 Forbidden"
    wire.close()


def test_a_request_waits_for_a_connection_no_longer_than_it_may():
    """Where all of them are taken, and the store does not answer."""
    hold = threading.Event()
    with serving(lambda connection: (asked(connection), hold.wait(20))[0] and None) as server:
        server.connections = Connections(f"http://127.0.0.1:{server.port}", most=1)
        wire = server.connections.lend(time.monotonic() + 20)
        with pytest.raises(TimeoutError):
            server.ask(timeout=0.05)
        server.connections.take_back(wire)
        hold.set()


def test_no_header_begins_another_line():
    """A name from outside cannot put words into our mouth."""
    connections = Connections("http://127.0.0.1:9", most=1)
    for name, value in (
        ("x-copy", "a\r\nHost: b"),
        ("x-copy\r\nHost", "b"),
        ("x-copy: a", "b"),
        ("x-copy ", "b"),
    ):
        with pytest.raises(Unfit, match="x-copy"):
            exchange(connections, "GET", "/", {name: value}, b"", 1)


def test_a_server_that_is_not_there_is_no_answer():
    """A name that nobody knows is told as what it is: no connection."""
    connections = Connections("http://no-such-host.invalid", most=1)
    with pytest.raises(ConnectionError, match="no address is known for the host no-such-host"):
        exchange(connections, "GET", "/", {}, b"", 5)


@pytest.mark.parametrize("method", ["GET", "HEAD"])
def test_what_changes_nothing_is_asked_again_of_a_server_that_had_gone(method: str):
    """A kept connection may end just when it is used: that is no failed attempt."""

    def goes_when_asked(connection: socket.socket) -> None:
        says(told(b""))(connection)
        asked(connection)

    with serving(goes_when_asked, says(told(b"", "X-Second: yes"))) as server:
        server.ask()
        assert server.ask(method).headers["x-second"] == "yes"


def test_what_is_asked_again_is_asked_on_a_new_connection():
    """Where one that was kept has ended, the others may have as well."""

    def goes_when_asked_again(connection: socket.socket) -> None:
        says(told(b""))(connection)
        asked(connection)

    with serving(
        lambda connection: asked(connection) and None, goes_when_asked_again, says(told(b"new"))
    ) as server:
        other = server.connections.lend(time.monotonic() + 20)
        server.ask()
        server.connections.take_back(other)
        assert bytes(server.ask().body) == b"new"


def test_a_reset_is_an_end_as_well():
    """Of a kept connection, by a server that does not say goodbye."""

    def resets_when_asked(connection: socket.socket) -> None:
        says(told(b""))(connection)
        asked(connection)
        connection.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))

    with serving(resets_when_asked, says(told(b"again"))) as server:
        server.ask()
        assert bytes(server.ask().body) == b"again"


@pytest.mark.parametrize("method", ["PUT", "POST", "DELETE"])
def test_what_changes_something_is_sent_once(method: str):
    """Its caller decides: the server may have done it before it went."""

    def goes_when_asked(connection: socket.socket) -> None:
        says(told(b""))(connection)
        asked(connection)

    with serving(goes_when_asked, says(told(b"later"))) as server:
        server.ask()
        with pytest.raises(HungUp):
            server.ask(method)
        assert bytes(server.ask().body) == b"later"


@pytest.mark.parametrize("said", [b"", b"HTTP/1.1 100 Continue\r\n\r\n"], ids=["at once", "after a word"])
def test_a_refusal_is_heard_from_a_server_that_takes_no_more(said: bytes):
    """It answers while a part is on its way, keeps the connection and reads nothing: nobody waits for it."""
    heard = threading.Event()

    def script(connection: socket.socket) -> None:
        asked(connection)
        connection.sendall(said)
        connection.sendall(b"HTTP/1.1 503 Slow Down\r\nContent-Length: 4\r\n\r\nbusy")
        heard.wait(20)

    with serving(script, says(told(b"next"))) as server:
        begun = time.monotonic()
        answer = server.ask("PUT", bytes(64 << 20), timeout=15)
        heard.set()
        assert (answer.status, answer.text) == (503, "busy")
        assert time.monotonic() - begun < 10
        assert bytes(server.ask().body) == b"next"


def test_words_for_the_time_being_do_not_end_a_request():
    """Nor does a success that is told early: all of the body is sent."""
    taken = []

    def script(connection: socket.socket) -> None:
        got = len(asked(connection).partition(b"\r\n\r\n")[2])
        words = [b"HTTP/1.1 103 Early Hints\r\n", b"Link: x\r\n\r\nHTTP/1.1 200 OK\r\n"]
        while got < 64 << 20:
            if words and got >= (24 << 20) * (2 - len(words)):
                connection.sendall(words.pop(0))
            got += len(connection.recv(1 << 20))
        taken.append(got)
        connection.sendall(b"Content-Length: 4\r\n\r\ndone")

    with serving(script) as server:
        assert server.ask("PUT", bytes(64 << 20)).text == "done"
    assert taken == [64 << 20]


def test_a_success_for_half_a_request_is_none():
    """A server that hung up before it had the whole body cannot have stored it."""

    def script(connection: socket.socket) -> None:
        asked(connection)
        connection.sendall(told(b""))
        connection.shutdown(socket.SHUT_RDWR)

    with serving(script) as server, pytest.raises(NoAnswer, match="before it had the whole request"):
        server.ask("PUT", bytes(64 << 20))


def test_a_server_that_takes_nothing_is_given_up_in_time():
    """A body that does not fit into the network's buffers waits for its reader no longer than it may."""
    over = threading.Event()
    with serving(lambda connection: (asked(connection), over.wait(20))[0] and None) as server:
        begun = time.monotonic()
        with pytest.raises(TimeoutError, match="takes nothing"):
            server.ask("PUT", bytes(64 << 20), timeout=0.3)
        over.set()
    assert time.monotonic() - begun < 5


def test_the_deadline_holds_across_the_phases():
    """A server that is slow to take a body has not the whole time again for its answer."""
    over = threading.Event()

    def script(connection: socket.socket) -> None:
        says(told(b""))(connection)
        asked(connection)
        over.wait(0.7)  # the slow server is the subject
        got = 0
        while got < 32 << 20 and (more := connection.recv(1 << 20)):
            got += len(more)
        over.wait(20)

    with serving(script) as server:
        server.ask()
        begun = time.monotonic()
        with pytest.raises(TimeoutError):
            server.ask("PUT", bytes(32 << 20), timeout=1.2)
        took = time.monotonic() - begun
        over.set()
    assert took < 1.7


def test_what_comes_uninvited_ends_a_connection():
    """Bytes that nobody asked for are not the answer to the next request."""
    uninvited = told(b"uninvited")
    sent = threading.Event()

    def script(connection: socket.socket) -> None:
        says(told(b"1"))(connection)
        sent.wait(20)
        connection.sendall(uninvited)

    with serving(script, says(told(b"2"))) as server:
        server.ask()
        wire = server.connections.lend(time.monotonic() + 20)
        sent.set()
        select.select([wire.socket], [], [], 20)
        server.connections.take_back(wire)
        assert bytes(server.ask().body) == b"2"


def test_a_connection_is_not_kept_for_ever(monkeypatch: pytest.MonkeyPatch):
    """One that was idle for long may be gone without a word from anybody."""
    late = []

    def script(connection: socket.socket) -> None:
        says(told(b"1"))(connection)
        late.append(asked(connection))

    with serving(script, says(told(b"2"))) as server:
        server.ask()
        later = time.monotonic() + 61
        monkeypatch.setattr("vfs.engine.backends.objects.connections.time.monotonic", lambda: later)
        assert bytes(server.ask(timeout=90).body) == b"2"
    assert late == [b""]


def test_why_there_is_no_answer_is_said():
    """Which host, which port, and what became of it."""
    with socket.create_server(("127.0.0.1", 0)) as closed:
        port = closed.getsockname()[1]
    said = re.escape(f"127.0.0.1:{port} cannot be reached: Connection refused")
    with pytest.raises(NoAnswer, match=said):
        exchange(Connections(f"http://127.0.0.1:{port}", most=1), "GET", "/", {}, b"", 5)
