"""One HTTP/1.1 request and its whole answer, by a deadline that holds whatever the server does.

The bytes of an answer go from the socket to where they stay. Libraries that are made for more cost several
times as much: half a millisecond a request, and for what is big two copies besides.
"""

import re
import ssl
from collections.abc import Mapping
from dataclasses import dataclass

from vfs.engine.backend import Buffer
from vfs.engine.backends.objects.connections import Connections
from vfs.engine.backends.objects.wires import Wire
from vfs.engine.slabs import SLAB, buffer

_STATUS_LINE = re.compile(rb"HTTP/1\.([01]) ([1-9][0-9]{2})(?: .*)?")
_DIGITS = re.compile(r"[0-9]{1,18}")
_CHUNK_SIZE = re.compile(rb"([0-9A-Fa-f]{1,16})[ \t]*(?:;.*)?")
_HAVE_BODIES = frozenset({"PATCH", "POST", "PUT"})
_LINE_BREAKS = re.compile(r"[\r\n\0]")


@dataclass(frozen=True, slots=True)
class Answer:
    """What came back for a request."""

    status: int
    headers: Mapping[str, str]
    """By name in lower case; several of one name are joined by commas."""
    body: Buffer

    @property
    def text(self) -> str:
        """The body as text; what is no UTF-8 in it is replaced."""
        return str(self.body, "utf-8", "replace")


def exchange(
    connections: Connections,
    method: str,
    target: str,
    headers: Mapping[str, str],
    body: Buffer,
    timeout: float,
) -> Answer:
    """Send one request: no redirect is followed, and nothing is tried again.

    Raises ConnectionError, TimeoutError, ssl.SSLCertVerificationError, for the caller to translate, and
    ValueError for what can be no header.
    """
    head = _request(connections.host, method, target, headers, len(body))
    try:
        with connections.lent(timeout) as wire:
            wire.send(head, body)
            return _answer(wire, method)
    except (ConnectionError, TimeoutError, ssl.SSLCertVerificationError):
        raise
    except OSError as error:
        raise ConnectionError(f"{type(error).__name__}: {error.strerror}") from error


def _request(host: str, method: str, target: str, headers: Mapping[str, str], length: int) -> bytes:
    lines = [f"{method} {target} HTTP/1.1", f"Host: {host}"]
    given = set()
    for name, value in headers.items():
        if _LINE_BREAKS.search(value):
            raise ValueError(f"a line break in the header {name}")
        given.add(name.lower())
        lines.append(f"{name}: {value}")
    if "accept-encoding" not in given:
        lines.append("Accept-Encoding: identity")
    if (length or method in _HAVE_BODIES) and "content-length" not in given:
        lines.append(f"Content-Length: {length}")
    return "\r\n".join([*lines, "User-Agent: vfs", "\r\n"]).encode()


def _answer(wire: Wire, method: str) -> Answer:
    status, is_1_1, headers = _head(wire)
    while status < 200:
        status, is_1_1, headers = _head(wire)
    connection = headers.get("connection", "").lower()
    if "close" in connection if is_1_1 else "keep-alive" not in connection:
        wire.is_spent = True
    has_body = method != "HEAD" and status not in {204, 304}
    return Answer(status, headers, _body(wire, headers) if has_body else b"")


def _head(wire: Wire) -> tuple[int, bool, dict[str, str]]:
    """The status, whether HTTP/1.1 is spoken, and the headers. Raises ConnectionError for no HTTP."""
    first, *lines = wire.head().split(b"\r\n")
    found = _STATUS_LINE.fullmatch(first)
    if found is None:
        raise ConnectionError("the answer is no HTTP")
    headers: dict[str, str] = {}
    for line in lines:
        name, colon, value = line.decode("latin-1").partition(":")
        if not colon:
            raise ConnectionError("the answer is no HTTP")
        name, value = name.lower(), value.strip(" \t")
        headers[name] = f"{headers[name]}, {value}" if name in headers else value
    return int(found[2]), found[1] == b"1", headers


def _body(wire: Wire, headers: Mapping[str, str]) -> Buffer:
    if "chunked" in headers.get("transfer-encoding", "").lower():
        return _chunks(wire)
    told = headers.get("content-length")
    if told is None:
        return wire.rest()
    if not _DIGITS.fullmatch(told):
        raise ConnectionError("the answer is no HTTP")
    if int(told) != SLAB:
        return wire.exactly(int(told))
    slab = buffer(SLAB)
    wire.fill(slab)
    return slab


def _chunks(wire: Wire) -> bytes:
    pieces: list[Buffer] = []
    while True:
        size = _CHUNK_SIZE.fullmatch(wire.line())
        if size is None:
            raise ConnectionError("the answer is no HTTP")
        if not int(size[1], 16):
            break
        pieces.append(wire.exactly(int(size[1], 16)))
        if wire.line():
            raise ConnectionError("the answer is no HTTP")
    while wire.line():
        pass  # trailers, that nobody asked for
    return b"".join(pieces)
