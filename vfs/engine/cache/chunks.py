"""The files of the disk cache: checksummed blocks of one content that can be missing, but never wrong.

A chunk file holds 1 MiB of one content: a table, then eight slots of 128 KiB, sparse where nothing is known.
Its name is a hash of the content and of the chunk's number. A row of the table tells the length and
checksum of a slot and is bound, by another checksum, to that hash and slot. So writers need no lock and no
order: a torn, lost or foreign write leaves a row or a slot that does not verify, as if nothing were there.
"""

import contextlib
import hashlib
import os
import struct
import time
from collections.abc import Iterator

import xxhash

from vfs.engine.backend import Buffer
from vfs.engine.cache.blocks import ContentId

BLOCK = 128 << 10
"""Bytes in a slot; what is stored begins at a multiple of it."""

SLOTS = 8
CHUNK = BLOCK * SLOTS

_FORMAT = b"vfs blocks 2"
_ROW = struct.Struct("<III")
_TABLE_SIZE = _ROW.size * SLOTS
_DATA_START = 4096
"""Where the slots begin: a page of the file system, so that holes stay holes."""

_TOUCH_AFTER = 60.0
"""Seconds for which a chunk's time of last use may lag behind, to save a write at each read."""


class BadBlock(Exception):
    """A row or a slot does not verify."""


class Chunk:
    """One MiB of one content: where its file is, and the hash that its rows are bound to.

    Offsets are within the chunk. Every method may raise OSError.
    """

    __slots__ = ("_identity", "path")

    def __init__(self, directory: str, content: ContentId, number: int) -> None:
        named = (content.mount, content.key, content.version, str(number))
        self._identity = hashlib.sha256(b"\0".join([_FORMAT, *map(os.fsencode, named)])).digest()
        name = self._identity.hex()
        self.path = f"{directory}/{name[:2]}/{name[2:]}"

    @property
    def is_there(self) -> bool:
        """True when there is such a file, whatever it holds."""
        return os.path.exists(self.path)

    def read(self, offset: int, target: memoryview) -> int:
        """Fill `target` from `offset`, the start of a block, up to the first gap; says how far.

        Raises BadBlock when something stored there does not verify.
        """
        try:
            descriptor = os.open(self.path, os.O_RDONLY | os.O_CLOEXEC | os.O_NOFOLLOW)
        except FileNotFoundError:
            return 0
        with _closing(descriptor):
            filled = self._read_blocks(descriptor, offset, target)
            if filled:
                _touch(descriptor)
        return filled

    def write(self, offset: int, data: memoryview) -> None:
        """Store bytes from `offset`, the start of a block, on; folders are made as they are needed."""
        rows = b"".join(
            self._row((offset + start) // BLOCK, data[start : start + BLOCK])
            for start in range(0, len(data), BLOCK)
        )
        with _closing(self._open_for_writing()) as descriptor:
            _write_all(descriptor, data, _DATA_START + offset)
            _write_all(descriptor, memoryview(rows), offset // BLOCK * _ROW.size)

    def remove(self) -> None:
        with contextlib.suppress(FileNotFoundError):  # somebody else met the bad block, too
            os.unlink(self.path)

    def _open_for_writing(self) -> int:
        flags = os.O_WRONLY | os.O_CREAT | os.O_CLOEXEC | os.O_NOFOLLOW
        try:
            return os.open(self.path, flags, 0o600)
        except FileNotFoundError:
            os.makedirs(os.path.dirname(self.path), mode=0o700, exist_ok=True)
            return os.open(self.path, flags, 0o600)

    def _read_blocks(self, descriptor: int, offset: int, target: memoryview) -> int:
        table = os.pread(descriptor, _TABLE_SIZE, 0).ljust(_TABLE_SIZE, b"\0")
        os.preadv(descriptor, [target], _DATA_START + offset)
        for filled in range(0, len(target), BLOCK):
            slot = (offset + filled) // BLOCK
            wanted = target[filled : filled + BLOCK]
            length, checksum = self._checked_row(slot, table)
            if length > len(wanted):  # a block verifies only as a whole
                block = memoryview(os.pread(descriptor, length, _DATA_START + slot * BLOCK))
            else:
                block = wanted[:length]
            if _checksum(block) != checksum:
                raise BadBlock
            if length < len(wanted):
                return filled + length
            wanted[:] = block[: len(wanted)]
        return len(target)

    def _checked_row(self, slot: int, table: bytes) -> tuple[int, int]:
        """The length and the checksum of a slot; length 0 for an empty one. Raises BadBlock."""
        row = table[slot * _ROW.size : (slot + 1) * _ROW.size]
        if not any(row):
            return 0, 0
        length, checksum, seal = _ROW.unpack(row)
        if seal != self._seal(slot, length, checksum) or length > BLOCK:
            raise BadBlock
        return length, checksum

    def _row(self, slot: int, data: memoryview) -> bytes:
        checksum = _checksum(data)
        return _ROW.pack(len(data), checksum, self._seal(slot, len(data), checksum))

    def _seal(self, slot: int, length: int, checksum: int) -> int:
        return _checksum(self._identity + _ROW.pack(slot, length, checksum))


def _checksum(data: Buffer) -> int:
    """32 bits of XXH3, at a fifth of what CRC-32 costs."""
    return xxhash.xxh3_64_intdigest(data) & 0xFFFFFFFF


@contextlib.contextmanager
def _closing(descriptor: int) -> Iterator[int]:
    try:
        yield descriptor
    finally:
        os.close(descriptor)


def _write_all(descriptor: int, data: memoryview, offset: int) -> None:
    while data:
        count = os.pwrite(descriptor, data, offset)
        data = data[count:]
        offset += count


def _touch(descriptor: int) -> None:
    """Make the file's mtime its time of last use, for the least recently used to leave first."""
    if time.time() - os.fstat(descriptor).st_mtime > _TOUCH_AFTER:
        os.utime(descriptor)
