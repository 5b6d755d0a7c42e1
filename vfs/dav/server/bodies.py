"""Bodies of requests, as WSGI's input: nothing is asked of the client before the application asks for it."""

import re

from vfs.dav.server.channels import Channel
from vfs.dav.server.heads import Head

_CONTINUE = b"HTTP/1.1 100 Continue\r\n\r\n"
_SIZE = re.compile(rb"([0-9A-Fa-f]{1,16})[ \t]*(;.*)?")
_LONGEST_LINE = 8 << 10
_MOST_TRAILERS = 100


class Body:
    """One request's body. Reading raises OSError where the client went away, or fell silent, before its end.

    `read` gives as many bytes as it is asked for unless the body ends before.
    """

    def __init__(self, channel: Channel, head: Head) -> None:
        self._channel = channel
        self._awaits_consent = head.awaits_consent and (head.is_chunked or head.length > 0)
        self._is_chunked = head.is_chunked
        self._left = head.length
        """Bytes to come: of the body, or of the chunk that has begun."""
        self._is_last = not head.is_chunked
        """No other chunk follows the one that has begun."""
        self.is_broken = False
        """What follows on the connection is nobody knows what."""

    @property
    def is_read(self) -> bool:
        """All of it came, so that the next request may follow."""
        return self._is_last and self._left == 0 and not self.is_broken

    @property
    def was_refused(self) -> bool:
        """The client asked whether to send it, and was not told to."""
        return self._awaits_consent

    def read(self, size: int = -1) -> bytes:
        if size < 0:
            return b"".join(iter(lambda: self.read(256 << 10), b""))
        if size == 0 or self.is_read:
            return b""
        self._consent()
        try:
            return self._of_chunks(size) if self._is_chunked else self._of_known_length(size)
        except OSError:
            self.is_broken = True
            raise

    def _consent(self) -> None:
        if self._awaits_consent:
            self._awaits_consent = False
            self._channel.send([_CONTINUE])

    def _of_known_length(self, size: int) -> bytes:
        wanted = min(size, self._left)
        data = self._channel.full(wanted)
        self._left -= len(data)
        if len(data) < wanted:
            raise ConnectionError("the client went away")
        return data

    def _of_chunks(self, size: int) -> bytes:
        pieces = []
        while size > 0 and self._has_more():
            data = self._channel.full(min(size, self._left))
            if not data:
                raise ConnectionError("the client went away")
            pieces.append(data)
            size -= len(data)
            self._left -= len(data)
            if self._left == 0:
                self._end_of_chunk()
        return pieces[0] if len(pieces) == 1 else b"".join(pieces)

    def _has_more(self) -> bool:
        """Whether a chunk has begun; the next one does where none had."""
        if self._left == 0 and not self._is_last:
            size = _SIZE.fullmatch(self._channel.line(_LONGEST_LINE))
            if size is None:
                raise ConnectionError("a chunk without a size")
            self._left = int(size[1], 16)
            if self._left == 0:
                self._skip_trailers()
                self._is_last = True
        return self._left > 0

    def _end_of_chunk(self) -> None:
        if self._channel.line(_LONGEST_LINE):
            raise ConnectionError("a chunk longer than its size")

    def _skip_trailers(self) -> None:
        for _ in range(_MOST_TRAILERS):
            if not self._channel.line(_LONGEST_LINE):
                return
        raise ConnectionError("trailers without an end")

    def readline(self, size: int = -1) -> bytes:
        """WSGI has it; nothing that is sent here has lines."""
        return self.read(size)

    def drop(self, limit: int) -> bool:
        """Have what is left sent in vain, so that the connection can be used again; False for too much."""
        if self._awaits_consent or self.is_broken:
            return False
        dropped = 0
        try:
            while not self.is_read and dropped <= limit:
                dropped += len(self.read(64 << 10))
        except OSError:
            return False
        return self.is_read
