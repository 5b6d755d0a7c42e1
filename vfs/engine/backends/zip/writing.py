"""Writing archives: a new member packed aside, and a whole archive put together from spans of others."""

import os
import struct
import tempfile
import time
import zipfile
from collections.abc import Iterable
from dataclasses import replace
from typing import IO

from vfs.engine.backend import Source
from vfs.engine.backends.zip.archive import LOCAL_HEADER, content_start
from vfs.engine.backends.zip.member import (
    UTF8_NAME,
    Member,
    Span,
    date_time_of,
    encoded,
    external_for,
    extra_for,
    new_identity,
    to_dos,
)
from vfs.engine.entries import Attributes, EntryKind
from vfs.engine.sources import pieces

_RECORD = struct.Struct("<4s6H3L5H2L")
_UNIX_45 = 3 << 8 | 45
"""Written on Unix, by the fourth and a half version of the format's description."""

_FULL = 0xFFFFFFFF
_SMALL = 1 << 20


class Packed:
    """New members on their way into an archive: packed in an unnamed file, gone when the block is left."""

    def __init__(self, folder: str) -> None:
        self._folder = folder
        self._file: IO[bytes] | None = None

    def __enter__(self) -> "Packed":
        return self

    def __exit__(self, *_: object) -> None:
        if self._file:
            self._file.close()

    def fill(self, key: str, kind: EntryKind, source: Source, attributes: Attributes, method: int) -> Member:
        """Pack a whole source, a piece at a time."""
        raw = encoded(key, folder=kind is EntryKind.FOLDER)
        attributes = attributes.over(Attributes(mtime_ns=time.time_ns()))
        dos_time = to_dos(attributes.mtime_ns or 0)
        info = zipfile.ZipInfo(raw.decode(), date_time_of(dos_time))
        info.compress_type = method
        info.external_attr = external_for(kind, attributes.mode)
        info.extra = extra_for(attributes) + new_identity()
        extra = info.extra
        big = not (isinstance(source, bytes | bytearray | memoryview) and memoryview(source).nbytes < _SMALL)
        if self._file is None:
            self._file = tempfile.TemporaryFile(dir=self._folder)  # noqa: SIM115 - closed with this
        with (
            zipfile.ZipFile(self._file, "w") as archive,
            archive.open(info, "w", force_zip64=big) as target,
        ):
            for piece in pieces(source):
                target.write(piece)
        self._file.flush()
        span = Span(self._file.fileno(), info.header_offset, 0)
        return Member(
            key,
            raw,
            replace(span, end=content_start(span, key) + info.compress_size),
            flags=info.flag_bits | (0 if raw.isascii() else UTF8_NAME),
            method=method,
            checksum=info.CRC,
            packed_size=info.compress_size,
            size=info.file_size,
            dos_time=dos_time,
            needs=info.extract_version,
            external=info.external_attr,
            extra=extra,
        )


def write_archive(
    target: int, members: Iterable[Member], *, comment: bytes = b"", start: Span | None = None
) -> list[Member]:
    """Write an archive into an empty file and wait until it is on the disk; the members as they lie in it.

    Packed bytes are copied inside the kernel, neighbours in one go. `start` goes before the first member.
    """
    writer = _Writer(target)
    if start:
        writer.copy(start)
    placed = [writer.add(member) for member in members]
    writer.finish(placed, comment)
    os.fsync(target)
    return placed


class _Writer:
    """An archive being written in order; neighbouring spans wait to be copied together."""

    def __init__(self, target: int) -> None:
        self._target = target
        self._position = 0
        self._waiting: Span | None = None

    def add(self, member: Member) -> Member:
        start = self._position
        if member.renamed:
            begin = content_start(member.span, member.key or "")
            self._write(_renamed_header(member, begin))
            self.copy(replace(member.span, start=begin))
        else:
            self.copy(member.span)
        return replace(member, span=Span(self._target, start, self._position), renamed=False)

    def copy(self, span: Span) -> None:
        waiting = self._waiting
        if waiting and (waiting.descriptor, waiting.end) == (span.descriptor, span.start):
            self._waiting = replace(waiting, end=span.end)
        else:
            self._flush()
            self._waiting = span
        self._position += span.end - span.start

    def finish(self, members: list[Member], comment: bytes) -> None:
        start = self._position
        directory = b"".join(_record(member) for member in members)
        self._write(directory + _end_of(len(members), start, len(directory), comment))

    def _write(self, data: bytes) -> None:
        self._flush()
        self._position += len(data)
        view = memoryview(data)
        while len(view):
            view = view[os.write(self._target, view) :]

    def _flush(self) -> None:
        span, self._waiting = self._waiting, None
        while span and span.start < span.end:
            sent = os.sendfile(self._target, span.descriptor, span.start, span.end - span.start)
            if not sent:
                raise OSError(5, "the archive ended too early")
            span = replace(span, start=span.start + sent)


def _renamed_header(member: Member, begin: int) -> bytes:
    """The local header of a member under its new name."""
    old = os.pread(member.span.descriptor, begin - member.span.start, member.span.start)
    fields = list(LOCAL_HEADER.unpack_from(old))
    extra = old[LOCAL_HEADER.size + fields[9] :]
    fields[2], fields[9] = member.flags, len(member.raw_name)
    return LOCAL_HEADER.pack(*fields) + member.raw_name + extra


def _record(member: Member) -> bytes:
    """A member's record in the central directory, with 64-bit numbers only where they are needed."""
    numbers = [member.size, member.packed_size, member.span.start]
    large = [number for number in numbers if number >= _FULL]
    size, packed_size, offset = (min(number, _FULL) for number in numbers)
    extra = member.extra
    if large:
        extra = struct.pack(f"<HH{len(large)}Q", 1, 8 * len(large), *large) + extra
    fixed = _RECORD.pack(
        b"PK\1\2",
        member.made_by,
        max(member.needs, 45) if large else member.needs,
        member.flags,
        member.method,
        member.dos_time & 0xFFFF,
        member.dos_time >> 16,
        member.checksum,
        packed_size,
        size,
        len(member.raw_name),
        len(extra),
        len(member.comment),
        0,
        member.internal,
        member.external,
        offset,
    )
    return fixed + member.raw_name + extra + member.comment


def _end_of(count: int, start: int, size: int, comment: bytes) -> bytes:
    """The end of the central directory, preceded by its 64-bit form where that is needed."""
    large = b""
    if count >= 0xFFFF or max(start, size) >= _FULL:
        record = struct.pack("<4sQ2H2L4Q", b"PK\6\6", 44, _UNIX_45, 45, 0, 0, count, count, size, start)
        large = record + struct.pack("<4sLQL", b"PK\6\7", 0, start + size, 1)
    few, low_size, low_start = min(count, 0xFFFF), min(size, _FULL), min(start, _FULL)
    return (
        large
        + struct.pack("<4s4H2LH", b"PK\5\6", 0, 0, few, few, low_size, low_start, len(comment))
        + comment
    )
