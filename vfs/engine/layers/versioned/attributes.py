"""Attributes and metadata of an old version, where its content is shared with others that have their own."""

import base64
import json
from collections.abc import Mapping
from typing import Any

from vfs.engine.entries import Attributes, Entry

_NUMBERS = ("mode", "uid", "gid", "atime_ns", "mtime_ns")


def differ(one: Entry, other: Entry) -> bool:
    """Whether two files of one content were given different things besides; times of reading do not count."""
    return _told(one) != _told(other)


def _told(entry: Entry) -> tuple[object, ...]:
    xattrs = dict(entry.xattrs or {})
    return (entry.mode, entry.uid, entry.gid, entry.mtime_ns, xattrs, dict(entry.metadata))


def encoded(entry: Entry) -> bytes:
    """The attributes and metadata of a file."""
    given = entry.attributes
    told: dict[str, Any] = {name: getattr(given, name) for name in _NUMBERS}
    if given.xattrs is not None:
        told["xattrs"] = {name: base64.b64encode(value).decode() for name, value in given.xattrs.items()}
    told["metadata"] = dict(entry.metadata)
    return json.dumps(told).encode()


def decoded(body: bytes) -> tuple[Mapping[str, str], Attributes]:
    """What `encoded` was given: metadata, attributes."""
    told = json.loads(body)
    xattrs = told.get("xattrs")
    if xattrs is not None:
        xattrs = {name: base64.b64decode(value) for name, value in xattrs.items()}
    return told["metadata"], Attributes(**{name: told[name] for name in _NUMBERS}, xattrs=xattrs)
