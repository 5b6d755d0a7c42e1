"""Opening what WebDAV keeps beside the storage, where its settings say; also for who looks after it."""

import os
from collections.abc import Iterator
from contextlib import closing, contextmanager
from dataclasses import dataclass

from vfs.config.webdav import WebDAVSettings
from vfs.dav.state.locks import LockTable
from vfs.dav.state.locks_sqlite import SqliteLocks
from vfs.dav.state.properties import PropertyStore
from vfs.engine import ConfigError


@dataclass(frozen=True, slots=True)
class KeptState:
    """Locks and dead properties, open."""

    locks: LockTable
    properties: PropertyStore


@contextmanager
def kept_state(settings: WebDAVSettings) -> Iterator[KeptState]:
    """Locks and properties while they are needed. Raises ConfigError, StorageError."""
    with closing(open_locks(settings)) as locks, closing(open_properties(settings)) as properties:
        yield KeptState(locks, properties)


def open_locks(settings: WebDAVSettings) -> LockTable:
    """The locks that were granted, to be looked at and broken: `drop` takes one from whoever holds it."""
    if settings.locks is None:
        return SqliteLocks(os.path.join(_folder(settings), "locks.db"))
    from vfs.dav.state.locks_redis import RedisLocks

    return RedisLocks(settings.locks.get_secret_value())


def open_properties(settings: WebDAVSettings) -> PropertyStore:
    """The dead properties of all paths."""
    return PropertyStore(os.path.join(_folder(settings), "properties.db"))


def _folder(settings: WebDAVSettings) -> str:
    if settings.state is None:
        raise ConfigError("webdav: state: is required; `Configuration.served` fills it in")
    return os.fspath(settings.state)
