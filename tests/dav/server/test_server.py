"""The server: bodies on demand, connections kept and cut, nobody kept waiting, a stop that loses nothing."""

import re
import select
import threading
from contextlib import ExitStack
from pathlib import Path
from typing import Any

import pytest

from tests.dav.server.serving import Running, echo, refuse, running, until
from tests.mounts.waiting import wait_until
from vfs.dav.server import accepting
from vfs.engine.request_ids import current_request
from vfs.engine.serving.bodies import TAKES_BUFFERS

PUT = b"PUT /a HTTP/1.1\r\nHost: x\r\n"
GET = b"GET / HTTP/1.1\r\nHost: x\r\n\r\n"


def replies(received: bytes) -> list[tuple[int, bytes]]:
    """Status and body of each answer that has a length."""
    found = []
    while received:
        head, _, rest = received.partition(b"\r\n\r\n")
        status = int(head.split()[1])
        told = re.search(rb"Content-Length: (\d+)", head)
        length = int(told[1]) if told else 0
        found.append((status, rest[:length]))
        received = rest[length:]
    return found


def test_requests_follow_each_other(tmp_path: Path) -> None:
    """On one connection, each with its own body; the bytes may come in any pieces."""
    with running(echo, tmp_path) as server:
        sent = PUT + b"Content-Length: 5\r\n\r\nhello" + GET + PUT + b"Content-Length: 0\r\n\r\n"
        assert replies(server.ask(sent)) == [(200, b"PUT /a hello"), (200, b"GET / "), (200, b"PUT /a ")]
        pieces = [sent[place : place + 7] for place in range(0, len(sent), 7)]
        assert len(replies(server.ask(*pieces))) == 3


def test_bodies_in_chunks(tmp_path: Path) -> None:
    """Chunks of any size, extensions and trailers dropped; the next request follows."""
    chunks = b"3;x=y\r\nabc\r\n1F\r\n" + b"d" * 31 + b"\r\n0\r\nTrailer: x\r\n\r\n"
    with running(echo, tmp_path) as server:
        received = server.ask(PUT + b"Transfer-Encoding: chunked\r\n\r\n" + chunks + GET)
        assert replies(received) == [(200, b"PUT /a abc" + b"d" * 31), (200, b"GET / ")]


@pytest.mark.parametrize(
    "chunks", [b"", b"5\r\nab", b"5\r\nabcde", b"x\r\n", b"2\r\nabc\r\n0\r\n\r\n", b"-1\r\n"]
)
def test_a_body_that_is_not_whole_is_an_error(tmp_path: Path, chunks: bytes) -> None:
    """The application hears of it as OSError; the connection is of no more use."""
    heard: list[Exception] = []

    def application(environ: dict[str, Any], start_response: Any) -> list[bytes]:
        try:
            environ["wsgi.input"].read()
        except OSError as error:
            heard.append(error)
        return refuse(environ, start_response)

    with running(application, tmp_path) as server:
        received = server.ask(PUT + b"Transfer-Encoding: chunked\r\n\r\n" + chunks)
        assert len(heard) == 1
        assert received.startswith(b"HTTP/1.1 412 ")
        assert b"Connection: close" in received
        received = server.ask(PUT + b"Content-Length: 10\r\n\r\nshort")
        assert len(heard) == 2


def test_the_application_decides_before_100_continue(tmp_path: Path) -> None:
    """Refused, the client is not told to go on; asked for, the body is."""
    expecting = PUT + b"Content-Length: 5\r\nExpect: 100-continue\r\n\r\n"
    with running(refuse, tmp_path) as server, server.connect() as connection:
        connection.sendall(expecting)
        received = b"".join(iter(lambda: connection.recv(1 << 16), b""))
        assert received.startswith(b"HTTP/1.1 412 ")
        assert b"Connection: close" in received
    with running(echo, tmp_path) as server, server.connect() as connection:
        connection.sendall(expecting)
        assert until(connection, b"\r\n\r\n") == b"HTTP/1.1 100 Continue\r\n\r\n"
        connection.sendall(b"hello")
        assert until(connection, b"hello").startswith(b"HTTP/1.1 200 OK")


def test_a_refused_body_is_taken_to_its_end(tmp_path: Path) -> None:
    """Who sends without asking hears the refusal, and may ask again on the same connection."""
    with running(refuse, tmp_path) as server:
        received = server.ask(PUT + b"Content-Length: 3000000\r\n\r\n" + bytes(3_000_000) + GET)
        assert [status for status, _ in replies(received)] == [412, 412]


def test_answers_without_a_length_are_in_chunks(tmp_path: Path) -> None:
    """HTTP/1.0 gets the bytes alone, and the end of the connection; HEAD and 304 get no body at all."""

    def application(environ: dict[str, Any], start_response: Any) -> list[bytes]:
        start_response("304 Not Modified" if environ["PATH_INFO"] == "/304" else "200 OK", [])
        return [b"one", b"", b"two"]

    with running(application, tmp_path) as server:
        assert server.ask(GET).endswith(b"\r\n\r\n3\r\none\r\n3\r\ntwo\r\n0\r\n\r\n")
        assert server.ask(b"GET / HTTP/1.0\r\n\r\n").endswith(b"Connection: close\r\n\r\nonetwo")
        assert server.ask(GET.replace(b"GET", b"HEAD")).endswith(b"\r\n\r\n")
        told = server.ask(GET.replace(b"/ ", b"/304 "))
        assert told.endswith(b"\r\n\r\n")
        assert b"Transfer-Encoding" not in told


