"""Requests to stores and their answers, byte by byte, against a server that says what it is told to."""

import socket
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager

import pytest

from vfs.engine.backends.objects.connections import Connections
from vfs.engine.backends.objects.exchange import Answer, exchange
from vfs.engine.backends.objects.wires import Wire
from vfs.engine.slabs import SLAB

CHUNKED = b"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n"

Script = Callable[[socket.socket], None]
"""What the server does with one connection."""


class ScriptedServer:
    """Plays one script a connection, in order; what was asked is kept."""

    def __init__(self, *scripts: Script) -> None:
        self._listening = socket.create_server(("127.0.0.1", 0))
        self.port = self._listening.getsockname()[1]
        self.connections = Connections(f"http://127.0.0.1:{self.port}", most=4)
        self._scripts = scripts
        self._thread = threading.Thread(target=self._play)
        self._thread.start()

    def ask(self, method: str = "GET", body: bytes = b"", timeout: float = 20, **headers: str) -> Answer:
        return exchange(self.connections, method, "/b/a", headers, body, timeout)

    def _play(self) -> None:
        for script in self._scripts:
            connection, _ = self._listening.accept()
            with connection:
                script(connection)

    def close(self) -> None:
        self.connections.close()
        self._thread.join(20)
        self._listening.close()


@contextmanager
def serving(*scripts: Script) -> Iterator[ScriptedServer]:
    server = ScriptedServer(*scripts)
    try:
        yield server
    finally:
        server.close()


def asked(connection: socket.socket) -> bytes:
    """The head of the next request."""
    received = b""
    while b"\r\n\r\n" not in received:
        more = connection.recv(1 << 16)
        if not more:
            break
        received += more
    return received


def says(*answers: bytes) -> Script:
    """One answer for each request, then the end."""

    def script(connection: socket.socket) -> None:
        for answer in answers:
            asked(connection)
            connection.sendall(answer)

    return script


def told(body: bytes, *headers: str) -> bytes:
    lines = ["HTTP/1.1 200 OK", f"Content-Length: {len(body)}", *headers, "\r\n"]
    return "\r\n".join(lines).encode() + body


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


@pytest.mark.parametrize(
    ("answer", "body"),
    [
        (told(b"x" * 200_000), b"x" * 200_000),
        (CHUNKED + b"3\r\nabc\r\nA;x=y\r\n0123456789\r\n0\r\nT: t\r\n\r\n", b"abc0123456789"),
        (b"HTTP/1.0 200 OK\r\n\r\nto the end", b"to the end"),
        (b"HTTP/1.1 100 Continue\r\n\r\nHTTP/1.1 103\r\nLink: x\r\n\r\n" + told(b"then this"), b"then this"),
        (b"HTTP/1.1 204 No Content\r\nContent-Length: 5\r\n\r\n", b""),
    ],
    ids=["length", "chunks", "end", "after words", "nothing"],
)
def test_an_answer_ends_where_it_says(answer: bytes, body: bytes):
    """By its length, its chunks or the connection's end; words before it are passed over."""
    with serving(says(answer)) as server:
        assert bytes(server.ask().body) == body


def test_a_slab_is_filled_and_headers_are_told_in_lower_case():
    """What is as big as a slab comes in one; repeated headers are joined."""
    content = bytes(range(256)) * (SLAB // 256)
    with serving(says(told(content, "X-Meta: one", "x-meta: two"))) as server:
        answer = server.ask()
    assert isinstance(answer.body, memoryview)
    assert answer.body == content
    assert answer.headers == {"content-length": str(SLAB), "x-meta": "one, two"}


def test_an_answer_to_head_has_no_body():
    """Whatever length it tells; the next answer is its own."""
    with serving(says(b"HTTP/1.1 200 OK\r\nContent-Length: 7\r\n\r\n", told(b"next"))) as server:
        assert (server.ask("HEAD").body, bytes(server.ask().body)) == (b"", b"next")


@pytest.mark.parametrize(
    "answer",
    [
        b"",
        b"SSH-2.0-OpenSSH\r\n\r\n",
        b"HTTP/1.1 200 OK\r\nno colon\r\n\r\n",
        b"HTTP/1.1 200 OK\r\nContent-Length: -1\r\n\r\n",
        b"HTTP/1.1 200 OK\r\nContent-Length: 5\r\n\r\nfour",
        CHUNKED + b"x\r\n",
        CHUNKED + b"2\r\nabc\r\n0\r\n\r\n",
        b"HTTP/1.1 200 OK\r\nContent-Length: 0\r\nX: " + b"x" * 600_000 + b"\r\n\r\n",
    ],
    ids=["silence", "no HTTP", "no header", "no length", "cut", "no chunk", "long chunk", "endless head"],
)
def test_what_is_no_whole_answer_is_none(answer: bytes):
    """The caller is told that there was no answer, and the connection is not used again."""
    with serving(says(answer), says(told(b"well"))) as server:
        with pytest.raises(ConnectionError):
            server.ask()
        assert bytes(server.ask().body) == b"well"


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
    wire.begin(20, time.monotonic() + 20)
    wire.send(b"PUT / HTTP/1.1\r\n\r\n", b"body")
    assert wire.is_spent
    assert wire.head() == b"HTTP/1.1 403 Forbidden"
    wire.close()


def test_a_request_waits_for_a_connection_no_longer_than_it_may():
    """Where all of them are taken, and the store does not answer."""
    hold = threading.Event()
    with serving(lambda connection: (asked(connection), hold.wait(20))[0] and None) as server:
        server.connections = Connections(f"http://127.0.0.1:{server.port}", most=1)
        with server.connections.lent(20), pytest.raises(TimeoutError):
            server.ask(timeout=0.05)
        hold.set()


def test_no_header_begins_another_line():
    """A name from outside cannot put words into our mouth."""
    connections = Connections("http://127.0.0.1:9", most=1)
    with pytest.raises(ValueError, match="x-copy"):
        exchange(connections, "GET", "/", {"x-copy": "a\r\nHost: b"}, b"", 1)


def test_a_server_that_is_not_there_is_no_answer():
    """A name that nobody knows is told as what it is: no connection."""
    connections = Connections("http://no-such-host.invalid", most=1)
    with pytest.raises(ConnectionError, match="gaierror"):
        exchange(connections, "GET", "/", {}, b"", 5)
