"""Live properties: what PROPFIND tells of an entry, as the text inside of XML elements."""

import re
import time
from collections.abc import Callable, Mapping
from functools import lru_cache

from vfs.dav.resources import type_of
from vfs.engine import Entry, FileTree, StorageError
from vfs.engine.serving.validators import validators_of

_NO_XML = re.compile("[^\t\n\r\x20-\ud7ff\ue000-\ufffd\U00010000-\U0010ffff]")
_PLAIN_TAG = re.compile(r"[A-Za-z0-9._:/+=-]+")
_DAYS = ("Mon", "Tue", "Wed", "Thu", "Fri", "Sat", "Sun")
_MONTHS = ("Jan", "Feb", "Mar", "Apr", "May", "Jun", "Jul", "Aug", "Sep", "Oct", "Nov", "Dec")

SUPPORTED_LOCK = "".join(
    f"<D:lockentry><D:lockscope><D:{scope}/></D:lockscope><D:locktype><D:write/></D:locktype></D:lockentry>"
    for scope in ("exclusive", "shared")
)


class Subject:
    """One entry that is told of, with the mount it lies in; the folder of all mounts has none."""

    __slots__ = ("entry", "tree")

    def __init__(self, entry: Entry, tree: FileTree | None) -> None:
        self.entry = entry
        self.tree = tree


def escaped(text: str) -> str:
    """Text as XML has it; what can be no character there is U+FFFD."""
    if not text.isascii() or not text.isprintable():
        text = _NO_XML.sub("\ufffd", text)
    return text.replace("&", "&amp;").replace("<", "&lt;").replace(">", "&gt;").replace("\r", "&#13;")


def etag_of(entry: Entry) -> str | None:
    """As the header has it, quotes and all."""
    if entry.etag is not None and _PLAIN_TAG.fullmatch(entry.etag):
        return f'"{entry.etag}"'
    return validators_of(entry).etag


@lru_cache(4096)
def http_date(seconds: int) -> str:
    """A date of RFC 9110, three times as fast as the standard library's."""
    at = time.gmtime(seconds)
    return (
        f"{_DAYS[at.tm_wday]}, {at.tm_mday:02} {_MONTHS[at.tm_mon - 1]} {at.tm_year:04}"
        f" {at.tm_hour:02}:{at.tm_min:02}:{at.tm_sec:02} GMT"
    )


def _length(subject: Subject) -> str | None:
    entry = subject.entry
    return str(entry.size) if entry.is_file else None


def _etag(subject: Subject) -> str | None:
    tag = etag_of(subject.entry) if subject.entry.is_file else None
    return None if tag is None else tag.replace("&", "&amp;").replace("<", "&lt;").replace(">", "&gt;")


def _modified(subject: Subject) -> str | None:
    mtime_ns = subject.entry.mtime_ns
    return None if mtime_ns is None else http_date(mtime_ns // 10**9)


def _type(subject: Subject) -> str | None:
    entry = subject.entry
    return escaped(type_of(entry.name, entry)) if entry.is_file else None


def _resource_type(subject: Subject) -> str:
    return "<D:collection/>" if subject.entry.is_folder else ""


def _name(subject: Subject) -> str:
    return escaped(subject.entry.name)


def _available(subject: Subject) -> str | None:
    space = _space(subject)
    return None if space is None else str(space[1])


def _used(subject: Subject) -> str | None:
    space = _space(subject)
    return None if space is None else str(max(0, space[0] - space[1]))


def _space(subject: Subject) -> tuple[int, int] | None:
    """Total and free bytes of a folder's mount, where the storage has a limit to tell."""
    if subject.tree is None or not subject.entry.is_folder:
        return None
    try:
        usage = subject.tree.space()
    except StorageError:
        return None  # not known now: a quota is no reason to refuse a listing
    if usage.total_bytes is None or usage.free_bytes is None:
        return None
    return usage.total_bytes, usage.free_bytes


LIVE: Mapping[str, Callable[[Subject], str | None]] = {
    "{DAV:}displayname": _name,
    "{DAV:}getcontentlength": _length,
    "{DAV:}getcontenttype": _type,
    "{DAV:}getetag": _etag,
    "{DAV:}getlastmodified": _modified,
    "{DAV:}resourcetype": _resource_type,
    "{DAV:}supportedlock": lambda _: SUPPORTED_LOCK,
    "{DAV:}quota-available-bytes": _available,
    "{DAV:}quota-used-bytes": _used,
}
"""What there is of a property in an entry; None, the entry has none. Locks are told by who keeps them."""

ALLPROP = ("{DAV:}getcontentlength", "{DAV:}getetag", "{DAV:}getlastmodified", "{DAV:}resourcetype")
"""What clients that name nothing get: each byte more, and Windows shows fewer files of a big folder."""

FOLDERS_ONLY = frozenset({"{DAV:}quota-available-bytes", "{DAV:}quota-used-bytes"})
