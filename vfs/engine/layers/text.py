"""Text stored in one encoding and shown in another."""

import codecs
import errno
from collections.abc import Iterator
from typing import Annotated

from pydantic import AfterValidator, BaseModel

from vfs.engine.backend import STREAM_CHUNK, Backend, Buffer, Source
from vfs.engine.errors import StorageError
from vfs.engine.layers.content import Pin
from vfs.engine.layers.measured import MeasuredLayer
from vfs.engine.layers.spools import Spools
from vfs.engine.option_types import Size
from vfs.engine.sources import chunks


def _encoding(name: str) -> str:
    try:
        info = codecs.lookup(name)
    except LookupError as error:
        raise ValueError("must be an encoding that Python knows, such as utf-8 or cp1252") from error
    if not getattr(info, "_is_text_encoding", True):
        raise ValueError("must be an encoding of text")
    return info.name


Encoding = Annotated[str, AfterValidator(_encoding)]


class TextOptions(BaseModel, frozen=True, extra="forbid"):
    """Which encodings."""

    stored: Encoding
    """The one in the store."""
    shown: Encoding = "utf-8"
    """The one that programs read and write."""
    memory: Size = 8 << 20
    """Bytes up to which a file is kept in memory; a bigger one is in the folder of temporary files."""
    keep: Size = 256 << 20
    """Bytes of files that stay here for the next reader."""


class TextLayer(MeasuredLayer):
    """Every file is text: one that is not is EILSEQ, when it is read as when it is written.

    Where characters lie and how many bytes they take cannot be told but by reading: the first look at a
    file reads all of it.
    """

    reads_kept_content = True

    def __init__(self, inner: Backend, options: TextOptions) -> None:
        super().__init__(inner)
        self._stored = options.stored
        self._shown = options.shown
        self._spools = Spools(options.memory, options.keep)
        self.largest_file = inner.largest_file // 2

    def located(self, location: str) -> str:
        return f"{location}#text={self._stored},{self._shown}"

    def encoded(self, key: str, source: Source) -> Iterator[bytes]:
        return _transcoded(chunks(source, STREAM_CHUNK // 4), self._shown, self._stored, key)

    def measure(self, pin: Pin) -> int:
        return self._spools.filled(pin.identity, lambda: self._fetched(pin)).size

    def read_pinned(self, pin: Pin, start: int, end: int | None) -> Buffer:
        return self._spools.filled(pin.identity, lambda: self._fetched(pin)).read(start, end)

    def close(self) -> None:
        self._spools.clear()
        super().close()

    def _fetched(self, pin: Pin) -> Iterator[bytes]:
        stored = (
            self.stored_range(pin, start, start + STREAM_CHUNK) for start in range(0, pin.size, STREAM_CHUNK)
        )
        return _transcoded(map(bytes, stored), self._stored, self._shown, pin.key)


def _transcoded(parts: Iterator[bytes], source: str, target: str, key: str) -> Iterator[bytes]:
    decoder = codecs.getincrementaldecoder(source)()
    encoder = codecs.getincrementalencoder(target)()
    try:
        for part in parts:
            yield encoder.encode(decoder.decode(part))
        yield encoder.encode(decoder.decode(b"", True), True)
    except UnicodeError as error:
        what = getattr(error, "encoding", source)
        raise StorageError(f"this is no text that {what} can hold", key, errno=errno.EILSEQ) from error
