"""Contents compressed in the store with gzip, read by range, and always compressed to the same bytes.

Files are written as `gzip_index` says: any range is read by inflating the blocks that it touches, and the
true size by reading the end of the file. A gzip file of another program can be read too, at the price of
inflating all of it at the first look.
"""

import threading
import zlib
from collections.abc import Iterator
from typing import Annotated

from cachetools import LRUCache
from pydantic import BaseModel, Field

from vfs.engine.backend import STREAM_CHUNK, Backend, Buffer, Source
from vfs.engine.errors import StorageError
from vfs.engine.layers import gzip_index
from vfs.engine.layers.content import Identity, Pin
from vfs.engine.layers.gzip_index import FOOTER_SIZE, BlockIndex
from vfs.engine.layers.measured import MeasuredLayer
from vfs.engine.layers.spools import Spool, Spools
from vfs.engine.option_types import Size
from vfs.engine.sources import chunks

BLOCK = 1 << 20
"""Bytes of content in one block: what one byte read at random costs to inflate."""

TAIL = 4096
"""Bytes read at once from the end of a file: its index, up to a GiB of content."""

_GZIP = 16 + zlib.MAX_WBITS


class GzipOptions(BaseModel, frozen=True, extra="forbid"):
    """How hard to compress; and where files of other programs lie while they are read."""

    level: Annotated[int, Field(ge=1, le=9)] = 6
    """1 is fastest, 9 smallest. Equal contents are equal bytes in the store at the same level only."""
    memory: Size = 8 << 20
    """Bytes up to which another program's file is inflated in memory; a bigger one is in a temporary file."""
    keep: Size = 256 << 20
    """Bytes of such files that stay here for the next reader."""


class GzipLayer(MeasuredLayer):
    """`stat` of a file not seen before costs a read of its end; a listing leaves its size out."""

    def __init__(self, inner: Backend, options: GzipOptions | None = None) -> None:
        super().__init__(inner)
        options = options or GzipOptions()
        self._level = options.level
        self._indexes: LRUCache[Identity, BlockIndex] = LRUCache(1024)
        self._indexes_lock = threading.Lock()
        self._spools = Spools(options.memory, options.keep)
        # What cannot be compressed grows a little.
        self.largest_file = inner.largest_file - inner.largest_file // 1000 - 4096

    def located(self, location: str) -> str:
        return f"{location}#gzip"

    def encoded(self, key: str, source: Source) -> Iterator[bytes]:
        size = 0
        stored_sizes = []
        for block in chunks(source, BLOCK):
            member = zlib.compress(block, self._level, _GZIP)
            size += len(block)
            stored_sizes.append(len(member))
            yield member
        yield from gzip_index.members(BLOCK, size, stored_sizes)

    def measure(self, pin: Pin) -> int:
        index = self._index(pin)
        return self._inflated(pin).size if index is None else index.size

    def read_pinned(self, pin: Pin, start: int, end: int | None) -> Buffer:
        index = self._index(pin)
        if index is None:
            return self._inflated(pin).read(start, end)
        end = index.size if end is None else min(end, index.size)
        if start >= end:
            return b""
        first, last = start // index.block_size, (end - 1) // index.block_size
        offset = index.stored(first)[0]
        stored = self.stored_range(pin, offset, index.stored(last)[1])
        plain = bytearray()
        for block in range(first, last + 1):
            at, until = index.stored(block)
            plain += _block(stored[at - offset : until - offset], index.size_of(block), pin.key)
        return memoryview(plain)[start - first * index.block_size : end - first * index.block_size]

    def close(self) -> None:
        self._spools.clear()
        super().close()

    def _index(self, pin: Pin) -> BlockIndex | None:
        """Where the blocks are; None for a file that another program wrote."""
        with self._indexes_lock:
            known = None if pin.identity is None else self._indexes.get(pin.identity)
        if known is None:
            known = self._asked_index(pin)
            if known is not None and pin.identity is not None:
                with self._indexes_lock:
                    self._indexes[pin.identity] = known
        return known

    def _asked_index(self, pin: Pin) -> BlockIndex | None:
        tail = bytes(self.stored_range(pin, max(0, pin.size - TAIL), pin.size))
        footer = gzip_index.footer(tail)
        if footer is None:
            return None
        block_size, size, index_size = footer
        start = pin.size - FOOTER_SIZE - index_size
        if start < 0:
            raise _broken(pin.key)
        if index_size + FOOTER_SIZE <= len(tail):
            members = tail[len(tail) - FOOTER_SIZE - index_size : len(tail) - FOOTER_SIZE]
        else:
            members = bytes(self.stored_range(pin, start, start + index_size))
        sizes = gzip_index.stored_sizes(members)
        if sizes is None or sum(sizes) != start or not block_size or len(sizes) != -(-size // block_size):
            raise _broken(pin.key)
        return BlockIndex(block_size, size, sizes)

    def _inflated(self, pin: Pin) -> Spool:
        return self._spools.filled(pin.identity, lambda: _inflated(self._stored(pin), pin.key))

    def _stored(self, pin: Pin) -> Iterator[memoryview]:
        for start in range(0, pin.size, STREAM_CHUNK):
            yield self.stored_range(pin, start, start + STREAM_CHUNK)


def _block(stored: memoryview, size: int, key: str) -> bytes:
    # One byte more than there may be shows a block that would inflate to more.
    inflater = zlib.decompressobj(_GZIP)
    try:
        plain = inflater.decompress(stored, size + 1)
    except zlib.error as error:
        raise _broken(key) from error
    if len(plain) != size or not inflater.eof or inflater.unused_data:
        raise _broken(key)
    return plain


def _inflated(stored: Iterator[memoryview], key: str) -> Iterator[bytes]:
    """The content of an ordinary gzip file, of one member or several."""
    inflater = None
    try:
        for part in stored:
            data, more = bytes(part), False
            while data or more:
                inflater = inflater or zlib.decompressobj(_GZIP)
                plain = inflater.decompress(data, STREAM_CHUNK)
                yield plain
                more = len(plain) == STREAM_CHUNK and not inflater.eof
                data = inflater.unused_data if inflater.eof else inflater.unconsumed_tail
                inflater = None if inflater.eof else inflater
    except zlib.error as error:
        raise _broken(key) from error
    if inflater is not None:
        raise _broken(key)


def _broken(key: str) -> StorageError:
    return StorageError("the stored file is no gzip file, or a damaged one", key)
