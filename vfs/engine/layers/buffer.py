"""Whole files fetched once and read from here, for storages that cannot give a part of one cheaply."""

from collections.abc import Iterator

from pydantic import BaseModel

from vfs.engine.backend import Backend, Buffer, OpensInPlace, ReadsBeginning, ReadsRanges, Source
from vfs.engine.layers.content import ContentLayer, Pin
from vfs.engine.layers.intercepted_abilities import INTERCEPTED
from vfs.engine.layers.spools import Spool, Spools
from vfs.engine.option_types import Size
from vfs.engine.sources import pieces


class BufferOptions(BaseModel, frozen=True, extra="forbid"):
    """Where buffered files lie, and how they are fetched."""

    memory: Size = 8 << 20
    """Bytes up to which a file is buffered in memory; a bigger one is in the folder of temporary files."""
    keep: Size = 1 << 30
    """Bytes of files that stay buffered for the next reader."""
    piece: Size = 64 << 20
    """Bytes fetched in one request. A storage that sends the whole file each time is better off with
    more, and the memory of this machine with less."""


class BufferLayer(ContentLayer):
    """The first read of a file fetches all of it; a write is sent when all of it is here."""

    exposes = frozenset(INTERCEPTED) - {OpensInPlace, ReadsBeginning, ReadsRanges}

    reads_kept_content = True

    def __init__(self, inner: Backend, options: BufferOptions | None = None) -> None:
        super().__init__(inner)
        self._options = options or BufferOptions()
        self._spools = Spools(self._options.memory, self._options.keep)

    def plain_size(self, pin: Pin) -> int:
        return pin.size

    def encoded(self, key: str, source: Source) -> Iterator[Buffer]:
        return Spool(pieces(source), self._options.memory).pieces()

    def read_pinned(self, pin: Pin, start: int, end: int | None) -> Buffer:
        return self._spools.filled(pin.identity, lambda: self._fetched(pin)).read(start, end)

    def close(self) -> None:
        self._spools.clear()
        super().close()

    def _fetched(self, pin: Pin) -> Iterator[Buffer]:
        for start in range(0, pin.size, self._options.piece):
            yield self.stored_range(pin, start, min(start + self._options.piece, pin.size))
