"""SqliteBackend: files, folders and their attributes in one database file."""

import builtins
import errno
import json
import os
import secrets
import sqlite3
from collections.abc import Iterable, Iterator, Mapping

from pydantic import BaseModel

from vfs.engine import paths
from vfs.engine.backend import Backend, Buffer, Source
from vfs.engine.backends.sqlite import blobs, tree
from vfs.engine.backends.sqlite.database import Database
from vfs.engine.backends.sqlite.extras import SqliteExtras
from vfs.engine.backends.sqlite.tree import Row
from vfs.engine.capabilities import READING, WRITING, Capability
from vfs.engine.entries import Attributes, Entry, EntryKind, SpaceUsage, WriteResult
from vfs.engine.errors import (
    AlreadyExists,
    CapabilityNotSupported,
    Conflict,
    DirectoryNotEmpty,
    InvalidPath,
    IsADirectory,
    NotADirectory,
    PermissionDenied,
)
from vfs.engine.option_types import Duration, LocalPath
from vfs.engine.originals import OwnOriginals


class SqliteOptions(BaseModel, frozen=True, extra="forbid"):
    """Which file, made if it is missing; and how long to wait for another process that is writing."""

    path: LocalPath
    timeout: Duration = 30.0


class SqliteBackend(SqliteExtras, OwnOriginals, Backend):
    """A tree in one SQLite file.

    Every act is one transaction, durable when the call returns. The bytes of a big file arrive in many,
    under nobody's name, and are published by the last. Several processes may use one file. It never
    shrinks: the room of what was removed is used again.
    """

    def __init__(self, options: SqliteOptions) -> None:
        self.location = f"sqlite://{os.path.realpath(options.path)}"
        self._database = Database(str(options.path), options.timeout)
        if self._database.found_alone:
            blobs.remove_leftovers(self._database)

    @property
    def capabilities(self) -> frozenset[Capability]:
        return (READING | WRITING) | {
            Capability.ATOMIC_WRITE,
            Capability.ATOMIC_MOVE,
            Capability.CONDITIONAL_WRITE,
            Capability.POSIX_ATTRIBUTES,
            Capability.SYMLINKS,
            Capability.USER_METADATA,
            Capability.WRITE_RESULT_NATIVE,
        }

    def close(self) -> None:
        self._database.close()

    def stat(self, key: str) -> Entry:
        paths.check_key(key)
        with self._database.reading(key) as connection:
            return tree.told(connection, tree.existing(connection, key))

    def list(self, key: str) -> Iterator[Entry]:
        paths.check_key(key)
        with self._database.reading(key) as connection:
            folder = tree.existing_folder(connection, key).id
        return (entry for _, entry in self._children(key, folder))

    def sweep(self, key: str) -> Iterator[tuple[str, Entry]]:
        paths.check_key(key)
        with self._database.reading(key) as connection:
            folders = [(key, tree.existing_folder(connection, key).id)]
        while folders:
            above, folder = folders.pop()
            for row, entry in self._children(above, folder):
                below = paths.join(above, entry.name)
                yield below, entry
                if row.is_folder:
                    folders.append((below, row.id))

    def read(
        self,
        key: str,
        start: int = 0,
        end: int | None = None,
        *,
        version: str | None = None,
        if_match: str | None = None,
    ) -> Buffer:
        paths.check_key(key)
        with self._database.reading(key) as connection:
            row = tree.existing_file(connection, key)
            if version is not None:
                raise CapabilityNotSupported("SQLite mounts keep no old versions", key)
            _check_match(row, if_match, key)
            stop = row.size if end is None else min(end, row.size)
            assert row.blob is not None
            return blobs.read_range(connection, row.blob, start, stop, key)

    def write(
        self,
        key: str,
        source: Source,
        *,
        overwrite: bool = True,
        if_match: str | None = None,
        metadata: Mapping[str, str] | None = None,
        attributes: Attributes | None = None,
    ) -> WriteResult:
        paths.check_key(key)
        with self._database.reading(key) as connection:
            _check_writable(connection, key, overwrite, if_match)
        arrival = blobs.Arrival(self._database, key)
        try:
            arrival.receive(source)
            with self._database.writing(key) as connection:
                old = _check_writable(connection, key, overwrite, if_match)
                blob = arrival.store(connection)
                result, dropped = _publish(
                    connection,
                    key,
                    old,
                    attributes or Attributes(),
                    blob=blob,
                    size=arrival.size,
                    metadata=json.dumps(dict(metadata or {})),
                )
        except BaseException:
            arrival.discard()
            raise
        self._remove(dropped)
        return result

    def copy(self, source: str, target: str, *, overwrite: bool = True) -> WriteResult:
        paths.check_key(source)
        paths.check_key(target)
        with self._database.writing(source) as connection:
            row = tree.existing_file(connection, source)
            old = _check_writable(connection, target, overwrite, None)
            if source == target:
                return WriteResult(target, row.size, row.etag, mtime_ns=row.mtime_ns)
            result, dropped = _publish(
                connection,
                target,
                old,
                tree.told(connection, row).attributes,
                blob=row.blob,
                size=row.size,
                metadata=row.metadata,
            )
        self._remove(dropped)
        return result

    def delete(self, key: str, *, if_match: str | None = None) -> None:
        paths.check_key(key)
        with self._database.writing(key) as connection:
            row = tree.existing(connection, key)
            if row.is_folder:
                raise IsADirectory(path=key)
            _check_match(row, if_match, key)
            dropped = _remove_entry(connection, row)
        self._remove(dropped)

    def delete_many(self, keys: Iterable[str]) -> None:
        wanted = builtins.list(keys)
        for key in wanted:
            paths.check_key(key)
        dropped = []
        with self._database.writing(wanted[0] if wanted else "") as connection:
            for key in wanted:
                row = tree.find(connection, key)
                if row is not None and row.is_folder:
                    raise IsADirectory(path=key)
                if row is not None:
                    dropped.append(_remove_entry(connection, row))
        for blob in dropped:
            self._remove(blob)

    def make_directory(self, key: str, *, attributes: Attributes | None = None) -> Entry:
        return self._make(key, EntryKind.FOLDER, attributes)

    def remove_directory(self, key: str) -> None:
        paths.check_key(key)
        with self._database.writing(key) as connection:
            row = tree.existing_folder(connection, key)
            if not key:
                raise PermissionDenied("the root cannot be removed", key, errno=errno.EBUSY)
            if tree.has_children(connection, row.id):
                raise DirectoryNotEmpty(path=key)
            tree.remove(connection, row)

    def move(self, source: str, target: str, *, overwrite: bool = True, exchange: bool = False) -> None:
        paths.check_key(source)
        paths.check_key(target)
        dropped = None
        with self._database.writing(source) as connection:
            row = tree.existing(connection, source)
            if not source or paths.is_below(target, source) or (exchange and paths.is_below(source, target)):
                raise InvalidPath("a folder cannot be moved below itself", target)
            if exchange:
                _exchange(connection, row, tree.existing(connection, target))
                return
            taken = tree.find(connection, target)
            if taken is not None:
                _check_replaceable(connection, row, taken, target, overwrite)
                if taken.id == row.id:
                    return
                dropped = _remove_entry(connection, taken)
            folder = tree.folder_for(connection, target)
            _put(connection, row.id, folder, os.fsencode(paths.name_of(target)))
            tree.touch(connection, row.parent or folder)
        self._remove(dropped)

    def space(self) -> SpaceUsage:
        usage = os.statvfs(self._database.path)
        return SpaceUsage(usage.f_blocks * usage.f_frsize, usage.f_bavail * usage.f_frsize)

    def ping(self) -> None:
        self.stat("")

    def _children(self, key: str, folder: int) -> Iterator[tuple[Row, Entry]]:
        """What is in a folder, a page at a time; no connection is held between pages."""
        last = b""
        while True:
            with self._database.reading(key) as connection:
                page = tree.page(connection, folder, last)
            yield from page
            if len(page) < tree.PAGE:
                return
            last = page[-1][0].name

    def _remove(self, blob: int | None) -> None:
        """Remove a big blob that the last transaction left without an entry."""
        if blob is not None:
            blobs.remove_unused(self._database, blob)


