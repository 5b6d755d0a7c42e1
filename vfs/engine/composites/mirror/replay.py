"""A source read once and given several times: what has passed is spooled, small in memory, big on disk."""

from collections.abc import Iterator

from vfs.engine.backend import STREAM_CHUNK, Buffer, Source
from vfs.engine.layers.spools import Spool
from vfs.engine.sources import pieces

IN_MEMORY = 4 << 20
"""Bytes of one source up to which no temporary file is made."""


class Replay:
    """Each iteration gives the source from its beginning; one at a time until it has been read to its end."""

    def __init__(self, source: Source) -> None:
        self._source = pieces(source)
        self._spool = Spool((), IN_MEMORY)
        self._whole = source if isinstance(source, bytes | bytearray | memoryview) else None
        self.failure: BaseException | None = None
        """What the source itself, or keeping it, raised: no store is to blame."""

    @property
    def content(self) -> Source:
        """What to hand to a store: bytes where they are at hand, for one request that can be sent again."""
        return iter(self) if self._whole is None else self._whole

    def __iter__(self) -> Iterator[Buffer]:
        at = 0
        while True:
            if at < self._spool.size:
                # A copy: nothing may hold the spool's own memory while it grows.
                piece: Buffer | None = bytes(self._spool.read(at, at + STREAM_CHUNK))
            else:
                piece = self._next()
            if piece is None:
                return
            at += len(piece)
            yield piece

    def read_to_end(self) -> None:
        """From here on, iterations may run side by side."""
        if self._whole is None:
            while self._next() is not None:
                pass

    def _next(self) -> Buffer | None:
        """The next piece that nobody has had yet, None after the last."""
        try:
            piece = next(self._source, None)
            if piece is not None:
                self._spool.append(piece)
        except BaseException as failure:
            self.failure = failure
            raise
        return piece
