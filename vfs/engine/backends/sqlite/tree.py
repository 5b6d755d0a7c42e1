"""The rows that make a tree: finding them by key, telling them as entries, adding and changing them.

Every function takes a connection in a transaction and is part of it.
"""

import json
import os
import sqlite3
import stat as stat_bits
import time
from collections.abc import Iterator, Mapping
from typing import NamedTuple

from vfs.engine import paths
from vfs.engine.backends.sqlite.schema import ROOT
from vfs.engine.entries import NO_XATTRS, Attributes, Entry, EntryKind
from vfs.engine.errors import InvalidPath, IsADirectory, NotADirectory, NotFound

PAGE = 1000
"""Entries that one step of a listing reads."""


class Row(NamedTuple):
    """One line of the table `entry`."""

    id: int
    parent: int | None
    name: bytes
    kind: str
    blob: int | None
    target: bytes | None
    size: int
    etag: str | None
    mode: int | None
    uid: int | None
    gid: int | None
    rdev: int
    atime_ns: int
    mtime_ns: int
    ctime_ns: int
    metadata: str

    @property
    def is_folder(self) -> bool:
        return self.kind == EntryKind.FOLDER

    def entry(self, xattrs: Mapping[str, bytes]) -> Entry:
        return Entry(
            os.fsdecode(self.name),
            EntryKind(self.kind),
            size=self.size,
            mtime_ns=self.mtime_ns,
            etag=self.etag,
            metadata=json.loads(self.metadata),
            mode=self.mode,
            uid=self.uid,
            gid=self.gid,
            atime_ns=self.atime_ns,
            ctime_ns=self.ctime_ns,
            xattrs=xattrs,
            rdev=self.rdev,
        )


# Statements are put together from the column names above and nothing else.
_SELECT = f"SELECT {', '.join(Row._fields)} FROM entry WHERE "  # noqa: S608
_SELECT_CHILD = f"{_SELECT} parent = ? AND name = ?"
_SELECT_BY_ID = f"{_SELECT} id = ?"
_SELECT_PAGE = f"{_SELECT} parent = ? AND name > ? ORDER BY name LIMIT {PAGE}"
# CROSS JOIN keeps SQLite from reading the attributes of every entry there is.
_SELECT_XATTRS_OF_PAGE = (
    "SELECT xattr.entry, xattr.name, xattr.value FROM entry CROSS JOIN xattr ON xattr.entry = entry.id "
    "WHERE entry.parent = ? AND entry.name BETWEEN ? AND ?"
)
_COLUMNS = ("mode", "uid", "gid", "atime_ns", "mtime_ns", "ctime_ns")

_LATEST_NS = (1 << 63) - 1
"""In the year 2262: an INTEGER has 64 bits. Later times become this one, as in a Linux file system."""


def find(connection: sqlite3.Connection, key: str) -> Row | None:
    """The row at a key, or None where nothing is."""
    if not key:
        return Row(*connection.execute(_SELECT_BY_ID, (ROOT,)).fetchone())
    folder = ROOT
    *above, last = os.fsencode(key).split(b"/")
    for name in above:
        row = connection.execute("SELECT id FROM entry WHERE parent = ? AND name = ?", (folder, name))
        found = row.fetchone()
        if found is None:
            return None
        folder = found[0]
    found = connection.execute(_SELECT_CHILD, (folder, last)).fetchone()
    return None if found is None else Row(*found)


def existing(connection: sqlite3.Connection, key: str) -> Row:
    row = find(connection, key)
    if row is None:
        raise NotFound(path=key)
    return row


def existing_folder(connection: sqlite3.Connection, key: str) -> Row:
    row = existing(connection, key)
    if not row.is_folder:
        raise NotADirectory(path=key)
    return row


def existing_file(connection: sqlite3.Connection, key: str) -> Row:
    row = existing(connection, key)
    if row.is_folder:
        raise IsADirectory(path=key)
    if row.kind != EntryKind.FILE:
        raise InvalidPath("not a regular file", key)
    return row


def page(connection: sqlite3.Connection, folder: int, after: bytes) -> list[tuple[Row, Entry]]:
    """The next children of a folder by name; [] after the last."""
    rows = [Row(*found) for found in connection.execute(_SELECT_PAGE, (folder, after))]
    if not rows:
        return []
    xattrs: dict[int, dict[str, bytes]] = {}
    span = (folder, rows[0].name, rows[-1].name)
    for entry, name, value in connection.execute(_SELECT_XATTRS_OF_PAGE, span):
        xattrs.setdefault(entry, {})[os.fsdecode(name)] = value
    return [(row, row.entry(xattrs.get(row.id, NO_XATTRS))) for row in rows]


def told(connection: sqlite3.Connection, row: Row) -> Entry:
    """The entry of a row, with its extended attributes."""
    found = connection.execute("SELECT name, value FROM xattr WHERE entry = ?", (row.id,))
    return row.entry({os.fsdecode(name): value for name, value in found})