@pytest.mark.parametrize("lengths", [[], [("Content-Length", "300000")]], ids=["in chunks", "of a length"])
def test_views_are_sent_as_they_are(tmp_path: Path, lengths: list[tuple[str, str]]) -> None:
    """An application that knows of it is told that it need not copy what it has."""
    content = bytes(range(250)) * 1200
    offered = []

    def application(environ: dict[str, Any], start_response: Any) -> list[memoryview]:
        offered.append(environ.get(TAKES_BUFFERS))
        start_response("200 OK", lengths)
        return [memoryview(content)[:100_000], memoryview(content)[100_000:]]

    with running(application, tmp_path) as server:
        answer = server.ask(b"GET / HTTP/1.1\r\nHost: x\r\nConnection: close\r\n\r\n")
    head, _, body = answer.partition(b"\r\n\r\n")
    pieces = [content] if lengths else [b"186a0\r\n", content[:100_000], b"\r\n30d40\r\n", content[100_000:]]
    assert head.startswith(b"HTTP/1.1 200 OK")
    assert body == b"".join(pieces) + (b"" if lengths else b"\r\n0\r\n\r\n")
    assert offered == [True]


def test_an_application_that_fails_is_a_500_and_no_more(
    tmp_path: Path, caplog: pytest.LogCaptureFixture
) -> None:
    """The log has the reason and the client has not; an answer of the wrong length ends the connection."""

    def application(environ: dict[str, Any], start_response: Any) -> list[bytes]:
        if environ["PATH_INFO"] == "/long":
            start_response("200 OK", [("Content-Length", "1")])
            return [b"two"]
        raise RuntimeError("a secret")

    with running(application, tmp_path) as server:
        received = server.ask(GET + GET)
        assert received.startswith(b"HTTP/1.1 500 ")
        assert b"secret" not in received
        assert received.count(b"HTTP/1.1") == 1
        assert b"two" not in server.ask(GET.replace(b"/ ", b"/long "))
    assert "a secret" in caplog.text


@pytest.mark.parametrize(
    ("sent", "status"),
    [
        (b"GET / HTTP/1.1\r\n\r\n", 400),
        (b"GET nonsense HTTP/1.1\r\nHost: x\r\n\r\n", 400),
        (b"GET / HTTP/1.1\r\nHost: x\r\nA: " + b"x" * 100_000 + b"\r\n\r\n", 431),
        (b"\x16\x03\x01\x02\x00\x01\x00\x01\xfc\x03\x03\r\n\r\n", 400),
    ],
    ids=["no host", "no path", "too long", "TLS"],
)
def test_bad_requests_are_refused_and_closed(tmp_path: Path, sent: bytes, status: int) -> None:
    """With a status that says what is wrong."""
    with running(echo, tmp_path) as server:
        received = server.ask(sent)
        assert received.startswith(b"HTTP/1.1 %d " % status)
        assert b"Connection: close" in received


def test_targets_of_every_form(tmp_path: Path) -> None:
    """A path, a whole URL, `*`; percent signs are undone once, and bytes are bytes."""
    with running(echo, tmp_path) as server:
        for target, path in [
            (b"/a%25b%FF", "/a%b\xff"),
            (b"http://elsewhere/x?y", "/x"),
            (b"HTTPS://elsewhere", "/"),
        ]:
            ((_, body),) = replies(server.ask(GET.replace(b" / ", b" %b " % target)))
            assert body == f"GET {path} ".encode("latin-1")
        ((_, body),) = replies(server.ask(b"OPTIONS * HTTP/1.1\r\nHost: x\r\n\r\n"))
        assert body == b"OPTIONS * "


def stalled(server: Running, ending: ExitStack, count: int) -> None:
    for _ in range(count):
        connection = ending.enter_context(server.connect())
        connection.sendall(PUT + b"Content-Length: 1000\r\n\r\nhalf")


def test_a_hundred_stalled_uploads_keep_nobody_waiting(tmp_path: Path) -> None:
    """While all of them are inside the application, others are answered."""
    entered = threading.Semaphore(0)

    def application(environ: dict[str, Any], start_response: Any) -> list[bytes]:
        entered.release()
        try:
            return echo(environ, start_response)
        except OSError:
            return refuse(environ, start_response)

    with running(application, tmp_path) as server, ExitStack() as ending:
        stalled(server, ending, 100)
        for _ in range(100):
            assert entered.acquire(timeout=20)
        assert server.server.connections == 100
        assert replies(server.ask(GET)) == [(200, b"GET / ")]


