"""Answers of stores, byte by byte, from a server that says what it is told to."""

import socket
import tracemalloc

import pytest

from tests.servers.scripted import asked, says, serving, told
from vfs.engine.backends.objects.exchange import exchange
from vfs.engine.backends.objects.unanswered import Unfit
from vfs.engine.slabs import SLAB

CHUNKED = b"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n"


@pytest.mark.parametrize(
    ("answer", "body"),
    [
        (told(b"x" * 200_000), b"x" * 200_000),
        (CHUNKED + b"3\r\nabc\r\nA;x=y\r\n0123456789\r\n0\r\nT: t\r\n\r\n", b"abc0123456789"),
        (b"HTTP/1.0 200 OK\r\n\r\nto the end", b"to the end"),
        (b"HTTP/1.1 100 Continue\r\n\r\nHTTP/1.1 103\r\nLink: x\r\n\r\n" + told(b"then this"), b"then this"),
        (b"HTTP/1.1 204 No Content\r\nContent-Length: 5\r\n\r\n", b""),
        (b"HTTP/1.1 304 Not Modified\r\nContent-Length: 5\r\n\r\n", b""),
        (b"HTTP/1.1 200 OK\r\nContent-Length: 2\r\nContent-Length: 2, 2\r\n\r\nok", b"ok"),
        (b"HTTP/1.1 200 OK\r\nX-Long: one\r\n two\r\n\tthree\r\nContent-Length: 2\r\n\r\nok", b"ok"),
        (b'HTTP/1.1 200\r\nTransfer-Encoding: Chunked\r\n\r\n002 ; a="b"\r\nok\r\n0;last\r\n\r\n', b"ok"),
    ],
    ids=["length", "chunks", "end", "after words", "nothing", "same", "lengths", "folded", "extended chunks"],
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
        CHUNKED + b"2\r\nab",
        CHUNKED + b"2\r\nab\r\n",
        b"HTTP/1.1 200 OK\r\nContent-Length: 4\r\nContent-Length: 2\r\n\r\nfour",
        b"HTTP/1.1 200 OK\r\nContent-Length : 4\r\n\r\nfour",
        b"HTTP/1.1 200 OK\r\nX: a\nContent-Length: 4\r\n\r\nfour",
        b"HTTP/1.1 200 OK\r\nTransfer-Encoding: gzip, chunked\r\n\r\n0\r\n\r\n",
        b"HTTP/1.1 101 Switching Protocols\r\nUpgrade: h2c\r\n\r\n" + told(b"no"),
    ],
    ids=[
        *("silence", "no HTTP", "no header", "no length", "cut", "no chunk", "long chunk", "endless head"),
        *("cut chunk", "cut after a chunk", "two lengths", "space in a name", "bare line feed"),
        *("packed", "other protocol"),
    ],
)
def test_what_is_no_whole_answer_is_none(answer: bytes):
    """The caller is told that there was no answer, and the connection is not used again."""
    with serving(says(answer), says(told(b"well"))) as server:
        with pytest.raises(ConnectionError):
            server.ask()
        assert bytes(server.ask().body) == b"well"


def test_a_folded_header_is_one():
    """As old servers write what is long."""
    with serving(says(b"HTTP/1.1 204 No Content\r\nX-Long: one\r\n  two\r\n\r\n")) as server:
        assert server.ask().headers == {"x-long": "one two"}


@pytest.mark.parametrize(
    "answer",
    [
        b"HTTP/1.1 200 OK\r\nContent-Length: 999999999999999999\r\n\r\n",
        b"HTTP/1.1 200 OK\r\nContent-Length: 1001\r\n\r\n",
        CHUNKED + b"fffffffffffffff\r\n",
        CHUNKED + b"3e8\r\n" + bytes(1000) + b"\r\n1\r\nx\r\n0\r\n\r\n",
        b"HTTP/1.1 200 OK\r\n\r\n" + bytes(3 << 20),
    ],
    ids=["absurd length", "length", "absurd chunk", "chunks", "end"],
)
def test_more_than_was_asked_for_is_not_taken(answer: bytes):
    """A server that heeds no ranges cannot fill the memory; and the connection ends with it."""
    with serving(says(answer), says(told(b"well"))) as server:
        tracemalloc.start()
        with pytest.raises(Unfit, match="asked for"):
            exchange(server.connections, "GET", "/b/a", {}, b"", 20, most=1000)
        peak = tracemalloc.get_traced_memory()[1]
        tracemalloc.stop()
        assert peak < 1 << 20
        assert bytes(server.ask().body) == b"well"


def test_a_length_that_no_memory_holds_is_none():
    """Where everything is asked for, too."""
    with (
        serving(says(b"HTTP/1.1 200 OK\r\nContent-Length: 999999999999999999\r\n\r\n")) as server,
        pytest.raises(Unfit, match="no room for an answer of 999999999999999999 bytes"),
    ):
        exchange(server.connections, "GET", "/b/a", {}, b"", 20, most=1 << 62)


def test_a_refusal_of_any_length_is_a_refusal():
    """Its status is told, whatever page comes with it, and however little was asked for."""
    page = b"HTTP/1.1 404 Not Found\r\nContent-Length: 9\r\n\r\nnot there"
    long = b"HTTP/1.1 502 Bad Gateway\r\nContent-Length: 90000000\r\n\r\n"
    with serving(says(page, long), says(told(b"well"))) as server:
        answers = [exchange(server.connections, "GET", "/b/a", {}, b"", 20, most=1) for _ in range(2)]
        assert [(answer.status, bytes(answer.body)) for answer in answers] == [
            (404, b"not there"),
            (502, b""),
        ]
        assert bytes(server.ask().body) == b"well"


def test_a_length_beside_chunks_ends_the_connection():
    """The chunks count; but one of the two lies, and so may what follows."""
    both = b"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\nContent-Length: 2\r\n\r\n3\r\nabc\r\n0\r\n\r\n"
    late = []

    def script(connection: socket.socket) -> None:
        says(both)(connection)
        late.append(asked(connection))

    with serving(script, says(told(b"well"))) as server:
        assert [bytes(server.ask().body) for _ in range(2)] == [b"abc", b"well"]
    assert late == [b""]