def has_children(connection: sqlite3.Connection, folder: int) -> bool:
    found = connection.execute("SELECT 1 FROM entry WHERE parent = ? LIMIT 1", (folder,)).fetchone()
    return found is not None


def check_above(connection: sqlite3.Connection, key: str) -> None:
    """Refuse a key that has something other than a folder above it."""
    folder: int | None = ROOT
    for name in _names_above(key):
        if folder is not None:
            folder = _folder_in(connection, folder, name, key)


def folder_for(connection: sqlite3.Connection, key: str) -> int:
    """The folder that a new entry goes into, made with the ones above it where they are missing."""
    folder = ROOT
    for name in _names_above(key):
        found = _folder_in(connection, folder, name, key)
        folder = _add(connection, folder, name, EntryKind.FOLDER) if found is None else found
    return folder


def insert(
    connection: sqlite3.Connection,
    key: str,
    kind: EntryKind,
    attributes: Attributes,
    **columns: int | str | bytes | None,
) -> int:
    """Add an entry under a free key, in folders that are made where they are missing; its id."""
    given = dict(_given(attributes, columns.get("mode")))
    folder = folder_for(connection, key)
    added = _add(connection, folder, os.fsencode(paths.name_of(key)), kind, **{**columns, **given})
    _add_xattrs(connection, added, attributes.xattrs or NO_XATTRS)
    return added


def _add(
    connection: sqlite3.Connection,
    folder: int,
    name: bytes,
    kind: EntryKind,
    **columns: int | str | bytes | None,
) -> int:
    now = time.time_ns()
    values: dict[str, int | str | bytes | None] = {
        "parent": folder,
        "name": name,
        "kind": kind.value,
        "atime_ns": now,
        "mtime_ns": now,
        "ctime_ns": now,
        **columns,
    }
    marks = ", ".join("?" * len(values))
    statement = f"INSERT INTO entry ({', '.join(values)}) VALUES ({marks})"  # noqa: S608
    added = connection.execute(statement, tuple(values.values())).lastrowid
    touch(connection, folder)
    assert added is not None
    return added


def _names_above(key: str) -> list[bytes]:
    return os.fsencode(key).split(b"/")[:-1]


def _folder_in(connection: sqlite3.Connection, folder: int, name: bytes, key: str) -> int | None:
    """The folder with a name in a folder, or None; NotADirectory for anything else, in the key's name."""
    found = connection.execute(
        "SELECT id, kind FROM entry WHERE parent = ? AND name = ?", (folder, name)
    ).fetchone()
    if found is not None and found[1] != EntryKind.FOLDER:
        raise NotADirectory(f"{os.fsdecode(name)} is not a folder", key)
    return None if found is None else int(found[0])


def update(connection: sqlite3.Connection, id: int, **columns: int | str | bytes | None) -> None:
    """Change columns of an entry, and its change time."""
    columns.setdefault("ctime_ns", time.time_ns())
    settings = ", ".join(f"{column} = ?" for column in columns)
    statement = f"UPDATE entry SET {settings} WHERE id = ?"  # noqa: S608
    connection.execute(statement, (*columns.values(), id))


def change_attributes(connection: sqlite3.Connection, row: Row, attributes: Attributes) -> None:
    update(connection, row.id, **dict(_given(attributes, row.mode)))
    if attributes.xattrs is not None:
        _remove_xattrs(connection, row.id)
        _add_xattrs(connection, row.id, attributes.xattrs)


def _add_xattrs(connection: sqlite3.Connection, id: int, xattrs: Mapping[str, bytes]) -> None:
    connection.executemany(
        "INSERT INTO xattr (entry, name, value) VALUES (?, ?, ?)",
        [(id, os.fsencode(name), value) for name, value in xattrs.items()],
    )


def _remove_xattrs(connection: sqlite3.Connection, id: int) -> None:
    connection.execute("DELETE FROM xattr WHERE entry = ?", (id,))


def remove(connection: sqlite3.Connection, row: Row) -> None:
    _remove_xattrs(connection, row.id)
    connection.execute("DELETE FROM entry WHERE id = ?", (row.id,))
    if row.parent is not None:
        touch(connection, row.parent)


def touch(connection: sqlite3.Connection, folder: int) -> None:
    """Note that a folder's names changed."""
    update(connection, folder, mtime_ns=time.time_ns())


def _given(attributes: Attributes, old_mode: int | str | bytes | None) -> Iterator[tuple[str, int]]:
    """The columns that attributes set; the type bits of a special file's mode stay."""
    for column in _COLUMNS:
        value = getattr(attributes, column)
        if value is None:
            continue
        if column == "mode":
            kind = stat_bits.S_IFMT(old_mode) if isinstance(old_mode, int) else 0
            value = kind | stat_bits.S_IMODE(value)
        elif column.endswith("_ns"):
            value = max(min(value, _LATEST_NS), -_LATEST_NS)
        yield column, value
