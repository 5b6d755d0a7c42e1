"""The content of members: ranges of stored ones directly, of packed ones by unpacking up to there."""

import bz2
import os
import threading
import zipfile
import zlib
from collections import OrderedDict
from typing import Protocol

from vfs.engine.backend import STREAM_CHUNK
from vfs.engine.backends.zip.archive import Archive, content_start
from vfs.engine.backends.zip.member import Member
from vfs.engine.errors import CapabilityNotSupported, PermissionDenied, StorageError

_PACKED_CHUNK = 64 << 10
_KEPT_OPEN = 16


class _Unpacker(Protocol):
    def unpack(self, packed: bytes, room: int) -> bytes: ...

    def needs_input(self) -> bool: ...


class _Inflater:
    """Deflate, never more than asked at a time."""

    def __init__(self) -> None:
        self._inner = zlib.decompressobj(-zlib.MAX_WBITS)

    def unpack(self, packed: bytes, room: int) -> bytes:
        return self._inner.decompress(self._inner.unconsumed_tail + packed, room)

    def needs_input(self) -> bool:
        return not self._inner.unconsumed_tail


class _Bunzipper:
    """Bzip2, never more than asked at a time."""

    def __init__(self) -> None:
        self._inner = bz2.BZ2Decompressor()

    def unpack(self, packed: bytes, room: int) -> bytes:
        return b"" if self._inner.eof else self._inner.decompress(packed, room)

    def needs_input(self) -> bool:
        return self._inner.needs_input


class _Unpacking:
    """One packed member being unpacked from its beginning; `position` is how far it came."""

    def __init__(self, member: Member, archive: Archive, start: int) -> None:
        self.position = 0
        self._key = member.key or ""
        self._member = member
        # A strong reference: the descriptor stays open as long as this is in use.
        self.archive = archive
        self._next = start
        self._end = start + member.packed_size
        self._unpacker: _Unpacker = _Inflater() if member.method == zipfile.ZIP_DEFLATED else _Bunzipper()
        self._checksum = 0

    def skip_to(self, position: int) -> None:
        while self.position < position:
            self._step(min(position - self.position, STREAM_CHUNK))

    def take(self, size: int) -> bytearray:
        found = bytearray()
        while len(found) < size:
            found += self._step(min(size - len(found), STREAM_CHUNK))
        return found

    def _step(self, room: int) -> bytes:
        """Some of the next `room` bytes, at least one."""
        found = b""
        while not found:
            packed = b""
            if self._unpacker.needs_input():
                packed = os.pread(
                    self.archive.descriptor, min(_PACKED_CHUNK, self._end - self._next), self._next
                )
                self._next += len(packed)
            try:
                found = self._unpacker.unpack(packed, room)
            except (zlib.error, OSError, EOFError) as error:
                raise _damaged(self._key) from error
            if not found and not packed and self._unpacker.needs_input():
                raise _damaged(self._key)
        self.position += len(found)
        self._checksum = zlib.crc32(found, self._checksum)
        if self.position == self._member.size and self._checksum != self._member.checksum:
            raise _damaged(self._key)
        return found


class ContentReader:
    """Reads ranges of members. Of packed ones the last few stay open, so that reading on costs no more.

    Reading backwards in a packed member starts again from its beginning. Memory is bounded by the range
    asked for, whatever a member says of itself. Thread-safe.
    """

    def __init__(self, size_limit: int, ratio_limit: int) -> None:
        self._size_limit = size_limit
        self._ratio_limit = ratio_limit
        self._lock = threading.Lock()
        self._open: OrderedDict[tuple[int, int], _Unpacking] = OrderedDict()

    def read(self, archive: Archive, member: Member, start: int, end: int | None) -> bytes | bytearray:
        """The bytes [start, end) of a member that lies in this archive."""
        stop = member.size if end is None else min(end, member.size)
        self._check(member)
        if start >= stop:
            return b""
        begin = content_start(member.span, member.key or "")
        if begin + member.packed_size > member.span.end:
            raise StorageError("refused: members of this archive overlap", member.key)
        if member.method == zipfile.ZIP_STORED:
            return _stored(member, begin, start, stop)
        return self._unpacked(archive, member, begin, start, stop)

    def close(self) -> None:
        """Let go of all archives."""
        with self._lock:
            self._open.clear()

    def _check(self, member: Member) -> None:
        key = member.key
        if member.is_encrypted:
            raise PermissionDenied("this member is encrypted, and vfs has no password for it", key)
        if member.method not in {zipfile.ZIP_STORED, zipfile.ZIP_DEFLATED, zipfile.ZIP_BZIP2}:
            raise CapabilityNotSupported(f"vfs does not unpack ZIP's method {member.method}", key)
        if member.size > self._size_limit:
            raise StorageError(f"refused: {member.size} bytes; see the option `size_limit`", key)
        if member.size > STREAM_CHUNK and member.size > member.packed_size * self._ratio_limit:
            raise StorageError(
                f"refused: {member.packed_size} bytes would become {member.size}; see `ratio_limit`", key
            )

    def _unpacked(self, archive: Archive, member: Member, begin: int, start: int, stop: int) -> bytearray:
        place = (member.span.start, member.span.end)
        with self._lock:
            for old in [old for old, held in self._open.items() if held.archive is not archive]:
                del self._open[old]
            unpacking = self._open.pop(place, None)
        if unpacking is None or unpacking.position > start:
            unpacking = _Unpacking(member, archive, begin)
        unpacking.skip_to(start)
        found = unpacking.take(stop - start)
        if unpacking.position < member.size:
            with self._lock:
                self._open[place] = unpacking
                while len(self._open) > _KEPT_OPEN:
                    self._open.popitem(last=False)
        return found


def _stored(member: Member, begin: int, start: int, stop: int) -> bytearray:
    found = bytearray()
    while len(found) < stop - start:
        offset = begin + start + len(found)
        piece = os.pread(member.span.descriptor, min(stop - start - len(found), STREAM_CHUNK), offset)
        if not piece:
            raise _damaged(member.key or "")
        found += piece
    if (start, stop) == (0, member.size) and zlib.crc32(found) != member.checksum:
        raise _damaged(member.key or "")
    return found


def _damaged(key: str) -> StorageError:
    return StorageError("the archive is damaged: this member cannot be unpacked", key)
