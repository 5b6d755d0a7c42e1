"""The storage that this process means where none is named: what `vfs://` URLs stand for."""

import weakref
from typing import TypeVar

from vfs.engine import StorageManager

StorageT = TypeVar("StorageT", bound=StorageManager)

_current: weakref.ref[StorageManager] | None = None


def use(storage: StorageT) -> StorageT:
    """Make this the storage of `vfs://` URLs, in all threads, until it is closed or another is; the storage.

    It is not kept alive by that.
    """
    global _current
    _current = weakref.ref(storage)
    return storage


def current_storage() -> StorageManager | None:
    """The storage in use, or None where there is none, or it is closed."""
    storage = None if _current is None else _current()
    return None if storage is None or storage.closed else storage