def test_the_silent_are_dropped(tmp_path: Path) -> None:
    """Half a head, half a body, nothing at all: each for `timeout` seconds, and no longer."""
    with running(echo, tmp_path, timeout=0.3) as server:
        for sent, status in [
            (b"GET / HT", b"HTTP/1.1 408 "),
            (PUT + b"Content-Length: 9\r\n\r\nhalf", b""),
            (b"", b""),
        ]:
            with server.connect() as connection:
                connection.sendall(sent)
                assert connection.recv(1 << 16)[:13] == status


def test_who_idles_makes_room(tmp_path: Path) -> None:
    """At the limit a new client gets the place of one that waits for nothing."""
    with running(echo, tmp_path, most=2) as server, ExitStack() as ending:
        idle = [ending.enter_context(server.connect()) for _ in range(2)]
        for connection in idle:
            connection.sendall(GET)
            assert until(connection, b"GET / ")
        assert replies(server.ask(GET)) == [(200, b"GET / ")]
        ended, _, _ = select.select(idle, [], [], 20)
        assert [connection.recv(1) for connection in ended] == [b""]


def test_a_stop_finishes_what_has_begun(tmp_path: Path) -> None:
    """An upload under way is answered, with a goodbye; idle connections end, new ones are not taken."""
    begun = threading.Event()

    def application(environ: dict[str, Any], start_response: Any) -> list[bytes]:
        if environ["REQUEST_METHOD"] == "PUT":
            begun.set()
        return echo(environ, start_response)

    with running(application, tmp_path) as server, server.connect() as idle, server.connect() as upload:
        idle.sendall(GET)
        until(idle, b"GET / ")
        upload.sendall(PUT + b"Content-Length: 5\r\n\r\nhe")
        assert begun.wait(20)
        server.server.stop()
        server.thread.join(20)
        left: list[int] = []
        draining = threading.Thread(target=lambda: left.append(server.server.drain(20.0)))
        draining.start()
        assert idle.recv(1) == b""
        with pytest.raises(OSError):
            server.connect()
        upload.sendall(b"llo")
        received = b"".join(iter(lambda: upload.recv(1 << 16), b""))
        assert received.endswith(b"PUT /a hello")
        assert b"Connection: close" in received
        draining.join(20)
        assert left == [0]


def test_a_stop_has_an_end(tmp_path: Path) -> None:
    """An upload that never goes on is cut off when patience is over, and counted."""
    with running(echo, tmp_path) as server, server.connect() as upload:
        upload.sendall(PUT + b"Content-Length: 5\r\n\r\nhe")
        assert upload.fileno() >= 0
        server.ask(GET)
        server.server.stop()
        server.thread.join(20)
        assert server.server.drain(0.1) == 1
        assert server.server.connections == 0


def test_each_request_is_one_line_of_the_log(tmp_path: Path) -> None:
    """In the combined format; what clients send cannot make lines or end quotes."""

    def application(environ: dict[str, Any], start_response: Any) -> list[bytes]:
        environ["REMOTE_USER"] = 'al "ice"'
        return echo(environ, start_response)

    agent = b'User-Agent: a"b\\c\r\nReferer: http://x/\xc3\xa9\r\n'
    with running(application, tmp_path) as server:
        server.ask(b'GET /%0a"x HTTP/1.1\r\nHost: x\r\n' + agent + b"\r\n", b"nonsense\r\n\r\n")
        good, bad = server.lines()
    assert re.fullmatch(
        r'127\.0\.0\.1 - al\\x20\\"ice\\" \[\d\d/\w{3}/\d{4}:\d\d:\d\d:\d\d [+-]\d{4}\] '
        r'"GET /%0a\\"x HTTP/1.1" 200 9 "http://x/Ã©" "a\\"b\\\\c"',
        good,
    )
    assert re.search(r'"-" 400 \d+ "-" "-"$', bad)


def test_a_port_in_use_is_said(tmp_path: Path) -> None:
    """As an error of ours, with the port."""
    from vfs.dav.server.listening import listen
    from vfs.engine import StorageError

    with running(echo, tmp_path) as server, pytest.raises(StorageError, match=str(server.port)):
        listen("127.0.0.1", server.port)


def test_each_request_has_a_number_of_its_own(tmp_path: Path) -> None:
    """Also those of one connection: what is logged for one is not taken for another's."""
    numbers: list[int | None] = []

    def application(environ: Any, start_response: Any) -> list[bytes]:
        numbers.append(current_request())
        start_response("204 No Content", [])
        return []

    with running(application, tmp_path) as served:
        served.ask(b"GET / HTTP/1.1\r\nHost: x\r\n\r\n" * 3)
    assert None not in numbers
    assert len(set(numbers)) == len(numbers) == 3


def test_whoever_watches_knows_whether_connections_are_taken(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """While the loop goes around, and not once it is stuck."""
    monkeypatch.setattr(accepting, "_ROUND", 0.2)
    release = threading.Event()
    with running(echo, tmp_path) as served:
        wait_until(lambda: served.server.takes_connections, 60, "the loop")
        monkeypatch.setattr(served.server, "_accept", lambda _: release.wait())
        with served.connect():
            wait_until(lambda: not served.server.takes_connections, 60, "the news of a stuck loop")
            release.set()
