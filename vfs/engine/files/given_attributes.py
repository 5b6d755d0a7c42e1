"""Attributes given to what is made or changed here, and the times that go with that."""

import time
from dataclasses import replace

from vfs.engine.entries import Attributes, Entry


def fresh(attributes: Attributes | None) -> Attributes:
    """Attributes of something made now."""
    return (attributes or Attributes()).over(Attributes(mtime_ns=time.time_ns()))


def with_attributes(entry: Entry, change: Attributes) -> Entry:
    """The entry with these attributes, its ctime moved to now if they do not tell it."""
    return replace(entry, **{"ctime_ns": time.time_ns(), **change.given})
