"""Replies: what a WSGI application answers, as the bytes of HTTP/1.1."""

import functools
import os
import time
from collections.abc import Callable
from email.utils import formatdate
from typing import TYPE_CHECKING, Any

from vfs.dav.server.channels import Channel
from vfs.dav.server.files import FileWrapper
from vfs.dav.server.heads import Head
from vfs.engine import Buffer

if TYPE_CHECKING:
    from _typeshed.wsgi import WSGIApplication

_SENT_WITH_HEAD = 64 << 10
"""Bytes of a body that go out in one packet with the headers."""

_OURS = frozenset({"connection", "content-length", "date"})
"""Headers that decide about the framing of an answer, or are told where the application does not."""


class Reply:
    """The answer to one request, sent as the application gives it."""

    def __init__(self, channel: Channel, head: Head | None, may_follow: Callable[[], bool]) -> None:
        """`may_follow` is asked, just before the headers go, whether the connection can be used again."""
        self._channel = channel
        self._is_head_only = head is not None and head.method == "HEAD"
        self._is_1_1 = head is None or head.is_1_1
        self._status = ""
        self._headers: list[tuple[str, str]] = []
        self._is_chunked = False
        self._left: int | None = None
        """Bytes that Content-Length has still to come; None without one."""
        self._may_follow = may_follow
        self.keeps_alive = True
        """Whether another request may follow on this connection; decided when the headers go."""
        self.status = 0
        """0 until the headers are sent."""
        self.sent = 0
        """Bytes of the body."""

    def answer(self, application: "WSGIApplication", environ: dict[str, Any]) -> None:
        """Run the application and send what it gives. Raises OSError, and what the application raises."""
        chunks = application(environ, self._start)
        try:
            if not (isinstance(chunks, FileWrapper) and self._has_sent(chunks)):
                for chunk in chunks:
                    if chunk:
                        self._send(chunk)
            if not self.status:
                self._send(b"")
            self._end()
        finally:
            close = getattr(chunks, "close", None)
            if close is not None:
                close()

    def refuse(self, status: str, reason: str) -> None:
        """Send a status, and close. Raises OSError."""
        text = f"{reason}\n".encode()
        self._start(status, [("Content-Type", "text/plain"), ("Content-Length", str(len(text)))])
        self.keeps_alive = False
        self._send(text)
        self._end()

    def _start(self, status: str, headers: list[tuple[str, str]], exc_info: Any = None) -> Any:
        if exc_info is not None and self.status:
            raise exc_info[1].with_traceback(exc_info[2])
        self._status, self._headers = status, headers
        return self._written

    def _written(self, data: bytes) -> None:
        """What WSGI calls `write`."""
        self._send(data)

    def _send(self, chunk: Buffer) -> None:
        pieces: list[Buffer] = []
        if not self.status:
            pieces.append(self._head())
        if chunk and self._has_body:
            pieces += self._framed(chunk)
        if len(pieces) > 1 and len(chunk) > _SENT_WITH_HEAD and not self._is_chunked:
            self._channel.send(pieces[:1])
            pieces = pieces[1:]
        if pieces:
            self._channel.send(pieces)

    def _has_sent(self, file: FileWrapper) -> bool:
        """Have the system send a file's bytes up to Content-Length; False where any are left, to be read."""
        descriptor = file.descriptor
        if descriptor is None:
            return False
        self._send(b"")
        if not self._has_body or self._left is None:
            return False
        start = os.lseek(descriptor, 0, os.SEEK_CUR)
        sent = self._channel.send_file(descriptor, start, self._left)
        os.lseek(descriptor, start + sent, os.SEEK_SET)
        self._left -= sent
        self.sent += sent
        return self._left == 0

    def _framed(self, chunk: Buffer) -> list[Buffer]:
        if self._left is not None:
            if len(chunk) > self._left:
                raise RuntimeError("an answer longer than its Content-Length")
            self._left -= len(chunk)
        self.sent += len(chunk)
        return [b"%x\r\n" % len(chunk), chunk, b"\r\n"] if self._is_chunked else [chunk]

    @property
    def _has_body(self) -> bool:
        return not self._is_head_only and self.status >= 200 and self.status not in {204, 304}

    def _head(self) -> bytes:
        """The status and the headers; how the body will end is decided here."""
        self.status = int(self._status[:3])
        self.keeps_alive = self.keeps_alive and self._may_follow()
        lines, has_date = [f"HTTP/1.1 {self._status}"], False
        length: str | None = None
        for name, value in self._headers:
            if "\r" in value or "\n" in value:
                raise ValueError(f"a line break in the header {name}")
            if (lowered := name.lower()) in _OURS:
                if lowered == "connection":
                    self.keeps_alive = self.keeps_alive and value.lower() != "close"
                    continue
                length = value if lowered == "content-length" else length
                has_date = has_date or lowered == "date"
            lines.append(f"{name}: {value}")
        lines += self._framing(length)
        if not has_date:
            lines.append(_date(int(time.time())))
        if not self.keeps_alive:
            lines.append("Connection: close")
        elif not self._is_1_1:
            lines.append("Connection: keep-alive")
        lines.append("\r\n")
        return "\r\n".join(lines).encode("latin-1")

    def _framing(self, length: str | None) -> list[str]:
        """How the client is to know the end of the body, where Content-Length does not tell."""
        if not self._has_body:
            return []
        if length is not None:
            self._left = int(length)
            return []
        if self._is_1_1:
            self._is_chunked = True
            return ["Transfer-Encoding: chunked"]
        self.keeps_alive = False
        return []

    def _end(self) -> None:
        if self._is_chunked:
            self._channel.send([b"0\r\n\r\n"])
        if self._left:
            raise RuntimeError("an answer shorter than its Content-Length")


@functools.lru_cache(maxsize=1)
def _date(second: int) -> str:
    return f"Date: {formatdate(second, usegmt=True)}"
