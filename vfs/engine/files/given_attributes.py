"""Attributes given to what is made or changed here, and the times that go with that."""

import stat as stat_bits
import time
from dataclasses import replace
from typing import TYPE_CHECKING

from vfs.engine import paths
from vfs.engine.entries import Attributes, Entry

if TYPE_CHECKING:
    from vfs.engine.files.tree import FileTree


def fresh(attributes: Attributes | None) -> Attributes:
    """Attributes of something made now."""
    return (attributes or Attributes()).over(Attributes(mtime_ns=time.time_ns()))


def inherited(
    tree: "FileTree", key: str, attributes: Attributes | None, *, to_folder: bool = False
) -> Attributes | None:
    """Attributes of what is made in a set-group-ID folder: its group, and for a folder that bit too.

    Only where an owner is given: who writes without one should not pay for looking.
    """
    folder = paths.parent(key)
    if attributes is None or attributes.gid is None or not folder:
        return attributes
    above = tree.stat(folder)
    if not (above.mode or 0) & stat_bits.S_ISGID:
        return attributes
    mode = (attributes.mode or 0o755) | stat_bits.S_ISGID if to_folder else attributes.mode
    return replace(attributes, gid=above.gid, mode=mode)


def with_attributes(entry: Entry, change: Attributes) -> Entry:
    """The entry with these attributes, its ctime moved to now if they do not tell it."""
    return replace(entry, **{"ctime_ns": time.time_ns(), **change.given})