def _check_match(row: Row, if_match: str | None, key: str) -> None:
    if if_match is not None and row.etag != if_match:
        raise Conflict("the file is another one now", key)


def _check_writable(
    connection: sqlite3.Connection, key: str, overwrite: bool, if_match: str | None
) -> Row | None:
    """What a file written here would replace; raises where it may not."""
    row = tree.find(connection, key)
    if row is None:
        tree.check_above(connection, key)
        if if_match is not None:
            raise Conflict("the file is gone", key)
        return None
    if row.is_folder:
        raise IsADirectory(path=key)
    if not overwrite:
        raise AlreadyExists(path=key)
    _check_match(row, if_match, key)
    return row


def _check_replaceable(
    connection: sqlite3.Connection, row: Row, taken: Row, target: str, overwrite: bool
) -> None:
    if not overwrite:
        raise AlreadyExists(path=target)
    if taken.is_folder and not row.is_folder:
        raise IsADirectory(path=target)
    if row.is_folder and not taken.is_folder:
        raise NotADirectory(path=target)
    if taken.id != row.id and tree.has_children(connection, taken.id):
        raise DirectoryNotEmpty(path=target)


def _publish(
    connection: sqlite3.Connection,
    key: str,
    old: Row | None,
    attributes: Attributes,
    *,
    blob: int | None,
    size: int,
    metadata: str,
) -> tuple[WriteResult, int | None]:
    """Put a file in the place of the old entry; with it, the blob that is still to be removed."""
    dropped = None if old is None else _remove_entry(connection, old)
    # Random, since a cache on disk outlives a database that is deleted and begun again.
    etag = secrets.token_hex(12)
    added = tree.insert(
        connection, key, EntryKind.FILE, attributes, blob=blob, size=size, etag=etag, metadata=metadata
    )
    mtime_ns, ctime_ns = connection.execute(
        "SELECT mtime_ns, ctime_ns FROM entry WHERE id = ?", (added,)
    ).fetchone()
    return WriteResult(key, size, etag, mtime_ns=mtime_ns, ctime_ns=ctime_ns), dropped


def _remove_entry(connection: sqlite3.Connection, row: Row) -> int | None:
    """Remove an entry, and its content if that is quick; else the blob that is still to be removed."""
    tree.remove(connection, row)
    if row.blob is None or blobs.remove_if_small(connection, row.blob, row.size):
        return None
    return row.blob


def _exchange(connection: sqlite3.Connection, one: Row, other: Row) -> None:
    # Names are unique in their folder at every step: one of the two waits outside.
    tree.update(connection, one.id, parent=None)
    _put(connection, other.id, one.parent, one.name)
    _put(connection, one.id, other.parent, other.name)


def _put(connection: sqlite3.Connection, id: int, folder: int | None, name: bytes) -> None:
    tree.update(connection, id, parent=folder, name=name)
    if folder is not None:
        tree.touch(connection, folder)
