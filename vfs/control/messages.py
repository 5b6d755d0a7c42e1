"""What goes over a control socket: one line of JSON for the request, one for the answer.

{"vfs": 1, "verb": "reload", "arguments": {}}
{"vfs": 1, "result": {"added": ["photos"]}}
{"vfs": 1, "error": "config.yaml: mounts.photos.bukcet: unknown key; did you mean 'bucket'?"}
"""

import json
import socket
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

from vfs.engine.errors import BackendUnavailable, StorageError

VERSION = 1
"""Raised when an older peer would misunderstand what is said now."""

LONGEST_LINE = 1 << 20
"""Bytes; a peer that sends more is not one of ours."""


@dataclass(frozen=True, slots=True)
class Request:
    """One thing asked of a daemon; arguments are plain JSON."""

    verb: str
    arguments: Mapping[str, Any] = field(default_factory=dict)

    def line(self) -> bytes:
        return _line({"verb": self.verb, "arguments": dict(self.arguments)})

    @classmethod
    def parse(cls, line: bytes) -> "Request":
        """Raises StorageError for what is no request of this version."""
        said = _said(line)
        verb, arguments = said.get("verb"), said.get("arguments", {})
        if not isinstance(verb, str) or not isinstance(arguments, dict):
            raise StorageError("the request is not understood")
        return cls(verb, arguments)


@dataclass(frozen=True, slots=True)
class Answer:
    """A result, or what went wrong, a line for each thing."""

    result: Mapping[str, Any] = field(default_factory=dict)
    error: str | None = None

    def line(self) -> bytes:
        return _line({"result": dict(self.result)} if self.error is None else {"error": self.error})

    @classmethod
    def parse(cls, line: bytes) -> "Answer":
        """Raises StorageError for what is no answer of this version."""
        said = _said(line)
        result, error = said.get("result", {}), said.get("error")
        if not isinstance(result, dict) or not isinstance(error, str | None):
            raise StorageError("the answer is not understood")
        return cls(result, error)


def receive_line(connection: socket.socket) -> bytes:
    """One line from a peer. Raises BackendUnavailable where it ends or says nothing in time."""
    received = bytearray()
    while not received.endswith(b"\n"):
        try:
            piece = connection.recv(1 << 16)
        except OSError as error:
            raise BackendUnavailable(f"nothing was said: {error.strerror or error}") from error
        if not piece or len(received) > LONGEST_LINE:
            raise BackendUnavailable("the other side went away before it had said all")
        received += piece
    return bytes(received)


def _line(said: dict[str, Any]) -> bytes:
    return json.dumps({"vfs": VERSION, **said}).encode() + b"\n"


def _said(line: bytes) -> dict[str, Any]:
    try:
        said = json.loads(line)
    except ValueError as error:
        raise StorageError("what was said is not JSON") from error
    if not isinstance(said, dict) or said.get("vfs") != VERSION:
        raise StorageError(
            f"the other side is of another version of vfs than {VERSION}, which this one speaks"
        )
    return said
