"""One member of a ZIP archive: what the central directory says of it, and what that means as an Entry."""

import secrets
import stat as stat_bits
import struct
import time
import zipfile
from collections.abc import Iterator
from dataclasses import dataclass, replace
from datetime import datetime

from vfs.engine import paths
from vfs.engine.entries import Attributes, Entry, EntryKind, kind_of_mode
from vfs.engine.errors import InvalidPath

UTF8_NAME = 0x800
ENCRYPTED = 0x1
UNIX = 3

_NTFS_TIMES = 0x000A
_UNIX_TIME = 0x5455
_UNIX_OWNER = 0x7875
_IDENTITY = 0x7666
"""Ours: eight random bytes for each content written, since a checksum of 32 bits tells too little."""

_ATTRIBUTE_FIELDS = frozenset({_NTFS_TIMES, _UNIX_TIME, _UNIX_OWNER})
_ZIP64 = 0x0001

_EPOCH_1601_NS = 11_644_473_600 * 10**9
"""From the beginning of NTFS time, which ticks in 100 ns, to that of Unix."""


@dataclass(frozen=True, slots=True)
class Span:
    """Bytes of an open file: a local header, the packed content, and what follows up to the next one."""

    descriptor: int
    start: int
    end: int


@dataclass(frozen=True, slots=True)
class Member:
    """A record of the central directory; `key` is None for a name that leads nowhere inside a mount."""

    key: str | None
    raw_name: bytes
    span: Span
    flags: int = UTF8_NAME
    method: int = zipfile.ZIP_STORED
    checksum: int = 0
    packed_size: int = 0
    size: int = 0
    dos_time: int = 0
    made_by: int = UNIX << 8 | 20
    needs: int = 20
    internal: int = 0
    external: int = 0
    extra: bytes = b""
    comment: bytes = b""
    renamed: bool = False
    """The local header has another name still."""

    @property
    def kind(self) -> EntryKind:
        mode = self._unix_mode
        if self.raw_name.endswith(b"/"):
            return EntryKind.FOLDER
        return kind_of_mode(mode) if stat_bits.S_IFMT(mode) else EntryKind.FILE

    @property
    def is_folder(self) -> bool:
        return self.kind is EntryKind.FOLDER

    @property
    def is_encrypted(self) -> bool:
        return bool(self.flags & ENCRYPTED)

    @property
    def etag(self) -> str:
        identity = next((data.hex() for code, data in fields_of(self.extra) if code == _IDENTITY), "")
        return f"{self.checksum:08x}-{self.size:x}-{identity or f'{self.packed_size:x}'}"

    @property
    def _unix_mode(self) -> int:
        return self.external >> 16 if self.made_by >> 8 == UNIX else 0

    def entry(self) -> Entry:
        """What `stat` tells."""
        kind, mode = self.kind, self._unix_mode
        told = attributes_in(self.extra)
        return Entry(
            paths.name_of(self.key or ""),
            kind,
            size=0 if kind is EntryKind.FOLDER else self.size,
            mtime_ns=_from_dos(self.dos_time) if told.mtime_ns is None else told.mtime_ns,
            etag=self.etag if kind is EntryKind.FILE else None,
            mode=None if not mode else mode if kind is EntryKind.SPECIAL else stat_bits.S_IMODE(mode),
            uid=told.uid,
            gid=told.gid,
            atime_ns=told.atime_ns,
        )

    def at_key(self, key: str) -> "Member":
        """The same member under another name."""
        raw = encoded(key, folder=self.is_folder)
        flags = self.flags if raw.isascii() else self.flags | UTF8_NAME
        return replace(self, key=key, raw_name=raw, flags=flags, renamed=True)

    def changed(self, change: Attributes) -> "Member":
        """The same member with other attributes."""
        entry = self.entry()
        wanted = change.over(entry.attributes)
        kept = [_field(code, data) for code, data in fields_of(self.extra) if code not in _ATTRIBUTE_FIELDS]
        mode = self._unix_mode
        if wanted.mode is not None:
            mode = (stat_bits.S_IFMT(mode) or type_bits(entry.kind)) | stat_bits.S_IMODE(wanted.mode)
        return replace(
            self,
            made_by=UNIX << 8 | self.made_by & 0xFF,
            external=mode << 16 | self.external & 0xFFFF,
            extra=b"".join(kept) + extra_for(wanted),
            dos_time=self.dos_time if wanted.mtime_ns is None else to_dos(wanted.mtime_ns),
        )


def type_bits(kind: EntryKind) -> int:
    """The type bits of `st_mode` for a file, a folder or a symlink."""
    return {EntryKind.FOLDER: stat_bits.S_IFDIR, EntryKind.SYMLINK: stat_bits.S_IFLNK}.get(
        kind, stat_bits.S_IFREG
    )


def external_for(kind: EntryKind, mode: int | None) -> int:
    """The external attributes of a new member: Unix mode above, the DOS folder bit below."""
    default = {EntryKind.FOLDER: 0o755, EntryKind.SYMLINK: 0o777}.get(kind, 0o644)
    bits = type_bits(kind) | stat_bits.S_IMODE(default if mode is None else mode)
    return bits << 16 | (0x10 if kind is EntryKind.FOLDER else 0)


