"""ZIP archives as a stream of bytes: members are read one after the other, and nothing is held whole."""

import io
import os
import stat as stat_bits
import struct
import time
import zipfile
from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass
from typing import BinaryIO, Literal

from vfs.engine.backend import Buffer
from vfs.engine.entries import Entry, EntryKind
from vfs.engine.errors import InvalidPath

Compression = Literal["deflate", "store"]

_METHODS = {"deflate": zipfile.ZIP_DEFLATED, "store": zipfile.ZIP_STORED}
_TYPES = {
    EntryKind.FILE: stat_bits.S_IFREG | 0o644,
    EntryKind.FOLDER: stat_bits.S_IFDIR | 0o755,
    EntryKind.SYMLINK: stat_bits.S_IFLNK | 0o777,
}
_MS_DOS_FOLDER = 0x10
_LARGE = 1 << 30
_FIRST_YEAR = (1980, 1, 1, 0, 0, 0)
_LAST_YEAR = (2107, 12, 31, 23, 59, 58)


@dataclass(frozen=True, slots=True)
class Member:
    """One file, folder or symlink of an archive. `pieces` gives a file's bytes, a symlink's target."""

    name: str
    entry: Entry
    pieces: Callable[[], Iterator[Buffer]]


class _Outgoing:
    """What a `ZipFile` writes to; what was written is taken away piece by piece."""

    def __init__(self) -> None:
        self._held = io.BytesIO()

    def write(self, data: Buffer) -> int:
        return self._held.write(data)

    def flush(self) -> None:
        """Nothing waits behind this."""

    def taken(self) -> bytes:
        data = self._held.getvalue()
        self._held.seek(0)
        self._held.truncate()
        return data


def zip_pieces(members: Iterable[Member], compression: Compression = "deflate") -> Iterator[bytes]:
    """A ZIP archive of these members, as it comes; Zip64 where it must be.

    Held are the piece under way and, for the directory at the end, some hundred bytes for each member.
    Raises InvalidPath for a name that is no text, and what reading a member raises: what came so far is
    no archive then.
    """
    outgoing = _Outgoing()
    with zipfile.ZipFile(outgoing, "w", _METHODS[compression]) as archive:  # type: ignore[call-overload] # needs no seek
        for member in members:
            for _ in _added(archive, member):
                yield from filter(None, [outgoing.taken()])
            yield from filter(None, [outgoing.taken()])
    yield outgoing.taken()


def _added(archive: zipfile.ZipFile, member: Member) -> Iterator[None]:
    info = _info(member, archive.compression)
    if member.entry.kind is EntryKind.FOLDER:
        archive.writestr(info, b"")
        return
    with archive.open(info, "w", force_zip64=member.entry.size > _LARGE) as target:
        for piece in member.pieces():
            target.write(piece)
            yield


def _info(member: Member, method: int) -> zipfile.ZipInfo:
    entry = member.entry
    try:
        member.name.encode()
    except UnicodeEncodeError as error:
        raise InvalidPath(
            "a ZIP archive cannot hold a name whose bytes are not UTF-8", member.name
        ) from error
    is_folder = entry.kind is EntryKind.FOLDER
    seconds = None if entry.mtime_ns is None else entry.mtime_ns // 10**9
    info = zipfile.ZipInfo(f"{member.name}/" if is_folder else member.name, _dos_time(seconds))
    info.compress_type = zipfile.ZIP_STORED if is_folder else method
    info.create_system = 3  # Unix: what the attributes are meant for
    kind = _TYPES[entry.kind]
    mode = kind if entry.mode is None else stat_bits.S_IFMT(kind) | stat_bits.S_IMODE(entry.mode)
    info.external_attr = mode << 16 | (_MS_DOS_FOLDER if is_folder else 0)
    info.file_size = entry.size if entry.kind is EntryKind.FILE else 0
    info.extra = b"" if seconds is None else _utc_time(seconds)
    return info


def _dos_time(seconds: int | None) -> tuple[int, int, int, int, int, int]:
    """Local time, as the format has it; the nearest that it can tell."""
    if seconds is None:
        return _FIRST_YEAR
    at = time.localtime(min(max(seconds, 0), 1 << 33))
    told = (at.tm_year, at.tm_mon, at.tm_mday, at.tm_hour, at.tm_min, at.tm_sec)
    return min(max(told, _FIRST_YEAR), _LAST_YEAR)


def _utc_time(seconds: int) -> bytes:
    """The extra field in which Info-ZIP keeps the time of change in UTC; nothing for what it cannot hold."""
    if not -(1 << 31) <= seconds < 1 << 31:
        return b""
    return struct.pack("<HHBl", 0x5455, 5, 1, seconds)


def deliver(pieces: Iterator[bytes], target: BinaryIO) -> int:
    """Write all pieces to a file, which need not be seekable and stays open; the number of bytes."""
    count = 0
    for piece in pieces:
        target.write(piece)
        count += len(piece)
    return count


def unique_name(name: str, taken: set[str]) -> str:
    """The name, or one like it that is not taken; taken it is then."""
    stem, suffix = os.path.splitext(name)
    found, number = name, 2
    while found in taken:
        found, number = f"{stem} ({number}){suffix}", number + 1
    taken.add(found)
    return found
