"""One connection to a server: a request's bytes out, an answer's bytes in, by a deadline."""

import select
import socket
import ssl
import struct
import time

from vfs.engine.backend import Buffer
from vfs.engine.backends.objects.unanswered import Forsaken, HungUp, NoAnswer, TooLate, Unfit
from vfs.engine.waiting import about_to_wait

_RECEIVED = 64 << 10
"""Bytes asked for while the end of what is read is not known."""

_LONGEST_HEAD = 256 << 10
_SENT_TOGETHER = 64 << 10
"""Bytes of a body up to which it leaves in one piece with the head."""

_PATIENCE = 1.1
"""What one wait may last, as a multiple of the time that is left."""

_NOT_NOW = (BlockingIOError, ssl.SSLWantReadError, ssl.SSLWantWriteError)
_HUNG_UP = (BrokenPipeError, ConnectionResetError, ssl.SSLEOFError, ssl.SSLZeroReturnError)
_INTERIM = b"HTTP/1.1 1"
_SUCCESS = b"HTTP/1.1 2"


class Wire:
    """A connected socket, TLS or not, used by one thread at a time.

    Raises OSError where the connection does not hold, TimeoutError among them.
    """

    def __init__(self, connection: socket.socket) -> None:
        self.socket = connection
        self.socket.settimeout(None)
        self._tls = connection if isinstance(connection, ssl.SSLSocket) else None
        self._ahead = b""
        self._limit = 0.0
        self._until = 0.0
        self._uses = 0
        self._is_heard = False
        self._arrivals = select.poll()
        self._arrivals.register(connection, select.POLLIN)
        self.idle_since = 0.0
        self.is_spent = False
        """No other request can follow: the answer has no other end, or the server means to go."""

    def is_silent(self) -> bool:
        """Whether nothing came since the last answer, not even the news that the server went away."""
        if self._ahead or (self._tls is not None and self._tls.pending()):
            return False
        if not self._arrivals.poll(0):
            return True
        try:
            return self._tls is not None and self._now() is None  # TLS talks of its own, too
        except OSError:
            return False

    def begin(self, until: float) -> None:
        """For the next request and its answer: past the moment `until` wait no more."""
        self._until = until
        self._uses += 1
        self._is_heard = False

    def send(self, head: bytes, body: Buffer) -> bool:
        """Send a request; False where the server refused it, or hung up, before it had all of it.

        That is no error yet: the server may have said why.
        """
        try:
            if len(body) <= _SENT_TOGETHER:
                is_sent = self._send(memoryview(head + body))
            else:
                is_sent = self._send(memoryview(head)) and self._send(memoryview(body).cast("B"))
        except _HUNG_UP:
            is_sent = False
        self.is_spent |= not is_sent
        return is_sent

    def head(self) -> bytes:
        """The bytes up to the next empty line, which goes. Raises Forsaken for a kept connection's end."""
        try:
            found = self._up_to(b"\r\n\r\n", _LONGEST_HEAD)
        except (HungUp, *_HUNG_UP) as error:
            if self._uses > 1 and not self._is_heard and not self._ahead:
                raise Forsaken("the server ended the connection") from error
            raise HungUp("the server hung up") from error
        self._is_heard = True
        return found

    def line(self) -> bytes:
        """The bytes up to the next line break, which goes."""
        return self._up_to(b"\r\n", _RECEIVED)

    def exactly(self, size: int) -> bytes | bytearray:
        """So many bytes. Raises NoAnswer where fewer come, Unfit for more than there is room for."""
        if len(self._ahead) >= size:
            taken, self._ahead = self._ahead[:size], self._ahead[size:]
            return taken
        try:
            target = bytearray(size)
        except (MemoryError, OverflowError) as error:
            raise Unfit(f"there is no room for an answer of {size} bytes") from error
        self.fill(memoryview(target))
        return target

    def fill(self, target: memoryview) -> None:
        """Have the next bytes in a buffer, all of it. Raises NoAnswer where fewer come."""
        filled = min(len(self._ahead), len(target))
        target[:filled] = self._ahead[:filled]
        self._ahead = self._ahead[filled:]
        while filled < len(target):
            filled += self._receive_into(target[filled:])

    def rest(self, most: int) -> bytes:
        """All that comes until the server hangs up. Raises Unfit for more than `most` bytes."""
        self.is_spent = True
        pieces, whole = [self._ahead], len(self._ahead)
        self._ahead = b""
        while whole <= most and (piece := self._receive()):
            pieces.append(piece)
            whole += len(piece)
        if whole > most:
            raise Unfit(f"the answer has more bytes than the {most} that were asked for")
        return b"".join(pieces)

    def close(self) -> None:
        self.socket.close()

    def _up_to(self, end: bytes, limit: int) -> bytes:
        while (at := self._ahead.find(end)) < 0:
            if len(self._ahead) > limit:
                raise NoAnswer("the answer is no HTTP")
            more = self._receive()
            if not more:
                raise HungUp("the server hung up")
            self._ahead = self._ahead + more if self._ahead else more
        found, self._ahead = self._ahead[:at], self._ahead[at + len(end) :]
        return found

    def _receive(self) -> bytes:
        """What is there, or comes first; empty where the server hung up."""
        self._take_time()
        about_to_wait()
        try:
            return self.socket.recv(_RECEIVED)
        except BlockingIOError as error:
            raise TooLate("the server says nothing") from error

    def _receive_into(self, target: memoryview) -> int:
        self._take_time()
        about_to_wait()
        try:
            if self._tls is None:
                count = self.socket.recv_into(target, len(target), socket.MSG_WAITALL)
            else:
                count = self.socket.recv_into(target)
        except BlockingIOError as error:
            raise TooLate("the server says nothing") from error
        if not count:
            raise HungUp("the server hung up in the midst of an answer")
        return count

    def _send(self, data: memoryview) -> bool:
        """Send it all; False where a refusal comes meanwhile, which is what is read next then."""
        while data:
            try:
                data = data[self._push(data) :]
            except _NOT_NOW:
                if self._is_refused_while_full():
                    return False
        return True

    def _push(self, data: memoryview) -> int:
        if self._tls is None:
            return self.socket.send(data, socket.MSG_DONTWAIT)
        self._tls.settimeout(0)
        self._limit = 0
        return self._tls.send(data)

    def _is_refused_while_full(self) -> bool:
        """Wait until the server takes more. True where it says no instead, or hangs up."""
        wanted = select.POLLOUT | (0 if self._ahead.startswith(_SUCCESS) else select.POLLIN)
        waiting = select.poll()
        waiting.register(self.socket, wanted)
        about_to_wait()
        ready = waiting.poll(max(0.0, self._until - time.monotonic()) * 1000)
        if not ready:
            raise TooLate("the server takes nothing")
        if not ready[0][1] & select.POLLIN or (came := self._now()) is None:
            return False
        self._ahead += came
        while self._ahead.startswith(_INTERIM) and b"\r\n\r\n" in self._ahead:
            self._ahead = self._ahead.partition(b"\r\n\r\n")[2]
        return not came or not (_SUCCESS.startswith(self._ahead[:10]) or self._ahead.startswith(_INTERIM))

    def _now(self) -> bytes | None:
        """What has come by now, None for nothing; empty where the server hung up."""
        try:
            if self._tls is None:
                return self.socket.recv(_RECEIVED, socket.MSG_DONTWAIT)
            self._tls.settimeout(0)
            self._limit = 0
            return self._tls.recv(_RECEIVED)
        except _NOT_NOW:
            return None

    def _take_time(self) -> None:
        """See that the next wait ends in time. Raises TooLate."""
        left = self._until - time.monotonic()
        if left <= 0:
            raise TooLate("the answer takes too long")
        if left <= self._limit <= left * _PATIENCE:
            return
        self._limit = left
        if self._tls is not None:
            self._tls.settimeout(left)
            return
        # The system waits, so that one call fills a whole buffer: Python's own timeouts would have it
        # give the interpreter back for every few packets.
        told = struct.pack("ll", *divmod(max(int(left * 1e6), 1000), 1_000_000))
        self.socket.setsockopt(socket.SOL_SOCKET, socket.SO_RCVTIMEO, told)
