"""Whole contents kept here for a while: small ones in memory, big ones in unlinked files, within limits."""

import os
import tempfile
import threading
import weakref
from collections import OrderedDict
from collections.abc import Callable, Hashable, Iterable, Iterator

from vfs.engine.backend import STREAM_CHUNK, Buffer
from vfs.engine.errors import from_os_error


class Spool:
    """The bytes of some pieces, read in any order from any thread; gone when nobody holds it."""

    def __init__(self, pieces: Iterable[Buffer], in_memory: int) -> None:
        self.size = 0
        self._content = bytearray()
        self._file: int | None = None
        self._in_memory = in_memory
        for piece in pieces:
            self.append(piece)

    def append(self, piece: Buffer) -> None:
        """Add to the end. Nothing that `read` gave may still be held, unless all of it is on disk."""
        if self._file is None and self.size + len(piece) > self._in_memory:
            self._move_to_disk()
        self._append(piece)
        self.size += len(piece)

    def read(self, start: int, end: int | None = None) -> Buffer:
        """The bytes from `start` up to, not including, `end`; fewer only where they end."""
        end = self.size if end is None else min(end, self.size)
        if self._file is None:
            return memoryview(self._content).toreadonly()[start:end]
        return b"".join(self._stretches(self._file, start, end))

    def pieces(self) -> Iterator[Buffer]:
        """All of it in order."""
        return (self.read(start, start + STREAM_CHUNK) for start in range(0, self.size, STREAM_CHUNK))

    def _append(self, piece: Buffer) -> None:
        if self._file is None:
            self._content += piece
            return
        view = memoryview(piece)
        try:
            while view:
                view = view[os.write(self._file, view) :]
        except OSError as error:
            raise from_os_error(error, "") from error

    def _move_to_disk(self) -> None:
        try:
            self._file = os.open(tempfile.gettempdir(), os.O_TMPFILE | os.O_RDWR | os.O_CLOEXEC, 0o600)
        except OSError:
            # O_TMPFILE is not known to every file system
            self._file, path = tempfile.mkstemp(prefix="vfs-")
            os.unlink(path)
        weakref.finalize(self, os.close, self._file)
        held, self._content = self._content, bytearray()
        self._append(held)

    @staticmethod
    def _stretches(file: int, start: int, end: int) -> Iterator[bytes]:
        while start < end:
            try:
                stretch = os.pread(file, end - start, start)
            except OSError as error:
                raise from_os_error(error, "") from error
            if not stretch:
                return
            yield stretch
            start += len(stretch)


class Spools:
    """The most recently used spools; the last one is kept whatever its size. Thread-safe."""

    def __init__(self, in_memory: int, kept: int) -> None:
        self._in_memory = in_memory
        self._kept = kept
        self._lock = threading.Lock()
        self._filling = [threading.Lock() for _ in range(16)]
        self._spools: OrderedDict[Hashable, Spool] = OrderedDict()
        self._size = 0

    def filled(self, identity: Hashable | None, fill: Callable[[], Iterable[Buffer]]) -> Spool:
        """The spool of one content; made from `fill` by the first who asks, while the others wait.

        One without an identity is made for each who asks.
        """
        if identity is None:
            return Spool(fill(), self._in_memory)
        with self._filling[hash(identity) % len(self._filling)]:
            known = self._known(identity)
            if known is None:
                known = Spool(fill(), self._in_memory)
                self._keep(identity, known)
            return known

    def clear(self) -> None:
        """Forget all; what is being read is read to its end."""
        with self._lock:
            self._spools.clear()
            self._size = 0

    def _known(self, identity: Hashable) -> Spool | None:
        with self._lock:
            if identity in self._spools:
                self._spools.move_to_end(identity)
            return self._spools.get(identity)

    def _keep(self, identity: Hashable, spool: Spool) -> None:
        with self._lock:
            self._spools[identity] = spool
            self._size += spool.size
            while self._size > self._kept and len(self._spools) > 1:
                self._size -= self._spools.popitem(last=False)[1].size
