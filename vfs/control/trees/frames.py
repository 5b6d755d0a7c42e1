"""Frames: what the two ends of a conversation say, some words in JSON and some bytes as they are.

A frame is the number of bytes of its words, the number of its bytes, then both. Names that are no UTF-8 go as
lone surrogates, as everywhere in vfs.
"""

import json
import socket
import struct
from collections.abc import Mapping
from typing import Any, NamedTuple

from vfs.engine.backend import Buffer
from vfs.engine.errors import BackendUnavailable

PIECE = 8 << 20
"""The most bytes that one frame carries: whoever wants more asks again."""

_LONGEST = 16 << 20
"""Bytes of words; a peer that sends more is not one of ours."""

_SIZES = struct.Struct("!II")

_AWAY = "the other side went away before it had said all"


class Frame(NamedTuple):
    """Words and bytes, as they were received."""

    said: Mapping[str, Any]
    data: bytearray


def send(connection: socket.socket, said: Mapping[str, Any], data: Buffer = b"") -> None:
    """Send one frame. Raises BackendUnavailable where nobody listens any more."""
    words = json.dumps(said, separators=(",", ":")).encode()
    with memoryview(data).cast("B") as view:
        head = _SIZES.pack(len(words), len(view)) + words
        try:
            if len(view) < 1 << 16:
                connection.sendall(head + bytes(view))
            else:
                connection.sendall(head)
                connection.sendall(view)
        except OSError as error:
            raise BackendUnavailable(_AWAY) from error


def receive(connection: socket.socket) -> Frame:
    """Wait for one frame. Raises BackendUnavailable where none comes any more."""
    words_size, data_size = _SIZES.unpack(_exactly(connection, _SIZES.size))
    if words_size > _LONGEST or data_size > PIECE:
        raise BackendUnavailable("the other side does not speak as vfs does")
    words, data = _exactly(connection, words_size), _exactly(connection, data_size)
    try:
        said = json.loads(words)
    except ValueError as error:
        raise BackendUnavailable("the other side does not speak as vfs does") from error
    return Frame(said, data)


def _exactly(connection: socket.socket, size: int) -> bytearray:
    received = bytearray(size)
    rest = memoryview(received)
    while len(rest):
        try:
            count = connection.recv_into(rest)
        except OSError as error:
            raise BackendUnavailable(_AWAY) from error
        if not count:
            raise BackendUnavailable(_AWAY)
        rest = rest[count:]
    return received
