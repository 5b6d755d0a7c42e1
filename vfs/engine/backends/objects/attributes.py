"""POSIX attributes as user metadata, in the forms that s3fs-fuse and rclone read and write.

    mode    st_mode with its type bits, decimal (rclone --metadata writes octal: both are read)
    uid gid decimal
    mtime atime ctime    seconds since the epoch, with a fraction where there is one (RFC 3339 is read too)
    rdev    decimal; ours alone
    xattr   URL-encoded JSON of names to base64 values, s3fs-fuse's form

What no Linux file can have, numbers beyond 32 bits and seconds beyond 64, is as if it were not there: the
kernel would refuse the whole file.

A symlink is an object whose body is the target, as s3fs-fuse makes it.
"""

import base64
import binascii
import datetime
import json
import re
import stat as stat_bits
from collections.abc import Mapping
from email.errors import HeaderParseError
from email.header import decode_header, make_header
from types import MappingProxyType
from urllib.parse import quote, unquote

from vfs.engine.backends.objects.stored import KEPT_HEADERS, StoredObject
from vfs.engine.entries import NO_XATTRS, Attributes, Entry, EntryKind, kind_of_mode
from vfs.engine.errors import CapabilityNotSupported, InvalidPath

_NO_METADATA: Mapping[str, str] = MappingProxyType({})

XATTRS = "xattr"
"""The name of the user metadata that holds all extended attributes."""

RESERVED = frozenset({"mode", "uid", "gid", "mtime", "atime", "ctime", "btime", "rdev", XATTRS})
"""Names of user metadata that hold attributes, and are no user's."""

SYMLINK_MODE = stat_bits.S_IFLNK | 0o777

_TYPE_BITS = {EntryKind.FILE: stat_bits.S_IFREG, EntryKind.FOLDER: stat_bits.S_IFDIR}
_LARGEST_MODE = 0o177777
_LARGEST_ID = 0xFFFFFFFE
"""Of users and groups; one more is "nobody in particular" to chown(2). Device numbers have 32 bits, too."""

_LARGEST_SECONDS = (1 << 63) - 1
_NANO = 1_000_000_000
_DECIMAL = re.compile(r"(-?)([0-9]{1,19})(?:\.([0-9]*))?")
_NUMBER = re.compile(r"[0-9]{1,19}")
_RFC3339 = re.compile(r"(\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d)(?:\.(\d+))?(Z|[+-]\d\d:\d\d)")
_ENCODED = re.compile(r"=\?UTF-8\?B\?([A-Za-z0-9+/=]*)\?=")
_HEADER_NAME = re.compile(r"[a-z0-9_.-]+")


def encode(
    attributes: Attributes, kind: EntryKind, now_ns: int, *, type_bits: int | None = None
) -> dict[str, str]:
    """The metadata of a new entry; its times are `now_ns` where the attributes have none."""
    mtime = now_ns if attributes.mtime_ns is None else attributes.mtime_ns
    ctime = now_ns if attributes.ctime_ns is None else attributes.ctime_ns
    found = {"mtime": encode_time(mtime), "ctime": encode_time(ctime)}
    if attributes.atime_ns is not None:
        found["atime"] = encode_time(attributes.atime_ns)
    if attributes.mode is not None:
        bits = _TYPE_BITS[kind] if type_bits is None else type_bits
        found["mode"] = str(bits | stat_bits.S_IMODE(attributes.mode))
    if attributes.uid is not None:
        found["uid"] = str(attributes.uid)
    if attributes.gid is not None:
        found["gid"] = str(attributes.gid)
    if attributes.xattrs:
        found[XATTRS] = encode_xattrs(attributes.xattrs)
    return found


def changed(metadata: Mapping[str, str], change: Attributes, kind: EntryKind, now_ns: int) -> dict[str, str]:
    """Metadata with some attributes replaced; the type of an entry stays, and its ctime becomes `now_ns`."""
    old_mode = decode_mode(metadata.get("mode"))
    bits = stat_bits.S_IFMT(old_mode) if old_mode is not None else 0
    new = encode(change, kind, now_ns, type_bits=bits or _TYPE_BITS.get(kind, stat_bits.S_IFREG))
    if change.mtime_ns is None:
        del new["mtime"]
    kept = metadata if change.xattrs is None else {n: v for n, v in metadata.items() if n != XATTRS}
    return {**kept, **new}


def entry_of(name: str, stored: StoredObject, *, folder: bool = False) -> Entry:
    """The entry that an object stands for, its attributes read from the metadata."""
    metadata = stored.metadata
    mode = decode_mode(metadata.get("mode"))
    kind = EntryKind.FOLDER if folder else _kind_of(mode)
    permissions = None if mode is None else stat_bits.S_IMODE(mode)
    mtime = decode_time(metadata.get("mtime"))
    ctime = decode_time(metadata.get("ctime"))
    return Entry(
        name,
        kind,
        size=0 if folder else stored.size,
        mtime_ns=stored.modified_ns if mtime is None else mtime,
        etag=None if folder else stored.etag,
        version_id=stored.version_id,
        content_type=stored.content_type,
        metadata=user_metadata(metadata),
        mode=mode if kind is EntryKind.SPECIAL else permissions,
        uid=_decode_number(metadata.get("uid")),
        gid=_decode_number(metadata.get("gid")),
        atime_ns=decode_time(metadata.get("atime")),
        ctime_ns=stored.modified_ns if ctime is None else ctime,
        xattrs=decode_xattrs(metadata.get(XATTRS)),
        rdev=_decode_number(metadata.get("rdev")) or 0,
    )


