"""Heads of requests: what is understood, and what is refused rather than guessed at."""

import pytest

from vfs.dav.server.heads import BadRequest, parse_head


def head(*lines: str) -> bytes:
    return "\r\n".join(lines).encode("latin-1")


def test_a_head_is_understood() -> None:
    """Names in any letter case, values without the spaces around them, several of a name joined."""
    found = parse_head(
        head("PUT /a%20b?c=d HTTP/1.1", "hOST:x", "X-A: 1", "x-a: \t2 ", "Content-Length: 5", "Empty:")
    )
    assert (found.method, found.target, found.is_1_1) == ("PUT", b"/a%20b?c=d", True)
    assert found.headers == {"HOST": "x", "X_A": "1, 2", "CONTENT_LENGTH": "5", "EMPTY": ""}
    assert (found.length, found.is_chunked, found.keeps_alive) == (5, False, True)


@pytest.mark.parametrize(
    ("version", "connection", "keeps"),
    [("1.1", "x", True), ("1.1", "Close", False), ("1.0", "x", False), ("1.0", "Keep-Alive", True)],
)
def test_who_keeps_the_connection(version: str, connection: str, keeps: bool) -> None:
    """HTTP/1.1 does unless it says otherwise, HTTP/1.0 the other way round."""
    found = parse_head(head(f"GET / HTTP/{version}", "Host: x", f"Connection: {connection}"))
    assert found.keeps_alive is keeps


HOST = "Host: x"
REFUSED = [
    (400, ["GET / HTTP/1.1"]),
    (400, ["GET / HTTP/1.1", HOST, HOST]),
    (400, ["GET /a b HTTP/1.1", HOST]),
    (400, ["GET /a", HOST]),
    (400, ["GET  / HTTP/1.1", HOST]),
    (400, ["GET /a#b HTTP/1.1", HOST]),
    (400, ["G(T / HTTP/1.1", HOST]),
    (400, ["GET / HTTP/1.1", HOST, " folded: x"]),
    (400, ["GET / HTTP/1.1", HOST, "Name : x"]),
    (400, ["GET / HTTP/1.1", HOST, "no header"]),
    (400, ["GET / HTTP/1.1", HOST, "a: b\rc: d"]),
    (400, ["GET / HTTP/1.1", HOST, "a: b\nc: d"]),
    (400, ["GET / HTTP/1.1", HOST, "a: b\0"]),
    (400, ["PUT / HTTP/1.1", HOST, "Content-Length: 1", "Content-Length: 1"]),
    (400, ["PUT / HTTP/1.1", HOST, "Content-Length: +1"]),
    (400, ["PUT / HTTP/1.1", HOST, "Content-Length: 1_0"]),
    (400, ["PUT / HTTP/1.1", HOST, "Content-Length: \xb2"]),
    (400, ["PUT / HTTP/1.1", HOST, "Content-Length: 5", "Transfer-Encoding: chunked"]),
    (501, ["PUT / HTTP/1.1", HOST, "Transfer-Encoding: gzip, chunked"]),
    (501, ["PUT / HTTP/1.1", HOST, "Transfer-Encoding: xchunked"]),
    (417, ["PUT / HTTP/1.1", HOST, "Expect: miracles"]),
    (431, ["GET / HTTP/1.1", HOST, *(f"h{number}: x" for number in range(300))]),
    (505, ["GET / HTTP/2.0", HOST]),
]


@pytest.mark.parametrize(("status", "lines"), REFUSED, ids=str)
def test_what_can_be_misunderstood_is_refused(status: int, lines: list[str]) -> None:
    """No second program on the way can read a request in it that we do not."""
    with pytest.raises(BadRequest) as caught:
        parse_head(head(*lines))
    assert caught.value.status == status


def test_headers_with_underscores_do_not_pass_for_others() -> None:
    """`X_Remote_User` is not `X-Remote-User`, which a proxy guards."""
    assert parse_head(head("GET / HTTP/1.1", HOST, "X_Remote_User: root")).headers == {"HOST": "x"}
