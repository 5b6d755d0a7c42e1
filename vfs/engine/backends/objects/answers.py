"""What a server says to one request: the head of its answer, and as many bytes as belong to it."""

import re
from collections.abc import Mapping
from dataclasses import dataclass

from vfs.engine.backend import Buffer
from vfs.engine.backends.objects.unanswered import NoAnswer, Unfit
from vfs.engine.backends.objects.wires import Wire
from vfs.engine.slabs import SLAB, buffer

MOST = 256 << 20
"""Bytes of an answer that nobody bounded more tightly."""

_MOST_OF_A_REFUSAL = 1 << 20
_FIELD = r"\r\n([!#$%&'*+.^_`|~0-9A-Za-z-]+):([^\r\n\0]*)"
_FIELDS = re.compile(_FIELD)
_HEAD = re.compile(rf"HTTP/1\.([01]) ([1-9][0-9]{{2}})(?: [^\r\n]*)?((?:{_FIELD})*)")
_FOLD = re.compile(r"\r\n[ \t]+")
_DIGITS = re.compile(r"[0-9]{1,18}")
_CHUNK_SIZE = re.compile(rb"([0-9A-Fa-f]{1,15})[ \t]*(?:;.*)?")


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


def received(wire: Wire, method: str, most: int) -> Answer:
    """The answer to a request, with a body of at most so many bytes. Raises NoAnswer, Unfit.

    A refusal of more than a MiB is told without its body.
    """
    status, is_1_1, headers = head(wire)
    connection = _listed(headers.get("connection", ""))
    if "close" in connection if is_1_1 else "keep-alive" not in connection:
        wire.is_spent = True
    if method == "HEAD" or status in {204, 304}:
        return Answer(status, headers, b"")
    try:
        return Answer(status, headers, _body(wire, headers, most if status < 300 else _MOST_OF_A_REFUSAL))
    except Unfit:
        if status < 300:
            raise
        wire.is_spent = True
        return Answer(status, headers, b"")


def head(wire: Wire) -> tuple[int, bool, dict[str, str]]:
    """The status, whether HTTP/1.1 is spoken, and the headers, after all words for the time being."""
    while True:
        status, is_1_1, headers = _head(wire.head())
        if status == 101:
            raise NoAnswer("the server goes over to what was not asked for")
        if status >= 200:
            return status, is_1_1, headers


def _head(told: bytes) -> tuple[int, bool, dict[str, str]]:
    found = _HEAD.fullmatch(_FOLD.sub(" ", told.decode("latin-1")))
    if found is None:
        raise _no_http()
    headers: dict[str, str] = {}
    for written, told_value in _FIELDS.findall(found[3]):
        name, value = written.lower(), told_value.strip(" \t")
        headers[name] = f"{headers[name]}, {value}" if name in headers else value
    return int(found[2]), found[1] == "1", headers


def _body(wire: Wire, headers: Mapping[str, str], most: int) -> Buffer:
    coded = headers.get("transfer-encoding")
    if coded is not None:
        if coded.lower() != "chunked":
            raise NoAnswer("the answer is packed in a way that nobody asked for")
        if "content-length" in headers:  # one of them lies, and what follows may be anybody's
            wire.is_spent = True
        return _chunks(wire, most)
    told = headers.get("content-length")
    if told is None:
        return wire.rest(most)
    size = _length(told)
    if size > most:
        raise Unfit(f"the answer has {size} bytes where {most} are the most that were asked for")
    if size != SLAB:
        return wire.exactly(size)
    slab = buffer(SLAB)
    wire.fill(slab)
    return slab


def _length(told: str) -> int:
    """A length, also one that is told several times; all must say the same."""
    lengths = _listed(told)
    size = lengths.pop() if len(lengths) == 1 else ""
    if not _DIGITS.fullmatch(size):
        raise _no_http()
    return int(size)


def _chunks(wire: Wire, most: int) -> bytes:
    pieces: list[Buffer] = []
    whole = 0
    while True:
        found = _CHUNK_SIZE.fullmatch(wire.line())
        if found is None:
            raise _no_http()
        size = int(found[1], 16)
        if not size:
            break
        whole += size
        if whole > most:
            raise Unfit(f"the answer has more bytes than the {most} that were asked for")
        pieces.append(wire.exactly(size))
        if wire.line():
            raise _no_http()
    while wire.line():
        pass  # trailers, that nobody asked for
    return b"".join(pieces)


def _listed(value: str) -> set[str]:
    """The different members of a header that is a list, in lower case."""
    return {each.strip(" \t").lower() for each in value.split(",")}


def _no_http() -> NoAnswer:
    return NoAnswer("the answer is no HTTP")
