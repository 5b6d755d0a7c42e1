"""Heads of HTTP/1.1 requests, read strictly: what two programs might understand differently is refused."""

import re
from dataclasses import dataclass

LARGEST_HEAD = 64 << 10
"""Bytes of a request's first line and headers together."""

_MOST_HEADERS = 200

_REQUEST_LINE = re.compile(rb"([!#$%&'*+.^_`|~0-9A-Za-z-]{1,32}) ([\x21-\x7e\x80-\xff]+) HTTP/1\.([01])")
_HEADER = re.compile(rb"([!#$%&'*+.^_`|~0-9A-Za-z-]+):[ \t]*([^\x00-\x08\x0a-\x1f\x7f]*?)[ \t]*")
_NUMBER = re.compile(r"[0-9]{1,18}")


class BadRequest(Exception):
    """A request that cannot be answered as it asks; the connection ends with this status."""

    def __init__(self, status: int, reason: str) -> None:
        super().__init__(reason)
        self.status = status
        self.reason = reason


@dataclass(frozen=True, slots=True)
class Head:
    """The first line and the headers of a request."""

    method: str
    target: bytes
    """As it was sent: a path, a whole URL, or `*`."""
    is_1_1: bool
    headers: dict[str, str]
    """By name in capitals with underscores, as WSGI has them; several of one name are joined."""
    length: int
    """Bytes of the body."""
    is_chunked: bool
    """The body is in chunks, and `length` is of no account."""
    fields: bytes = b""
    """The headers as they were sent."""

    @property
    def line(self) -> str:
        """The first line, as logs have it."""
        return f"{self.method} {self.target.decode('latin-1')} HTTP/1.{int(self.is_1_1)}"

    @property
    def keeps_alive(self) -> bool:
        """Whether the client wants to ask more on this connection."""
        told = self.headers.get("CONNECTION", "").lower()
        return "close" not in told if self.is_1_1 else "keep-alive" in told

    @property
    def awaits_consent(self) -> bool:
        """Whether the client sends the body only when it is told to go on."""
        return self.is_1_1 and self.headers.get("EXPECT", "").lower() == "100-continue"


def parse_head(raw: bytes, last: Head | None = None) -> Head:
    """The head in these bytes, its empty line taken off. Raises BadRequest.

    `last` is the one before on the same connection: most clients send the same headers each time.
    """
    first, _, fields = raw.partition(b"\r\n")
    request = _REQUEST_LINE.fullmatch(first)
    if request is None:
        is_later = re.fullmatch(rb"\S+ \S+ HTTP/[2-9](\.\d)?", first)
        raise BadRequest(505, "HTTP/1.1 is spoken here") if is_later else BadRequest(400, "no request line")
    method, target, minor = request.groups()
    if b"#" in target:
        raise BadRequest(400, "a fragment is the client's own business")
    is_1_1 = minor == b"1"
    if last is not None and last.fields == fields and last.is_1_1 == is_1_1:
        return Head(
            method.decode("ascii"), target, is_1_1, last.headers, last.length, last.is_chunked, fields
        )
    headers = _headers(fields.split(b"\r\n") if fields else [])
    if is_1_1 and "HOST" not in headers:
        raise BadRequest(400, "no Host header")
    if headers.get("EXPECT", "100-continue").lower() != "100-continue":
        raise BadRequest(417, "what is expected here is nobody's custom")
    is_chunked = _is_chunked(headers)
    length = 0 if is_chunked else _length(headers)
    return Head(method.decode("ascii"), target, is_1_1, headers, length, is_chunked, fields)


def _headers(lines: list[bytes]) -> dict[str, str]:
    if len(lines) > _MOST_HEADERS:
        raise BadRequest(431, "too many headers")
    found: dict[str, str] = {}
    for line in lines:
        header = _HEADER.fullmatch(line)
        if header is None:
            raise BadRequest(400, "a line that is no header")
        if b"_" in header[1]:
            continue  # it would pass for the header that has a hyphen there
        name = header[1].decode("ascii").upper().replace("-", "_")
        value = header[2].decode("latin-1")
        if name not in found:
            found[name] = value
        elif name in {"HOST", "CONTENT_LENGTH", "TRANSFER_ENCODING", "AUTHORIZATION", "EXPECT"}:
            raise BadRequest(400, f"two headers {header[1].decode('ascii')}")
        else:
            found[name] += ("; " if name == "COOKIE" else ", ") + value
    return found


def _is_chunked(headers: dict[str, str]) -> bool:
    coding = headers.get("TRANSFER_ENCODING")
    if coding is None:
        return False
    if "CONTENT_LENGTH" in headers:
        raise BadRequest(400, "a length and a transfer coding")
    if coding.lower() != "chunked":
        raise BadRequest(501, "no transfer coding but chunked")
    return True


def _length(headers: dict[str, str]) -> int:
    told = headers.get("CONTENT_LENGTH", "0")
    if not _NUMBER.fullmatch(told):
        raise BadRequest(400, "Content-Length is no number")
    return int(told)
