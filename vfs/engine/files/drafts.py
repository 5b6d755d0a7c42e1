"""Drafts: a whole new file that nobody sees until it takes its place, in one act."""

# pyright: reportReturnType=false
# It takes a protocol's methods that are a docstring alone for bodies; mypy checks what they return.

import tempfile
import threading
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from typing import Protocol

from vfs.engine import paths
from vfs.engine.backend import STREAM_CHUNK, Buffer, Source
from vfs.engine.entries import Attributes, Entry, EntryKind, WriteResult
from vfs.engine.errors import AlreadyExists, Conflict, InvalidPath, IsADirectory
from vfs.engine.files.staging import Staging


class Draft(Protocol):
    """Bytes at any offset, on their way to be a file. Exactly one of `commit` and `discard` ends it."""

    @property
    def size(self) -> int: ...

    def read(self, offset: int, size: int) -> Buffer:
        """Fewer bytes than asked only at the end."""

    def write(self, offset: int, data: Buffer) -> int: ...

    def truncate(self, size: int) -> None: ...

    def commit(self) -> WriteResult:
        """Put the file in its place, or raise and leave the old one there; the draft is gone either way."""

    def discard(self) -> None:
        """Leave everything as it was. Does nothing after `commit`."""


@dataclass(frozen=True, slots=True)
class Replacement:
    """Where a new file is to stand, on which condition, and what it has besides bytes.

    Metadata, a mode, an owner or extended attributes that are None are those of the file replaced.
    """

    key: str
    overwrite: bool = True
    if_match: str | None = None
    metadata: Mapping[str, str] | None = None
    attributes: Attributes | None = None

    def check(self, present: Entry | None) -> None:
        """Raise what stands in the way: IsADirectory, InvalidPath, AlreadyExists, Conflict."""
        paths.check_key(self.key)
        if present is None:
            if self.if_match is not None:
                raise Conflict("the file is gone", self.key)
            return
        if present.kind is EntryKind.FOLDER:
            raise IsADirectory(path=self.key)
        if not self.overwrite:
            raise AlreadyExists(path=self.key)
        if present.kind is not EntryKind.FILE:
            raise InvalidPath(f"a {present.kind} stands there, not a regular file", self.key)
        if self.if_match is not None and self.if_match != present.etag:
            raise Conflict("the file is another one now", self.key)

    def over(self, present: Entry | None) -> "Replacement":
        """The same, with what is left to the file replaced taken from it."""
        if present is None:
            return self
        kept = Attributes(present.mode, present.uid, present.gid, xattrs=present.xattrs)
        metadata = present.metadata if self.metadata is None else self.metadata
        attributes = kept if self.attributes is None else self.attributes.over(kept)
        return Replacement(self.key, self.overwrite, self.if_match, metadata, attributes)


class StagedDraft:
    """A draft beside the tree, given to `publish` as a stream when it is complete. Thread-safe."""

    def __init__(self, key: str, publish: Callable[[Source], WriteResult], ended: Callable[[], None]) -> None:
        """`ended` is called once, when the draft is committed or discarded."""
        self.size = 0
        self._publish = publish
        self._ended = ended
        self._is_over = False
        self._lock = threading.Lock()
        self._staging = Staging(tempfile.gettempdir(), key)

    def read(self, offset: int, size: int) -> Buffer:
        with self._lock:
            end = min(offset + size, self.size)
            return self._staging.read(offset, end) if offset < end else b""

    def write(self, offset: int, data: Buffer) -> int:
        with self._lock:
            self._staging.write(offset, data)
            self.size = max(self.size, offset + len(data))
        return len(data)

    def truncate(self, size: int) -> None:
        with self._lock:
            if size < self.size:
                self._staging.truncate(size)
            self.size = size

    def commit(self) -> WriteResult:
        try:
            return self._publish(self._pieces())
        finally:
            self.discard()

    def _pieces(self) -> Iterator[Buffer]:
        for start in range(0, self.size, STREAM_CHUNK):
            yield self.read(start, STREAM_CHUNK)

    def discard(self) -> None:
        with self._lock:
            self._staging.close()
            first, self._is_over = not self._is_over, True
        if first:
            self._ended()
