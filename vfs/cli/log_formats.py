"""How a log record is told: to people, as JSON, and to systemd's journal with a field for each fact."""

import json
import logging
import os
import socket
import struct
import sys
import time
from typing import Any

from vfs.engine.request_ids import current_request

JOURNAL = "/run/systemd/journal/socket"

FACTS = ("mount", "path", "operation", "seconds")
"""What a record may know besides its message; the number of the request is known of all."""

_PRIORITIES = ((logging.ERROR, 3), (logging.WARNING, 4), (logging.INFO, 6))
"""Of syslog(3); what is below is for debugging."""

_LONGEST = 60_000
"""Bytes of one field: a record must fit into a datagram."""


def note_request(record: logging.LogRecord) -> bool:
    """A filter that tells each record which request it is for, while the thread knows it."""
    record.request = current_request()
    return True


class Text(logging.Formatter):
    """A line with time and level, and the request where there is one."""

    def __init__(self) -> None:
        super().__init__("%(asctime)s %(levelname)s %(name)s: %(message)s")

    def formatMessage(self, record: logging.LogRecord) -> str:  # noqa: N802 - logging's own name
        request = getattr(record, "request", None)
        return super().formatMessage(record) + (f" (request {request})" if request else "")


class Json(logging.Formatter):
    """One object on a line: time, level, logger, message, the facts, and a traceback where there is one."""

    def format(self, record: logging.LogRecord) -> str:
        second = time.strftime("%Y-%m-%dT%H:%M:%S", time.gmtime(record.created))
        told: dict[str, Any] = {
            "time": f"{second}.{int(record.msecs):03}Z",
            "level": record.levelname.lower(),
            "logger": record.name,
            "message": record.getMessage(),
            **facts_of(record),
        }
        if record.exc_info:
            told["traceback"] = self.formatException(record.exc_info)
        return json.dumps(told)


class Journal(logging.Handler):
    """Sends records to systemd's journal by its own protocol: `journalctl VFS_MOUNT=photos` finds them."""

    def __init__(self, program: str, address: str = JOURNAL) -> None:
        """Raises OSError where no journal listens."""
        super().__init__()
        self._program = program
        self._socket = socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM | socket.SOCK_CLOEXEC)
        try:
            self._socket.connect(address)
        except OSError:
            self._socket.close()
            raise

    def emit(self, record: logging.LogRecord) -> None:
        message = record.getMessage()
        if record.exc_info:
            message += "\n" + logging.Formatter().formatException(record.exc_info)
        fields = {
            "MESSAGE": message,
            "PRIORITY": next((number for level, number in _PRIORITIES if record.levelno >= level), 7),
            "SYSLOG_IDENTIFIER": self._program,
            "LOGGER": record.name,
            **{f"VFS_{name.upper()}": value for name, value in facts_of(record).items()},
        }
        try:
            self._socket.send(b"".join(_field(name, str(value)) for name, value in fields.items()))
        except OSError:
            self.handleError(record)

    def close(self) -> None:
        self._socket.close()
        super().close()


def facts_of(record: logging.LogRecord) -> dict[str, Any]:
    """What the record knows of mount, path, operation, seconds and request."""
    found = {name: getattr(record, name, None) for name in (*FACTS, "request")}
    return {name: value for name, value in found.items() if value is not None}


def is_journal_listening(stream: Any = None) -> bool:
    """Whether stderr leads to the journal, as systemd says in JOURNAL_STREAM."""
    told = os.environ.get("JOURNAL_STREAM", "")
    try:
        status = os.fstat((stream or sys.stderr).fileno())
    except (OSError, ValueError):
        return False
    return told == f"{status.st_dev}:{status.st_ino}"


def _field(name: str, value: str) -> bytes:
    """One field as systemd's Native Journal Protocol has it: with its size, so that newlines may be in it."""
    data = value.encode("utf-8", "surrogateescape")[:_LONGEST]
    return name.encode() + b"\n" + struct.pack("<Q", len(data)) + data + b"\n"
