"""A source on its way to a store, of which a second reader gets a copy when the store has it."""

from collections.abc import Iterator

from vfs.engine.backend import Buffer, Source
from vfs.engine.layers.spools import Spool
from vfs.engine.sources import pieces

IN_MEMORY = 1 << 20
"""Bytes up to which no temporary file is made."""


class Copied:
    """Hand `source` to the store. What passes is kept up to `limit` bytes; of more than that nothing is."""

    def __init__(self, source: Source, limit: int) -> None:
        self._limit = limit
        self._kept: Spool | memoryview | None
        if isinstance(source, bytes | bytearray | memoryview):
            self.source: Source = source
            whole = memoryview(source).cast("B")
            self._kept = whole if len(whole) <= limit else None
        else:
            self.source = self._passing(source)
            self._kept = Spool((), IN_MEMORY)

    @property
    def size(self) -> int | None:
        """Bytes that are kept; None where not all of them are."""
        if isinstance(self._kept, Spool):
            return self._kept.size
        return None if self._kept is None else len(self._kept)

    def read(self, start: int, end: int) -> Buffer:
        """Some of the bytes that are kept."""
        assert self._kept is not None, "asked where `size` tells"
        return self._kept[start:end] if isinstance(self._kept, memoryview) else self._kept.read(start, end)

    def _passing(self, source: Source) -> Iterator[Buffer]:
        for piece in pieces(source):
            if isinstance(self._kept, Spool):
                if self._kept.size + len(piece) <= self._limit:
                    self._kept.append(piece)
                else:
                    self._kept = None
            yield piece
