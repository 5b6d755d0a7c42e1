"""The body of an answer: pieces of an open file, one in memory at a time."""

import itertools
import os
from collections.abc import Iterable, Iterator, Mapping, Sequence
from typing import Any, cast

from vfs.engine.backend import Buffer
from vfs.engine.descriptors import LiesInLocalFile, lies_in_local_file
from vfs.engine.errors import Conflict, StorageError
from vfs.engine.expected_reads import fetches_ahead
from vfs.engine.files.present_state import PresentFile
from vfs.engine.mount_errors import name_mount
from vfs.engine.serving.ranges import Span

PIECE = 256 << 10
"""Bytes of a body that are in memory at a time."""

TAKES_BUFFERS = "vfs.takes_buffers"
"""In a WSGI environment: true where the server sends any buffer as it is; others are to have bytes."""

WORTH_HANDING_OVER = 64 << 10
"""Bytes of a body from which on the system sends a file faster than it is read and sent with the headers."""


class Body:
    """Literal bytes and spans of a file, in order. `close` gives the file back; exhausting it does too.

    An iteration raises what reading does, and Conflict where the file ends early: a server must break the
    connection then, for the length was promised.
    """

    def __init__(
        self,
        parts: Sequence[bytes | Span] = (),
        file: PresentFile | None = None,
        place: tuple[str, str] = ("", ""),
    ) -> None:
        self._parts = parts
        self._length = sum(len(part) if isinstance(part, bytes) else part[1] - part[0] for part in parts)
        self._file = file
        self._place = place
        self._pieces = self._read()

    def __len__(self) -> int:
        """Bytes."""
        return self._length

    def __bool__(self) -> bool:
        return True

    def __iter__(self) -> Iterator[bytes]:
        return self

    def __next__(self) -> bytes:
        return _as_bytes(self.next_buffer())

    def next_buffer(self) -> Buffer:
        """As an iteration, without a copy: a view, perhaps, of what is cached."""
        try:
            return next(self._pieces)
        except BaseException:
            self.close()
            raise

    def begin(self) -> None:
        """Have the file's first bytes at hand, unless a server can send them. Raises as iterating does."""
        if self._file is not None and not lies_in_local_file(self._file):
            literals = sum(1 for _ in itertools.takewhile(lambda part: isinstance(part, bytes), self._parts))
            first = list(itertools.islice(self.buffers(), literals + 1))
            self._pieces = itertools.chain(first, self._pieces)

    def buffers(self) -> "Buffers":
        """The rest of the body, without copies."""
        return Buffers(self)

    def close(self) -> None:
        """Harmless when called again."""
        file, self._file = self._file, None
        if file is not None:
            file.close()

    def whole(self) -> list[bytes]:
        """All pieces at once, of a body that is small; this is closed then. Raises as an iteration does."""
        try:
            return [_as_bytes(piece) for piece in self._pieces]
        finally:
            self.close()

    def local(self) -> "LocalSpan | None":
        """The whole body as a file of this machine, where it is one span of one; its end closes this."""
        if len(self._parts) != 1 or isinstance(self._parts[0], bytes):
            return None
        return LocalSpan(self, self._file, self._parts[0]) if lies_in_local_file(self._file) else None

    def _read(self) -> Iterator[Buffer]:
        for part in self._parts:
            if isinstance(part, bytes):
                yield part
                continue
            start, end = part
            if end - start > PIECE and self._file is not None and fetches_ahead(self._file):
                self._file.expect(start, end)
            while start < end:
                piece = self.piece(start, min(PIECE, end - start))
                start += len(piece)
                yield piece

    def piece(self, offset: int, size: int) -> Buffer:
        """Bytes of the file, at least one. Raises as an iteration does."""
        if self._file is None:
            raise ValueError("read from a closed body")
        try:
            piece = self._file.read(offset, size)
            if not len(piece):
                raise Conflict("the file became shorter while it was sent", self._place[1])
        except StorageError as error:
            name_mount(error, *self._place)
            raise
        return piece


class Buffers:
    """A body's bytes for a server that takes them in any form; closing it closes the body."""

    def __init__(self, body: Body) -> None:
        self._body = body
        self.close = body.close

    def __iter__(self) -> Iterator[Buffer]:
        return self

    def __next__(self) -> Buffer:
        return self._body.next_buffer()


def _as_bytes(piece: Buffer) -> bytes:
    return piece if isinstance(piece, bytes) else bytes(piece)


class LocalSpan:
    """A span of a local file as PEP 3333 has files that servers send by themselves: from its position on."""

    def __init__(self, body: Body, file: LiesInLocalFile, span: Span) -> None:
        self._body = body
        self._file = file
        self._end = span[1]
        os.lseek(file.fileno(), span[0], os.SEEK_SET)

    def fileno(self) -> int:
        return self._file.fileno()

    def read(self, size: int = PIECE) -> bytes:
        """The next bytes up to the span's end. Raises as an iteration of the body does."""
        position = os.lseek(self.fileno(), 0, os.SEEK_CUR)
        if position >= self._end:
            return b""
        piece = _as_bytes(self._body.piece(position, min(size, self._end - position)))
        os.lseek(self.fileno(), position + len(piece), os.SEEK_SET)
        return piece

    def close(self) -> None:
        self._body.close()


def handed_over(body: Body, environ: Mapping[str, Any]) -> Iterable[bytes]:
    """The body, in the server's own wrapper where that can send it without our reading it (PEP 3333).

    A small one is read here, which raises as an iteration of it does.
    """
    if len(body) <= WORTH_HANDING_OVER:
        return body.whole()
    wrapper = environ.get("wsgi.file_wrapper")
    local = None if wrapper is None else body.local()
    if wrapper is not None and local is not None:
        handed: Iterable[bytes] = wrapper(local, PIECE)
        return handed
    return cast("Iterable[bytes]", body.buffers()) if environ.get(TAKES_BUFFERS) else body
