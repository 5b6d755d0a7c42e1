"""What clients send: bodies as streams, whose ends are believed only where all came."""

import io
from collections.abc import Iterator
from typing import TYPE_CHECKING

from wsgidav.dav_error import HTTP_BAD_REQUEST, HTTP_REQUEST_ENTITY_TOO_LARGE, DAVError

if TYPE_CHECKING:
    from vfs.dav.resources import Environ

BLOCK = 256 << 10
"""Bytes of a body that are asked for at a time."""

LARGEST_DOCUMENT = 1 << 20
"""Bytes of the XML that a request may have."""


class CutOff(Exception):
    """The client went away, or sent another number of bytes than it had said."""


def length_of(environ: "Environ") -> int | None:
    """The bytes of the body; None where only its end will tell. Raises DAVError 400."""
    told = str(environ.get("CONTENT_LENGTH") or "").strip()
    if told:
        if not (told.isascii() and told.isdigit()):
            raise DAVError(HTTP_BAD_REQUEST, "Content-Length is no number")
        return int(told)
    return None if is_chunked(environ) else 0


def is_chunked(environ: "Environ") -> bool:
    coding = str(environ.get("HTTP_TRANSFER_ENCODING") or "").lower()
    return "chunked" in coding or bool(environ.get("wsgi.input_terminated") and coding)


def blocks(environ: "Environ", expected: int | None = None) -> Iterator[bytes]:
    """The body as it comes, `expected` bytes where that is known. Raises CutOff where it is not whole."""
    length = length_of(environ)
    wanted = expected if length is None else length
    read, got = environ["wsgi.input"].read, 0
    while length is None or got < length:
        try:
            block = read(BLOCK if length is None else min(BLOCK, length - got))
        except (OSError, ValueError, EOFError) as error:
            raise CutOff(str(error)) from error
        if not block:
            break
        got += len(block)
        yield block
    if wanted is not None and got != wanted:
        raise CutOff(f"{got} bytes came of {wanted}")
    environ["wsgidav.all_input_read"] = 1


def hold_document(environ: "Environ") -> None:
    """Read the XML of a request, chunked or not, so that the library finds it whole. Raises DAVError."""
    length = length_of(environ)
    if length == 0:
        return
    held = bytearray()
    try:
        for block in blocks(environ):
            held += block
            if len(held) > LARGEST_DOCUMENT:
                raise DAVError(HTTP_REQUEST_ENTITY_TOO_LARGE)
    except CutOff as error:
        raise DAVError(HTTP_BAD_REQUEST, "the body is not whole") from error
    if b"<!DOCTYPE" in held or b"<!\0D\0O\0C" in held or b"\0<\0!\0D\0O" in held:
        raise DAVError(HTTP_BAD_REQUEST, "no request needs a document type")
    environ["wsgi.input"] = io.BytesIO(bytes(held))
    environ["CONTENT_LENGTH"] = str(len(held))
