"""Contents of files in chunks: arriving unseen, read by ranges, removed a little at a time."""

import errno
import sqlite3

from vfs.engine.backend import Buffer, Source
from vfs.engine.backends.sqlite.database import Database
from vfs.engine.errors import StorageError
from vfs.engine.sources import chunks

CHUNK = 1 << 18
"""Bytes in a chunk; the last of a blob may be smaller."""

_BATCH = 16
"""Chunks that one transaction writes: what a writer holds in memory."""

_REMOVED = 256
"""Chunks that one transaction removes: what other writers wait for."""

SMALL = CHUNK * _BATCH
"""Bytes of a blob that can be removed in the transaction that has other things to do."""


class Arrival:
    """The content of one file on its way in. Nothing refers to it until its entry does."""

    def __init__(self, database: Database, key: str) -> None:
        self._database = database
        self._key = key
        self._blob: int | None = None
        self._stored = 0
        self._pending: list[bytes] = []
        self.size = 0

    def receive(self, source: Source) -> None:
        """Take a whole source; all but its last few chunks go to the database at once."""
        for chunk in chunks(source, CHUNK):
            if len(self._pending) == _BATCH:
                with self._database.writing(self._key) as connection:
                    self.store(connection)
            self._pending.append(chunk)
            self.size += len(chunk)

    def store(self, connection: sqlite3.Connection) -> int:
        """Write what is still pending, and give the blob; part of the caller's transaction."""
        if self._blob is None:
            self._blob = connection.execute("INSERT INTO blob DEFAULT VALUES").lastrowid
        assert self._blob is not None
        connection.executemany(
            "INSERT INTO chunk (blob, number, data) VALUES (?, ?, ?)",
            ((self._blob, number, data) for number, data in enumerate(self._pending, self._stored)),
        )
        self._stored += len(self._pending)
        self._pending.clear()
        return self._blob

    def discard(self) -> None:
        """Remove what was stored, if no entry refers to it."""
        if self._blob is not None:
            remove_unused(self._database, self._blob)


def read_range(connection: sqlite3.Connection, blob: int, start: int, end: int, key: str) -> Buffer:
    """The bytes of [start, end), which must lie within the blob; only the chunks touched are read."""
    if start >= end:
        return b""
    first, last = start // CHUNK, (end - 1) // CHUNK
    rows = connection.execute(
        "SELECT number, data FROM chunk WHERE blob = ? AND number BETWEEN ? AND ? ORDER BY number",
        (blob, first, last),
    )
    found = bytearray()
    for number, data in rows:
        offset = number * CHUNK
        view = memoryview(data)[max(0, start - offset) : end - offset]
        if first == last:
            return view
        found += view
    if len(found) != end - start:
        raise StorageError("the database has lost a part of this file", key, errno=errno.EIO)
    return found


def remove_if_small(connection: sqlite3.Connection, blob: int, size: int) -> bool:
    """Remove a blob that nobody refers to any more, here and now if that is quick; False when it is not."""
    if _is_used(connection, blob):
        return True
    if size > SMALL:
        return False
    connection.execute("DELETE FROM chunk WHERE blob = ?", (blob,))
    connection.execute("DELETE FROM blob WHERE id = ?", (blob,))
    return True


def remove_unused(database: Database, blob: int) -> None:
    """Remove a blob that nobody refers to, in transactions so short that writers hardly wait."""
    removed = _REMOVED
    while removed == _REMOVED:
        with database.writing("") as connection:
            if _is_used(connection, blob):
                return
            removed = connection.execute(
                "DELETE FROM chunk WHERE rowid IN (SELECT rowid FROM chunk WHERE blob = ? LIMIT ?)",
                (blob, _REMOVED),
            ).rowcount
            if removed < _REMOVED:
                connection.execute("DELETE FROM blob WHERE id = ?", (blob,))


def remove_leftovers(database: Database) -> None:
    """Remove the blobs that a crash left without an entry; only while no other process is writing."""
    with database.reading("") as connection:
        left = connection.execute(
            "SELECT id FROM blob WHERE NOT EXISTS (SELECT 1 FROM entry WHERE entry.blob = blob.id)"
        ).fetchall()
    for (blob,) in left:
        remove_unused(database, blob)


def _is_used(connection: sqlite3.Connection, blob: int) -> bool:
    found = connection.execute("SELECT 1 FROM entry WHERE blob = ? LIMIT 1", (blob,)).fetchone()
    return found is not None