def encoded(key: str, *, folder: bool) -> bytes:
    """A key as the name of a member; InvalidPath for one that ZIP cannot hold."""
    try:
        raw = key.encode() + (b"/" if folder else b"")
    except UnicodeEncodeError as error:
        raise InvalidPath("a ZIP archive holds names in UTF-8 only", key) from error
    if not key:
        return b"./"
    if len(raw) > 0xFFFF:
        raise InvalidPath("a ZIP archive holds no name as long as this", key)
    return raw


def key_of(name: str) -> str | None:
    """The key that a member's name means; None where it would lead out of the mount or nowhere."""
    try:
        return paths.normalize(name)
    except InvalidPath:
        return None


def fields_of(extra: bytes) -> Iterator[tuple[int, bytes]]:
    """The fields of an extra block; what is cut off at its end is left out."""
    while len(extra) >= 4:
        code, size = struct.unpack_from("<HH", extra)
        if len(extra) < 4 + size:
            return
        yield code, extra[4 : 4 + size]
        extra = extra[4 + size :]


def without_zip64(extra: bytes) -> bytes:
    """An extra block without the sizes that do not fit into the record, which are written anew."""
    return b"".join(_field(code, data) for code, data in fields_of(extra) if code != _ZIP64)


def new_identity() -> bytes:
    """The field that makes the ETag of a new content differ from every other."""
    return _field(_IDENTITY, secrets.token_bytes(8))


def extra_for(attributes: Attributes) -> bytes:
    """Times and owner as other tools know them: NTFS times of 100 ns, Unix time, Unix owner."""
    fields = []
    mtime, atime = attributes.mtime_ns, attributes.atime_ns
    if mtime is not None:
        ticks = [_to_ntfs(mtime), _to_ntfs(mtime if atime is None else atime), _to_ntfs(mtime)]
        fields.append(_field(_NTFS_TIMES, struct.pack("<IHHQQQ", 0, 1, 24, *ticks)))
        if 0 <= mtime // 10**9 < 1 << 31:
            fields.append(_field(_UNIX_TIME, struct.pack("<Bi", 1, mtime // 10**9)))
    if attributes.uid is not None or attributes.gid is not None:
        owner = struct.pack("<BBIBI", 1, 4, attributes.uid or 0, 4, attributes.gid or 0)
        fields.append(_field(_UNIX_OWNER, owner))
    return b"".join(fields)


def attributes_in(extra: bytes) -> Attributes:
    """What an extra block tells of times and owner; fields of unknown shape are passed over."""
    told = Attributes()
    for code, data in fields_of(extra):
        if code == _NTFS_TIMES and len(data) >= 32 and data[4:8] == b"\1\0\x18\0":
            mtime, atime = struct.unpack_from("<QQ", data, 8)
            told = Attributes(mtime_ns=_from_ntfs(mtime), atime_ns=_from_ntfs(atime)).over(told)
        elif code == _UNIX_TIME and len(data) >= 5 and data[0] & 1:
            told = told.over(Attributes(mtime_ns=struct.unpack_from("<i", data, 1)[0] * 10**9))
        elif code == _UNIX_OWNER and len(data) >= 11 and data[:2] == b"\1\4" and data[6] == 4:
            uid, gid = struct.unpack_from("<IxI", data, 2)
            told = told.over(Attributes(uid=uid, gid=gid))
    return told


def to_dos(time_ns: int) -> int:
    """A time as DOS has it: local, in steps of two seconds, from 1980 to 2107."""
    local = time.localtime(min(max(time_ns // 10**9, 0), 1 << 34))
    year = min(max(local.tm_year, 1980), 2107)
    if year != local.tm_year:
        return (year - 1980) << 25 | 1 << 21 | 1 << 16
    date = (year - 1980) << 9 | local.tm_mon << 5 | local.tm_mday
    return date << 16 | local.tm_hour << 11 | local.tm_min << 5 | min(local.tm_sec, 59) // 2


def date_time_of(dos: int) -> tuple[int, int, int, int, int, int]:
    """Year to second of a DOS time."""
    date, clock = dos >> 16, dos & 0xFFFF
    return 1980 + (date >> 9), date >> 5 & 15, date & 31, clock >> 11, clock >> 5 & 63, (clock & 31) * 2


def _from_dos(packed: int) -> int | None:
    try:
        local = datetime(*date_time_of(packed))
    except ValueError:
        return None
    return int(local.timestamp()) * 10**9


def _to_ntfs(time_ns: int) -> int:
    return min(max(time_ns + _EPOCH_1601_NS, 0) // 100, (1 << 64) - 1)


def _from_ntfs(ticks: int) -> int:
    return ticks * 100 - _EPOCH_1601_NS


def _field(code: int, data: bytes) -> bytes:
    return struct.pack("<HH", code, len(data)) + data
