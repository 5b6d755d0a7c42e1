"""A SQLite file used from any thread: a connection for each reader, one writer at a time, our errors."""

import collections
import contextlib
import errno
import fcntl
import os
import sqlite3
import threading
import time
from collections.abc import Iterator

from vfs.engine.backends.sqlite import schema
from vfs.engine.errors import (
    BackendUnavailable,
    ConfigError,
    PermissionDenied,
    ResourceLocked,
    StorageError,
    from_os_error,
)
from vfs.engine.private_files import make_private

_IDLE_CONNECTIONS = 8

_PRAGMAS = (
    # A commit is on the disk when it returns, also if the power goes.
    "PRAGMA synchronous = FULL",
    "PRAGMA journal_size_limit = 67108864",
)

_TRANSLATED: dict[int, tuple[type[StorageError], int]] = {
    sqlite3.SQLITE_BUSY: (ResourceLocked, errno.EBUSY),
    sqlite3.SQLITE_LOCKED: (ResourceLocked, errno.EBUSY),
    sqlite3.SQLITE_FULL: (StorageError, errno.ENOSPC),
    sqlite3.SQLITE_READONLY: (PermissionDenied, errno.EROFS),
    sqlite3.SQLITE_PERM: (PermissionDenied, errno.EACCES),
    sqlite3.SQLITE_CANTOPEN: (BackendUnavailable, errno.EIO),
    sqlite3.SQLITE_TOOBIG: (StorageError, errno.EFBIG),
}


class Database:
    """The file, and its connections. Raises ConfigError when it cannot be this mount's database."""

    def __init__(self, path: str, timeout: float) -> None:
        self.path = path
        self._timeout = timeout
        self._idle: collections.deque[sqlite3.Connection] = collections.deque()
        self._writing = threading.Lock()
        self._closed = False
        _make(path)
        with _our_errors(path), contextlib.closing(self._open()) as connection:
            schema.prepare(connection, path, time.time_ns())
        self._presence = _Presence(f"{path}-lock")

    @property
    def found_alone(self) -> bool:
        """True when no other process had the file open as this one came: what is unfinished has no owner."""
        return self._presence.found_alone

    def close(self) -> None:
        self._closed = True
        with contextlib.suppress(IndexError):
            while True:
                self._idle.pop().close()
        self._presence.close()

    @contextlib.contextmanager
    def reading(self, key: str) -> Iterator[sqlite3.Connection]:
        """A connection that sees one moment of the tree, however long the block takes."""
        with _our_errors(key), self._borrowed(key) as connection:
            connection.execute("BEGIN")
            try:
                yield connection
            finally:
                connection.execute("ROLLBACK")

    @contextlib.contextmanager
    def writing(self, key: str) -> Iterator[sqlite3.Connection]:
        """A connection in a transaction: committed by leaving the block, undone by an exception."""
        # SQLite makes a writer wait by sleeping and trying again: among our own threads a lock is fairer.
        with _our_errors(key), self._writing, self._borrowed(key) as connection:
            connection.execute("BEGIN IMMEDIATE")
            try:
                yield connection
                connection.execute("COMMIT")
            except BaseException:
                if connection.in_transaction:
                    connection.execute("ROLLBACK")
                raise

    @contextlib.contextmanager
    def _borrowed(self, key: str) -> Iterator[sqlite3.Connection]:
        if self._closed:
            raise StorageError("the database was closed", key, errno=errno.EBADF)
        try:
            connection = self._idle.pop()
        except IndexError:
            connection = self._connect()
        try:
            yield connection
        finally:
            if self._closed or len(self._idle) >= _IDLE_CONNECTIONS:
                connection.close()
            else:
                self._idle.append(connection)

    def _connect(self) -> sqlite3.Connection:
        connection = self._open()
        for pragma in _PRAGMAS:
            connection.execute(pragma)
        return connection

    def _open(self) -> sqlite3.Connection:
        return sqlite3.connect(
            self.path, timeout=self._timeout, isolation_level=None, check_same_thread=False
        )


class _Presence:
    """A lock file shared by every process that uses the database; the kernel lets go when one dies."""

    def __init__(self, path: str) -> None:
        # Beside the database and not in it: closing any descriptor of it would drop SQLite's own locks.
        self._descriptor = os.open(path, os.O_RDWR | os.O_CREAT | os.O_CLOEXEC, 0o600)
        try:
            fcntl.flock(self._descriptor, fcntl.LOCK_EX | fcntl.LOCK_NB)
            self.found_alone = True
        except BlockingIOError:
            self.found_alone = False
        fcntl.flock(self._descriptor, fcntl.LOCK_SH)

    def close(self) -> None:
        descriptor, self._descriptor = self._descriptor, -1
        if descriptor >= 0:
            os.close(descriptor)


def _make(path: str) -> None:
    """Make the file if it is missing, for its owner only."""
    try:
        make_private(path)
    except FileNotFoundError:
        raise ConfigError(f"{path} cannot be made: its folder does not exist") from None
    except OSError as error:
        raise from_os_error(error, path) from error
    if os.path.isdir(path):
        raise ConfigError(f"{path} is a folder, not an SQLite database")
    if not os.access(path, os.R_OK | os.W_OK):
        raise PermissionDenied("this user may not read and write it", path)


@contextlib.contextmanager
def _our_errors(key: str) -> Iterator[None]:
    try:
        yield
    except sqlite3.Error as error:
        # The lowest byte is the kind of failure; the rest tells its place.
        code = getattr(error, "sqlite_errorcode", sqlite3.SQLITE_ERROR) & 0xFF
        kind, number = _TRANSLATED.get(code, (StorageError, errno.EIO))
        raise kind(f"SQLite: {error}", key, errno=number) from error
    except OverflowError as error:
        raise StorageError("a number is beyond what SQLite can store", key, errno=errno.EOVERFLOW) from error
