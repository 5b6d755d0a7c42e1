"""The tables of a SQLite mount: making them in a new file, and refusing files that hold something else."""

import sqlite3

from vfs.engine.errors import ConfigError

VERSION = 1

ROOT = 1
"""The row that is the root folder."""

_APPLICATION = 0x76667331
"""Marks a database as ours, in the header field that SQLite gives applications for this."""

# Values of a mebibyte and more are usual: bigger pages make their chains shorter.
_PAGE_SIZE = 16384

_TABLES = """
CREATE TABLE entry (
    id INTEGER PRIMARY KEY AUTOINCREMENT,
    parent INTEGER REFERENCES entry (id),
    name BLOB NOT NULL,
    kind TEXT NOT NULL,
    blob INTEGER REFERENCES blob (id),
    target BLOB,
    size INTEGER NOT NULL DEFAULT 0,
    etag TEXT,
    mode INTEGER,
    uid INTEGER,
    gid INTEGER,
    rdev INTEGER NOT NULL DEFAULT 0,
    atime_ns INTEGER NOT NULL,
    mtime_ns INTEGER NOT NULL,
    ctime_ns INTEGER NOT NULL,
    metadata TEXT NOT NULL DEFAULT '{}',
    UNIQUE (parent, name)
);
CREATE INDEX entry_by_blob ON entry (blob) WHERE blob IS NOT NULL;
CREATE TABLE blob (id INTEGER PRIMARY KEY AUTOINCREMENT);
CREATE TABLE chunk (
    blob INTEGER NOT NULL REFERENCES blob (id),
    number INTEGER NOT NULL,
    data BLOB NOT NULL,
    PRIMARY KEY (blob, number)
);
CREATE TABLE xattr (
    entry INTEGER NOT NULL REFERENCES entry (id),
    name BLOB NOT NULL,
    value BLOB NOT NULL,
    PRIMARY KEY (entry, name)
) WITHOUT ROWID;
"""


def prepare(connection: sqlite3.Connection, path: str, now_ns: int) -> None:
    """Make the tables in an empty database, or check that they are ours. ConfigError names the file."""
    try:
        if _is_empty(connection):
            connection.execute(f"PRAGMA page_size = {_PAGE_SIZE}")
            connection.execute("PRAGMA journal_mode = WAL")
            _create(connection, now_ns)
        application = connection.execute("PRAGMA application_id").fetchone()[0]
        version = connection.execute("PRAGMA user_version").fetchone()[0]
    except sqlite3.DatabaseError as error:
        if error.sqlite_errorcode == sqlite3.SQLITE_NOTADB:
            raise ConfigError(f"{path} is not an SQLite database") from None
        raise
    if application != _APPLICATION:
        raise ConfigError(f"{path} is an SQLite database of another program")
    if version != VERSION:
        raise ConfigError(f"{path} has the layout {version}, and this vfs knows layout {VERSION} only")


def _is_empty(connection: sqlite3.Connection) -> bool:
    return connection.execute("SELECT 1 FROM sqlite_master LIMIT 1").fetchone() is None


def _create(connection: sqlite3.Connection, now_ns: int) -> None:
    connection.execute("BEGIN IMMEDIATE")
    try:
        # Another process may have been as quick as this one.
        if _is_empty(connection):
            for statement in _TABLES.split(";"):
                connection.execute(statement)
            connection.execute(
                "INSERT INTO entry (id, name, kind, atime_ns, mtime_ns, ctime_ns) VALUES (?, ?, ?, ?, ?, ?)",
                (ROOT, b"", "folder", now_ns, now_ns, now_ns),
            )
            connection.execute(f"PRAGMA application_id = {_APPLICATION}")
            connection.execute(f"PRAGMA user_version = {VERSION}")
        connection.execute("COMMIT")
    except BaseException:
        connection.execute("ROLLBACK")
        raise
