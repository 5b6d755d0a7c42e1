"""What is known of an entry, as fsspec's users look for it: a dict with `name`, `size`, `type` and more."""

from typing import Any

from vfs.engine import Entry, EntryKind

Details = dict[str, Any]

_TYPES = {
    EntryKind.FILE: "file",
    EntryKind.FOLDER: "directory",
    EntryKind.SYMLINK: "link",
    EntryKind.SPECIAL: "other",
}


def details(path: str, entry: Entry) -> Details:
    """The details of the entry at `path`: sizes in bytes, `mtime` in seconds since the epoch.

    What the storage does not know is left out.
    """
    more = {
        "mtime": None if entry.mtime_ns is None else entry.mtime_ns / 1e9,
        "ETag": entry.etag,
        "VersionId": entry.version_id,
        "ContentType": entry.content_type,
        "mode": entry.mode,
        "uid": entry.uid,
        "gid": entry.gid,
        "metadata": dict(entry.metadata) or None,
    }
    found: Details = {
        "name": path,
        "size": 0 if entry.is_folder else entry.size,
        "type": _TYPES[entry.kind],
        "islink": entry.kind is EntryKind.SYMLINK,
    }
    return found | {key: value for key, value in more.items() if value is not None}


def folder_details(path: str) -> Details:
    """Those of a folder of which nothing else is known."""
    return details(path, Entry("", EntryKind.FOLDER))