def plain_entry_of(name: str, stored: StoredObject, *, folder: bool = False) -> Entry:
    """The entry of an object whose attributes are not looked at."""
    return Entry(
        name,
        EntryKind.FOLDER if folder else EntryKind.FILE,
        size=0 if folder else stored.size,
        mtime_ns=stored.modified_ns,
        etag=None if folder else stored.etag,
        version_id=stored.version_id,
        content_type=stored.content_type,
        metadata=user_metadata(stored.metadata),
        ctime_ns=stored.modified_ns,
    )


def _kind_of(mode: int | None) -> EntryKind:
    """A plain key is never a folder, whatever its metadata says."""
    if mode is None or not stat_bits.S_IFMT(mode) or stat_bits.S_ISDIR(mode):
        return EntryKind.FILE
    return kind_of_mode(mode)


def encode_time(ns: int) -> str:
    """`seconds.nanoseconds`, the fraction left out where it is zero."""
    seconds, fraction = divmod(abs(ns), _NANO)
    text = f"{seconds}.{fraction:09}" if fraction else str(seconds)
    return f"-{text}" if ns < 0 else text


def decode_time(text: str | None) -> int | None:
    """Nanoseconds since the epoch; None for what is no time."""
    if text is None:
        return None
    if number := _DECIMAL.fullmatch(text):
        seconds = int(number[2])
        ns = seconds * _NANO + _fraction_ns(number[3])
        return None if seconds >= _LARGEST_SECONDS else -ns if number[1] else ns
    date = _RFC3339.fullmatch(text)
    return None if date is None else _of_date(date)


def _of_date(date: re.Match[str]) -> int | None:
    zone = "+00:00" if date[3] == "Z" else date[3]
    try:
        told = datetime.datetime.fromisoformat(date[1] + zone)
    except ValueError:
        return None
    return int(told.timestamp()) * _NANO + _fraction_ns(date[2])


def _fraction_ns(digits: str | None) -> int:
    return int((digits or "")[:9].ljust(9, "0"))


def decode_mode(text: str | None) -> int | None:
    """st_mode from s3fs-fuse's decimal or rclone's octal form; None for what is neither."""
    if text is None or not _NUMBER.fullmatch(text):
        return None
    decimal = int(text)
    if decimal <= _LARGEST_MODE and _is_type(stat_bits.S_IFMT(decimal)):
        return decimal
    try:
        octal = int(text, 8)
    except ValueError:
        return None
    return octal if octal <= _LARGEST_MODE else None


def _is_type(bits: int) -> bool:
    return bits in {
        stat_bits.S_IFREG,
        stat_bits.S_IFDIR,
        stat_bits.S_IFLNK,
        stat_bits.S_IFIFO,
        stat_bits.S_IFSOCK,
        stat_bits.S_IFCHR,
        stat_bits.S_IFBLK,
    }


def _decode_number(text: str | None) -> int | None:
    if text is None or not _NUMBER.fullmatch(text):
        return None
    number = int(text)
    return number if number <= _LARGEST_ID else None


def encode_xattrs(xattrs: Mapping[str, bytes]) -> str:
    """The one metadata value that holds every extended attribute."""
    packed = {name: base64.b64encode(value).decode("ascii") for name, value in xattrs.items()}
    return quote(json.dumps(packed, separators=(",", ":")), safe="")


def decode_xattrs(text: str | None) -> Mapping[str, bytes]:
    """Extended attributes by name; none where the value is not of s3fs-fuse's form."""
    if not text:
        return NO_XATTRS
    try:
        packed = json.loads(unquote(text))
        return MappingProxyType({name: base64.b64decode(value) for name, value in packed.items()})
    except (ValueError, AttributeError, TypeError, RecursionError, binascii.Error):
        return NO_XATTRS


def encode_user_metadata(metadata: Mapping[str, str], key: str) -> dict[str, str]:
    """Metadata as header values: names in lower case, other than printable ASCII in RFC 2047's form.

    Raises InvalidPath for a name that no header can have, CapabilityNotSupported for one that is reserved.
    """
    found = {}
    for name, value in metadata.items():
        lowered = name.lower()
        if not _HEADER_NAME.fullmatch(lowered) or lowered in KEPT_HEADERS:
            raise InvalidPath(f"{name!r} cannot name metadata of an object", key)
        if lowered in RESERVED:
            raise CapabilityNotSupported(f"metadata {name!r} holds POSIX attributes here", key)
        found[lowered] = value if _is_plain(value) else _encode_words(value)
    return found


def _is_plain(value: str) -> bool:
    """Whether a header carries the value as it is, neither dropped nor trimmed on the way."""
    printable = bool(value) and value.isascii() and value.isprintable()
    return printable and value == value.strip() and not value.startswith("=?")


def _encode_words(value: str) -> str:
    return f"=?UTF-8?B?{base64.b64encode(value.encode()).decode('ascii')}?="


def user_metadata(metadata: Mapping[str, str]) -> Mapping[str, str]:
    """What users stored, decoded; what holds attributes is left out."""
    found = {name: _decode_words(value) for name, value in metadata.items() if name not in RESERVED}
    return MappingProxyType(found) if found else _NO_METADATA


def _decode_words(value: str) -> str:
    if not value.startswith("=?"):
        return value
    try:
        if ours := _ENCODED.fullmatch(value):
            return base64.b64decode(ours[1], validate=True).decode()
        return str(make_header(decode_header(value)))
    except (ValueError, LookupError, HeaderParseError):
        return value
