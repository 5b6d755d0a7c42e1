"""What a driver tells of an entry, as an Entry; and ETags for storages that have none."""

import hashlib
import stat as stat_bits
import threading
from collections import OrderedDict
from collections.abc import Mapping
from dataclasses import replace
from datetime import UTC, datetime
from typing import Any

from vfs.engine.entries import Entry, EntryKind

_TIMES = ("mtime", "LastModified", "last_modified", "modified", "updated", "modify", "created")
_IDENTITIES = ("ETag", "etag", "md5Hash", "content_md5", "checksum", "sha", "generation", "version_id", "ino")
_FTP_TIME = "%Y%m%d%H%M%S"
_KEPT = 10_000


def entry_of(name: str, info: Mapping[str, Any]) -> Entry:
    """The entry for what `info` or `ls` gave; an ETag of everything in it that changes with the content."""
    if info.get("type") == "directory":
        return Entry(name, EntryKind.FOLDER, mtime_ns=_mtime_ns(info))
    size = info.get("size")
    return Entry(
        name,
        EntryKind.FILE,
        size=int(size) if size is not None else 0,
        mtime_ns=_mtime_ns(info),
        etag=_fingerprint(info),
        mode=stat_bits.S_IMODE(info["mode"]) if isinstance(info.get("mode"), int) else None,
        uid=info["uid"] if isinstance(info.get("uid"), int) else None,
        gid=info["gid"] if isinstance(info.get("gid"), int) else None,
    )


class Generations:
    """Tells files apart that a storage of coarse times cannot: same size, written in the same second.

    Only for what is written through this object, and for the last thousands of names.
    """

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._known: OrderedDict[str, tuple[str, int]] = OrderedDict()

    def of(self, key: str, entry: Entry) -> Entry:
        """The entry with the ETag of its generation."""
        if entry.etag is None:
            return entry
        with self._lock:
            known, number = self._known.get(key, ("", 0))
        return replace(entry, etag=f"{entry.etag}-{number}") if number and known == entry.etag else entry

    def written(self, key: str, old: Entry | None, new: Entry) -> None:
        """Take note that one file took the place of another; entries as the driver told them."""
        if new.etag is None:
            return
        with self._lock:
            known, number = self._known.pop(key, (old.etag if old else None, 0))
            self._known[key] = (new.etag, number + 1 if known == new.etag else 0)
            self._forget_oldest()

    def deleted(self, key: str, old: Entry) -> None:
        """Take note that a file is gone, which another may follow at once."""
        if old.etag is None:
            return
        with self._lock:
            known, number = self._known.pop(key, ("", 0))
            self._known[key] = (old.etag, number if known == old.etag else 0)
            self._forget_oldest()

    def _forget_oldest(self) -> None:
        if len(self._known) > _KEPT:
            self._known.popitem(last=False)


def name_in(info: Mapping[str, Any]) -> str:
    """The last part of the path that a driver gives an entry."""
    return str(info["name"]).rstrip("/").rpartition("/")[2]


def _fingerprint(info: Mapping[str, Any]) -> str:
    told = [f"{name}={info[name]}" for name in ("size", *_IDENTITIES) if info.get(name) is not None]
    told += [f"{name}={time_ns}" for name in _TIMES if (time_ns := _time_ns(info.get(name))) is not None]
    return hashlib.sha256("\n".join(told).encode(errors="surrogateescape")).hexdigest()[:24]


def _mtime_ns(info: Mapping[str, Any]) -> int | None:
    for name in _TIMES:
        if (found := _time_ns(info.get(name))) is not None:
            return found
    return None


def _time_ns(told: object) -> int | None:
    """A time as one driver or the other tells it: a number, an object, text of ISO 8601 or of FTP."""
    if isinstance(told, int | float):
        return round(told * 10**6) * 1000
    if isinstance(told, str):
        try:
            told = (
                datetime.strptime(told[:14], _FTP_TIME)
                if told[:14].isdigit()
                else datetime.fromisoformat(told)
            )
        except ValueError:
            return None
    if not isinstance(told, datetime):
        return None
    aware = told if told.tzinfo else told.replace(tzinfo=UTC)
    return int(aware.timestamp()) * 10**9 + aware.microsecond * 1000
