"""Channels: the bytes of one connection, both ways, with a limit to how long the other side may be silent."""

import contextlib
import os
import select
import socket
import ssl
import time
from collections.abc import Sequence

from vfs.dav.server.heads import LARGEST_HEAD, BadRequest
from vfs.engine import Buffer
from vfs.engine.waiting import about_to_wait

_RECEIVED = 64 << 10
"""Bytes asked for while the end of what is read is not known."""


class Channel:
    """A connected socket, TLS or not, and what was received ahead. Used by one thread at a time.

    Raises OSError, TimeoutError among them, where the connection does not hold.
    """

    def __init__(self, connection: socket.socket, timeout: float) -> None:
        self.connection = connection
        self._timeout = timeout
        self._is_plain = not isinstance(connection, ssl.SSLSocket)
        self._ahead = b""
        connection.settimeout(timeout)

    @property
    def has_more(self) -> bool:
        """Whether something was received that nobody asked for yet."""
        if self._ahead:
            return True
        return isinstance(self.connection, ssl.SSLSocket) and self.connection.pending() > 0

    def _received(self, limit: int) -> bytes:
        """What is there, at most so many bytes, or what comes first; empty when the client went away."""
        if self._is_plain:
            # Not by `recv`, which asks the system whether there is anything, each time, before it takes it.
            try:
                return os.read(self.connection.fileno(), limit)
            except BlockingIOError:
                pass
        about_to_wait()
        return self.connection.recv(limit)

    def head(self) -> bytes | None:
        """The bytes of the next head without its empty line; None when the client has no more to ask.

        Raises BadRequest for one that is too long, or takes too long once it has begun.
        """
        received = self._ahead.lstrip(b"\r\n") or self._first_bytes()
        if not received:
            return None
        if (end := received.find(b"\r\n\r\n")) < 0:
            received = self._rest_of_head(received)
            end = received.find(b"\r\n\r\n")
        if end > LARGEST_HEAD:
            raise BadRequest(431, "the headers are too long")
        self._ahead = received[end + 4 :]
        return received[:end]

    def _rest_of_head(self, received: bytes) -> bytes:
        """What was received, with what comes until there is an empty line in it."""
        deadline = time.monotonic() + self._timeout
        while b"\r\n\r\n" not in received:
            if len(received) > LARGEST_HEAD:
                raise BadRequest(431, "the headers are too long")
            self.connection.settimeout(max(0.001, deadline - time.monotonic()))
            try:
                more = self._received(_RECEIVED)
            except TimeoutError:
                raise BadRequest(408, "the headers take too long") from None
            if not more:
                raise ConnectionError("the client went away")
            received += more
        self.connection.settimeout(self._timeout)
        return received

    def _first_bytes(self) -> bytes:
        """What comes next; empty where nothing does, in time or at all."""
        try:
            received = self._received(_RECEIVED).lstrip(b"\r\n")
            return received or self._received(_RECEIVED)
        except (TimeoutError, ConnectionError):
            return b""

    def line(self, limit: int) -> bytes:
        """The bytes up to the next CR LF, which goes. Raises ConnectionError for more than the limit."""
        while (end := self._ahead.find(b"\r\n")) < 0:
            if len(self._ahead) > limit:
                raise ConnectionError("a line without an end")
            more = self._received(_RECEIVED)
            if not more:
                raise ConnectionError("the client went away")
            self._ahead += more
        line, self._ahead = self._ahead[:end], self._ahead[end + 2 :]
        return line

    def some(self, limit: int) -> bytes:
        """At most so many bytes, as many as there are; empty when the client went away."""
        if not self._ahead:
            return self._received(limit)
        taken, self._ahead = self._ahead[:limit], self._ahead[limit:]
        return taken

    def full(self, wanted: int) -> bytes:
        """So many bytes; fewer where the client went away before."""
        first = self.some(wanted)
        if len(first) == wanted or not first:
            return first
        about_to_wait()
        held = bytearray(wanted)
        view = memoryview(held)
        view[: len(first)] = first
        filled = len(first)
        while filled < wanted:
            more = self.connection.recv_into(view[filled:])
            if not more:
                break
            filled += more
        return bytes(view[:filled])

    def send(self, pieces: Sequence[Buffer]) -> None:
        """Send these bytes, in one piece."""
        data = pieces[0] if len(pieces) == 1 else b"".join(pieces)
        sent = 0
        if self._is_plain:
            with contextlib.suppress(BlockingIOError):
                sent = os.write(self.connection.fileno(), data)
        if sent < len(data):
            about_to_wait()
            self.connection.sendall(memoryview(data)[sent:])

    def send_file(self, descriptor: int, offset: int, size: int) -> int:
        """Have the system send bytes of a file; how many: fewer where it ends, or cannot be sent."""
        sent = 0
        while sent < size:
            try:
                count = os.sendfile(self.connection.fileno(), descriptor, offset + sent, size - sent)
            except BlockingIOError:
                self._wait_for_room()
                continue
            except (ConnectionError, TimeoutError):
                raise
            except OSError:
                # Not from such a file, or something is wrong with it: who reads it gets it, or is told.
                break
            if count == 0:
                break
            sent += count
        return sent

    def _wait_for_room(self) -> None:
        about_to_wait()
        waiting = select.poll()
        waiting.register(self.connection, select.POLLOUT)
        if not waiting.poll(self._timeout * 1000):
            raise TimeoutError("the client takes nothing")

    def close(self) -> None:
        """Close; what the client still sends is taken for a moment, so that it hears our last words."""
        try:
            self.connection.shutdown(socket.SHUT_WR)
            self.connection.settimeout(1.0)
            deadline = time.monotonic() + 2.0
            while time.monotonic() < deadline and self.connection.recv(_RECEIVED):
                pass
        except (OSError, ValueError):
            pass  # it is gone already
        finally:
            self.connection.close()
