"""Answers of servers without ranges, kept open where reading stopped, since it often goes on there."""

import threading
from collections import OrderedDict

from vfs.engine.backend import Buffer
from vfs.engine.backends.http.requests import Answer, translated

_KEPT = 4
_ENDLESS = 1 << 62


class Stream:
    """One answer being read in order; `position` is the offset in the file of what comes next."""

    def __init__(self, key: str, answer: Answer) -> None:
        self.key = key
        self.answer = answer
        self.etag: str | None = None
        self.position = 0

    def skip_to(self, position: int) -> None:
        """Drop what comes before `position`; less where the file ends."""
        with translated(self.key, "the server"):
            self.position += self.answer.skip(position - self.position)

    def take(self, size: int) -> bytearray:
        """The next bytes, fewer only where the file ends."""
        with translated(self.key, "the server"):
            found = self.answer.take(size)
        self.position += len(found)
        return found

    def close(self) -> None:
        self.answer.close()


class HeldStreams:
    """The few streams that were left open last. Each is used by one thread at a time."""

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._held: OrderedDict[tuple[str, int], Stream] = OrderedDict()

    def take(self, key: str, position: int, etag: str | None) -> Stream | None:
        """The stream that stands exactly there, if its file is known to be the wanted one."""
        if etag is None:
            return None
        with self._lock:
            stream = self._held.pop((key, position), None)
        if stream is not None and stream.etag != etag:
            stream.close()
            return None
        return stream

    def read(self, stream: Stream, end: int | None) -> Buffer:
        """The bytes up to `end`; the stream is kept or closed."""
        try:
            size = _ENDLESS if end is None else end - stream.position
            found = stream.take(size) if size > 0 else bytearray()
        except BaseException:
            stream.close()
            raise
        if len(found) < size or stream.etag is None:
            stream.close()
        else:
            self._keep(stream)
        return found

    def close(self) -> None:
        """Close all."""
        with self._lock:
            held, self._held = list(self._held.values()), OrderedDict()
        for stream in held:
            stream.close()

    def _keep(self, stream: Stream) -> None:
        place = (stream.key, stream.position)
        with self._lock:
            old = [self._held.pop(place)] if place in self._held else []
            self._held[place] = stream
            if len(self._held) > _KEPT:
                old.append(self._held.popitem(last=False)[1])
        for other in old:
            other.close()
