"""Attributes given to what is made or changed here, and the times that go with that."""

import time
from dataclasses import replace

from vfs.engine.entries import Attributes, Entry


def fresh(attributes: Attributes | None) -> Attributes:
    """Attributes of something made now."""
    return (attributes or Attributes()).over(Attributes(mtime_ns=time.time_ns()))


def with_attributes(entry: Entry, change: Attributes) -> Entry:
    """The entry with these attributes, its ctime moved to now if they do not tell it."""
    return replace(
        entry,
        mode=entry.mode if change.mode is None else change.mode,
        uid=entry.uid if change.uid is None else change.uid,
        gid=entry.gid if change.gid is None else change.gid,
        atime_ns=entry.atime_ns if change.atime_ns is None else change.atime_ns,
        mtime_ns=entry.mtime_ns if change.mtime_ns is None else change.mtime_ns,
        xattrs=entry.xattrs if change.xattrs is None else change.xattrs,
        ctime_ns=time.time_ns() if change.ctime_ns is None else change.ctime_ns,
    )
