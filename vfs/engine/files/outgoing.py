"""Outgoing: one whole file on its way out of a tree, every byte of it of one state."""

import errno
import threading
from abc import ABC, abstractmethod
from collections.abc import Iterator
from dataclasses import replace

from vfs.engine.backend import STREAM_CHUNK, Backend, Buffer, OpenFile
from vfs.engine.entries import Entry
from vfs.engine.errors import Conflict, StorageError
from vfs.engine.workers import Workers

RANGE = 8 << 20
"""Bytes of a big file fetched in one request, several at a time."""

RANGES_AHEAD = 4
"""Ranges of one stream under way at once."""


class Outgoing(ABC):
    """A file's complete entry and its bytes; whoever opened it closes it. Thread-safe."""

    stopped: threading.Event | None = None
    """Once it is set, nothing else is read: for who may want to end a copy in the middle of a file."""

    def __init__(self, key: str, entry: Entry) -> None:
        self.key = key
        self.entry = entry

    def read(self, start: int, end: int) -> Buffer:
        """All the bytes between two offsets within the size; Conflict when they are no longer there.

        Raises StorageError (ECANCELED) once it is `stopped`.
        """
        if self.stopped is not None and self.stopped.is_set():
            raise StorageError("the copy was stopped", self.key, errno=errno.ECANCELED)
        if end <= start:
            return b""
        found = self._read(start, end)
        if len(found) != end - start:
            raise self._changed()
        return found

    @abstractmethod
    def _read(self, start: int, end: int) -> Buffer:
        """The bytes between two offsets, fewer where the file ends."""

    def pieces(self) -> Iterator[Buffer]:
        """All of it in order; Conflict in the end if it changed meanwhile."""
        for start in range(0, self.entry.size, STREAM_CHUNK):
            yield self.read(start, min(start + STREAM_CHUNK, self.entry.size))
        self.check()

    @abstractmethod
    def check(self) -> None:
        """Raise Conflict unless all that was read is of the state that the entry tells of."""

    def close(self) -> None:  # noqa: B027 - what is read straight from a store has nothing to give back
        """Give back what was opened."""

    def _changed(self) -> Conflict:
        return Conflict("the file changed while it was copied", self.key, errno=errno.ESTALE)


class OpenedOutgoing(Outgoing):
    """Through a handle: a file of a local folder, or one that is open here and not stored yet."""

    def __init__(self, key: str, entry: Entry, file: OpenFile) -> None:
        now = file.stat()
        super().__init__(key, replace(entry, size=now.size, mtime_ns=now.mtime_ns))
        self._file = file

    def _read(self, start: int, end: int) -> Buffer:
        return self._file.read(start, end - start)

    def check(self) -> None:
        now = self._file.stat()
        if (now.size, now.mtime_ns) != (self.entry.size, self.entry.mtime_ns):
            raise self._changed()

    def close(self) -> None:
        self._file.close()


class StoredOutgoing(Outgoing):
    """Straight from a store, pinned by ETag, past every cache: what is copied is not likely to be read here.

    `beginning` is what came along with the entry.
    """

    def __init__(self, key: str, entry: Entry, beginning: Buffer, backend: Backend, workers: Workers) -> None:
        super().__init__(key, entry)
        self._beginning = memoryview(beginning)
        self._backend = backend
        self._workers = workers

    def _read(self, start: int, end: int) -> Buffer:
        if end <= len(self._beginning):
            return self._beginning[start:end]
        return self._backend.read(self.key, start, end, if_match=self.entry.etag)

    def pieces(self) -> Iterator[Buffer]:
        size = self.entry.size
        spans = ((start, min(start + RANGE, size)) for start in range(0, size, RANGE))
        yield from self._workers.map_bounded(lambda span: self.read(*span), spans, parallel=RANGES_AHEAD)
        self.check()

    def check(self) -> None:
        if self.entry.etag is not None:
            return  # every request was pinned
        now = self._backend.stat(self.key)
        if (now.size, now.mtime_ns) != (self.entry.size, self.entry.mtime_ns):
            raise self._changed()
