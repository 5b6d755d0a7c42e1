"""Live properties: what PROPFIND tells of an entry, as the text inside of XML elements."""

import logging
import re
from collections.abc import Callable, Mapping
from functools import cached_property

from vfs.dav.resources import type_of
from vfs.engine import Entry, FileTree, StorageError
from vfs.engine.serving.dates import http_date
from vfs.engine.serving.validators import validators_of

log = logging.getLogger("vfs")

Live = Callable[[Entry], str | None]

_NO_XML = re.compile("[^\t\n\r\x20-\ud7ff\ue000-\ufffd\U00010000-\U0010ffff]")
_PLAIN_TAG = re.compile(r"[A-Za-z0-9._:/+=-]+").fullmatch

SUPPORTED_LOCK = "".join(
    f"<D:lockentry><D:lockscope><D:{scope}/></D:lockscope><D:locktype><D:write/></D:locktype></D:lockentry>"
    for scope in ("exclusive", "shared")
)


def escaped(text: str) -> str:
    """Text as XML has it; what can be no character there is U+FFFD."""
    if not text.isascii() or not text.isprintable():
        text = _NO_XML.sub("\ufffd", text)
    return text.replace("&", "&amp;").replace("<", "&lt;").replace(">", "&gt;").replace("\r", "&#13;")


def _length(entry: Entry) -> str | None:
    return str(entry.size) if entry.is_file else None


def _etag(entry: Entry) -> str | None:
    """As the header has it, quotes and all."""
    if not entry.is_file:
        return None
    etag = entry.etag
    if etag is not None and _PLAIN_TAG(etag):
        return f'"{etag}"'
    tag = validators_of(entry).etag
    return None if tag is None else escaped(tag)


def _modified(entry: Entry) -> str | None:
    mtime_ns = entry.mtime_ns
    return None if mtime_ns is None else http_date(mtime_ns // 10**9)


def _type(entry: Entry) -> str | None:
    return escaped(type_of(entry.name, entry)) if entry.is_file else None


def _resource_type(entry: Entry) -> str:
    return "<D:collection/>" if entry.is_folder else ""


def _name(entry: Entry) -> str:
    return escaped(entry.name)


class Quota:
    """What a mount has room for, told of folders (RFC 4331); asked at most once, where it is wanted."""

    def __init__(self, tree: FileTree | None) -> None:
        self._tree = tree

    @cached_property
    def _space(self) -> tuple[int, int] | None:
        """Total and free bytes, where the storage has a limit to tell."""
        try:
            usage = None if self._tree is None else self._tree.space()
        except StorageError as error:
            log.info("no quota is told: %s", error)
            return None
        if usage is None or usage.total_bytes is None or usage.free_bytes is None:
            return None
        return usage.total_bytes, usage.free_bytes

    def available(self, entry: Entry) -> str | None:
        return str(self._space[1]) if entry.is_folder and self._space is not None else None

    def used(self, entry: Entry) -> str | None:
        if not entry.is_folder or self._space is None:
            return None
        return str(max(0, self._space[0] - self._space[1]))

    @property
    def properties(self) -> Mapping[str, Live]:
        return {"{DAV:}quota-available-bytes": self.available, "{DAV:}quota-used-bytes": self.used}


LIVE: Mapping[str, Live] = {
    "{DAV:}displayname": _name,
    "{DAV:}getcontentlength": _length,
    "{DAV:}getcontenttype": _type,
    "{DAV:}getetag": _etag,
    "{DAV:}getlastmodified": _modified,
    "{DAV:}resourcetype": _resource_type,
    "{urn:schemas-microsoft-com:}Win32LastModifiedTime": _modified,
    "{DAV:}supportedlock": lambda _: SUPPORTED_LOCK,
}
"""What there is of a property in an entry; None, the entry has none. Locks are told by who keeps them."""

ALLPROP = ("{DAV:}getcontentlength", "{DAV:}getetag", "{DAV:}getlastmodified", "{DAV:}resourcetype")
"""What clients that name nothing get: each byte more, and Windows shows fewer files of a big folder."""
