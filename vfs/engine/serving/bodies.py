"""The body of an answer: pieces of an open file, one in memory at a time."""

from collections.abc import Iterator, Sequence

from vfs.engine.backend import OpenFile
from vfs.engine.errors import Conflict
from vfs.engine.mount_errors import naming_mount
from vfs.engine.serving.ranges import Span

PIECE = 256 << 10
"""Bytes of a body that are in memory at a time."""


class Body:
    """Literal bytes and spans of a file, in order. `close` gives the file back; exhausting it does too.

    An iteration raises what reading does, and Conflict where the file ends early: a server must break the
    connection then, for the length was promised.
    """

    def __init__(
        self,
        parts: Sequence[bytes | Span] = (),
        file: OpenFile | None = None,
        place: tuple[str, str] = ("", ""),
    ) -> None:
        self._parts = parts
        self._file = file
        self._place = place
        self._pieces = self._read()

    def __len__(self) -> int:
        """Bytes."""
        return sum(len(part) if isinstance(part, bytes) else part[1] - part[0] for part in self._parts)

    def __bool__(self) -> bool:
        return True

    def __iter__(self) -> Iterator[bytes]:
        return self

    def __next__(self) -> bytes:
        try:
            return next(self._pieces)
        except BaseException:
            self.close()
            raise

    def close(self) -> None:
        """Harmless when called again."""
        file, self._file = self._file, None
        if file is not None:
            file.close()

    def _read(self) -> Iterator[bytes]:
        for part in self._parts:
            if isinstance(part, bytes):
                yield part
                continue
            start, end = part
            while start < end:
                piece = self._piece(start, min(PIECE, end - start))
                start += len(piece)
                yield piece

    def _piece(self, offset: int, size: int) -> bytes:
        if self._file is None:
            raise ValueError("read from a closed body")
        with naming_mount(*self._place):
            piece = self._file.read(offset, size)
            if not len(piece):
                raise Conflict("the file became shorter while it was sent", self._place[1])
            return bytes(piece)
