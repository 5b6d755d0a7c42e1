"""One connection to a server: a request's bytes out, an answer's bytes in, by a deadline."""

import select
import socket
import ssl
import struct
import time

from vfs.engine.backend import Buffer

_RECEIVED = 64 << 10
"""Bytes asked for while the end of what is read is not known."""

_LONGEST_HEAD = 256 << 10
_SENT_TOGETHER = 64 << 10
"""Bytes of a body up to which it leaves in one piece with the head."""


class Wire:
    """A connected socket, TLS or not, used by one thread at a time.

    Raises OSError where the connection does not hold, TimeoutError among them.
    """

    def __init__(self, connection: socket.socket) -> None:
        self._socket = connection
        self._is_plain = not isinstance(connection, ssl.SSLSocket)
        self._ahead = b""
        self._timeout = 0.0
        self._until = 0.0
        self._arrivals = select.poll()
        self._arrivals.register(connection, select.POLLIN)
        self.is_spent = False
        """No other request can follow: the answer has no other end, or the server means to go."""

    def is_silent(self) -> bool:
        """Whether nothing came since the last answer, not even the news that the server went away."""
        return not self._ahead and not self._arrivals.poll(0)

    def begin(self, timeout: float, until: float) -> None:
        """From here on wait for `timeout` seconds at a time, and past the moment `until` no more."""
        self._until = until
        if timeout == self._timeout:
            return
        self._timeout = timeout
        if not self._is_plain:
            self._socket.settimeout(timeout)
            return
        # The system waits, so that one call fills a whole buffer: Python's own timeouts would have it
        # give the interpreter back for every few packets.
        limit = max(int(timeout * 1e6), 1000)
        told = struct.pack("ll", *divmod(limit, 1_000_000))
        self._socket.settimeout(None)
        self._socket.setsockopt(socket.SOL_SOCKET, socket.SO_RCVTIMEO, told)
        self._socket.setsockopt(socket.SOL_SOCKET, socket.SO_SNDTIMEO, told)

    def send(self, head: bytes, body: Buffer) -> None:
        """Send a request. That the server hangs up meanwhile is no error yet: it may have said why."""
        try:
            if len(body) <= _SENT_TOGETHER:
                self._send(memoryview(head + body))
            else:
                self._send(memoryview(head))
                self._send(memoryview(body).cast("B"))
        except (BrokenPipeError, ConnectionResetError):
            self.is_spent = True

    def head(self) -> bytes:
        """The bytes up to the next empty line, which goes."""
        return self._up_to(b"\r\n\r\n", _LONGEST_HEAD)

    def line(self) -> bytes:
        """The bytes up to the next line break, which goes."""
        return self._up_to(b"\r\n", _RECEIVED)

    def exactly(self, size: int) -> bytes | bytearray:
        """So many bytes. Raises ConnectionError where fewer come."""
        if len(self._ahead) >= size:
            taken, self._ahead = self._ahead[:size], self._ahead[size:]
            return taken
        target = bytearray(size)
        self.fill(memoryview(target))
        return target

    def fill(self, target: memoryview) -> None:
        """Have the next bytes in a buffer, all of it. Raises ConnectionError where fewer come."""
        filled = min(len(self._ahead), len(target))
        target[:filled] = self._ahead[:filled]
        self._ahead = self._ahead[filled:]
        while filled < len(target):
            self._check_time()
            filled += self._receive_into(target[filled:])

    def rest(self) -> bytes:
        """All that comes until the server hangs up."""
        self.is_spent = True
        pieces, self._ahead = [self._ahead], b""
        while piece := self._receive():
            pieces.append(piece)
        return b"".join(pieces)

    def close(self) -> None:
        self._socket.close()

    def _up_to(self, end: bytes, limit: int) -> bytes:
        while (at := self._ahead.find(end)) < 0:
            if len(self._ahead) > limit:
                raise ConnectionError("the answer is no HTTP")
            more = self._receive()
            if not more:
                raise ConnectionResetError("the server hung up")
            self._ahead = self._ahead + more if self._ahead else more
        found, self._ahead = self._ahead[:at], self._ahead[at + len(end) :]
        return found

    def _receive(self) -> bytes:
        """What is there, or comes first; empty where the server hung up."""
        self._check_time()
        try:
            return self._socket.recv(_RECEIVED)
        except BlockingIOError as error:
            raise TimeoutError("the server says nothing") from error

    def _receive_into(self, target: memoryview) -> int:
        try:
            if self._is_plain:
                count = self._socket.recv_into(target, len(target), socket.MSG_WAITALL)
            else:
                count = self._socket.recv_into(target)
        except BlockingIOError as error:
            raise TimeoutError("the server says nothing") from error
        if not count:
            raise ConnectionResetError("the server hung up in the midst of an answer")
        return count

    def _send(self, data: memoryview) -> None:
        while data:
            self._check_time()
            try:
                count = self._socket.send(data)
            except BlockingIOError as error:
                raise TimeoutError("the server takes nothing") from error
            data = data[count:]

    def _check_time(self) -> None:
        if time.monotonic() > self._until:
            raise TimeoutError("the answer takes too long")


def connected(host: str, port: int, timeout: float, tls: ssl.SSLContext | None) -> Wire:
    """A new connection, at most `timeout` seconds for each step of making it. Raises OSError."""
    connection = socket.create_connection((host, port), timeout)
    try:
        connection.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
        return Wire(connection if tls is None else tls.wrap_socket(connection, server_hostname=host))
    except BaseException:
        connection.close()
        raise
