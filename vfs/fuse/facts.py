"""What vfs knows of a file besides its attributes, as extended attributes that nobody stores.

They answer who asks by name and are in no list of names: `cp -a`, `rsync -X` and `tar --xattrs` copy what is
listed, and these are of one file in one place. Network file systems with such attributes do the same.
"""

import errno
import os
from collections.abc import Callable, Mapping

from vfs.engine import Entry, EntryKind, FileTree, KeepsVersions, NotFound, SendState


def fact(tree: FileTree, key: str, kind: EntryKind, name: bytes) -> bytes:
    """The value of one of `FACTS`. Raises NotFound (ENODATA) where there is none, and for what is no file."""
    found = FACTS[name](tree, key) if kind is EntryKind.FILE else None
    if found is None:
        raise NotFound(f"there is no {os.fsdecode(name)} here", key, errno=errno.ENODATA)
    return os.fsencode(found)


def _state(tree: FileTree, key: str) -> str:
    return str(tree.progress(key))


def _etag(tree: FileTree, key: str) -> str | None:
    entry = _stored(tree, key)
    return None if entry is None else entry.etag


def _version(tree: FileTree, key: str) -> str | None:
    """One request where the store keeps versions and no answer of it has told this one."""
    entry = _stored(tree, key)
    if entry is None:
        return None
    if entry.version_id is not None:
        return entry.version_id
    keeps = tree.backend.ability(KeepsVersions)
    versions = () if keeps is None else keeps.list_versions(key)
    return next((version.id for version in reversed(versions) if version.is_latest), None)


def _stored(tree: FileTree, key: str) -> Entry | None:
    """The entry, where the store has what the file holds."""
    return tree.stat(key) if tree.progress(key).state is SendState.SENT else None


FACTS: Mapping[bytes, Callable[[FileTree, str], str | None]] = {
    b"user.vfs.version": _version,
    b"user.vfs.etag": _etag,
    b"user.vfs.state": _state,
}
