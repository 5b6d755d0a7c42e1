"""Inventory: what a sweep found, by key, in bounded memory however much it is."""

import os
import sqlite3
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from typing import Self

from vfs.engine import paths
from vfs.engine.entries import Entry, EntryKind

_SCHEMA = """
PRAGMA journal_mode = OFF;
PRAGMA synchronous = OFF;
CREATE TABLE listed (
    key BLOB PRIMARY KEY, kind TEXT, size INTEGER, mtime_ns INTEGER, etag TEXT, sure INTEGER,
    seen INTEGER DEFAULT 0
) WITHOUT ROWID;
BEGIN;
"""

_PAGE = 1000


@dataclass(frozen=True, slots=True)
class Listed:
    """What a listing told of one key; `sure` is False where a FILE may turn out to be a symlink."""

    key: str
    kind: EntryKind
    size: int = 0
    mtime_ns: int | None = None
    etag: str | None = None
    sure: bool = True

    @classmethod
    def of(cls, key: str, entry: Entry) -> Self:
        sure = entry.complete or entry.kind is not EntryKind.FILE
        return cls(key, entry.kind, entry.size, entry.mtime_ns, entry.etag, sure)

    @property
    def is_folder(self) -> bool:
        return self.kind is EntryKind.FOLDER

    @property
    def entry(self) -> Entry:
        """An incomplete entry that tells as much."""
        name = paths.name_of(self.key)
        return Entry(name, self.kind, self.size, self.mtime_ns, self.etag, complete=False)


class Inventory:
    """Entries by key. What does not fit a little memory goes to a nameless temporary file. For one thread."""

    def __init__(self) -> None:
        # An empty name is a database of its own that SQLite keeps in memory until its cache is full.
        self._database = sqlite3.connect("", isolation_level=None, check_same_thread=False)
        self._database.executescript(_SCHEMA)
        self._last_folder: str | None = None
        self._last_seen: str | None = None

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        self._database.close()

    def add(self, found: Listed) -> None:
        """Remember one entry instead of what was known of its key."""
        self._database.execute(
            "INSERT OR REPLACE INTO listed VALUES (?, ?, ?, ?, ?, ?, 0)",
            (
                os.fsencode(found.key),
                found.kind,
                found.size,
                found.mtime_ns,
                _text(found.etag),
                found.sure,
            ),
        )

    def add_below(self, top: str, found: Listed) -> None:
        """Remember an entry, and the folders that it shows to be there between it and `top`."""
        if not found.is_folder:
            self.add(found)
        self.add_folders(top, found)

    def add_folders(self, top: str, found: Listed) -> None:
        """Remember the folders that an entry shows to be there below `top`, itself if it is one."""
        if found.is_folder:
            self.add(found)
        folder = paths.parent(found.key)
        if folder != self._last_folder:
            self._last_folder = folder
            above = [key for key in paths.ancestors(found.key) if paths.is_below(key, top)]
            self._database.executemany(
                "INSERT OR IGNORE INTO listed VALUES (?, 'folder', 0, NULL, NULL, 1, 0)",
                [(os.fsencode(key),) for key in above],
            )

    def get(self, key: str) -> Listed | None:
        row = self._database.execute("SELECT * FROM listed WHERE key = ?", (os.fsencode(key),)).fetchone()
        return None if row is None else _listed(row)

    def see(self, key: str) -> None:
        """This key, and the folders above it, have their like elsewhere."""
        self._mark([key])
        if (folder := paths.parent(key)) != self._last_seen:
            self._last_seen = folder
            self._mark(paths.ancestors(key))

    def _mark(self, keys: Iterable[str]) -> None:
        self._database.executemany(
            "UPDATE listed SET seen = 1 WHERE key = ?", [(os.fsencode(key),) for key in keys]
        )

    def __iter__(self) -> Iterator[Listed]:
        """In the order of the keys' bytes: a folder before what it holds."""
        return self._pages("key > ?", "ASC", b"")

    def unseen(self) -> Iterator[Listed]:
        """What `see` was not called for, in the order of the keys' bytes backwards: a folder comes last."""
        return self._pages("key < ? AND NOT seen", "DESC", None)

    def backwards(self) -> Iterator[Listed]:
        """Everything, what a folder holds before the folder."""
        return self._pages("key < ?", "DESC", None)

    def count_files(self) -> int:
        """How many are no folders."""
        return int(self._database.execute("SELECT count(*) FROM listed WHERE kind != 'folder'").fetchone()[0])

    def _pages(self, where: str, order: str, start: bytes | None) -> Iterator[Listed]:
        """By page, so that the inventory can be changed while it is gone through."""
        query = f"SELECT * FROM listed WHERE {{}} ORDER BY key {order} LIMIT {_PAGE}"  # noqa: S608 - our words
        at = start
        while True:
            if at is None:
                rows = self._database.execute(query.format(where.replace("key < ?", "1"))).fetchall()
            else:
                rows = self._database.execute(query.format(where), (at,)).fetchall()
            yield from map(_listed, rows)
            if len(rows) < _PAGE:
                return
            at = rows[-1][0]


def _text(etag: str | None) -> str | None:
    return None if etag is None else etag.encode("utf-8", "replace").decode()


def _listed(row: tuple[bytes, str, int, int | None, str | None, int, int]) -> Listed:
    key, kind, size, mtime_ns, etag, sure, _ = row
    return Listed(os.fsdecode(key), EntryKind(kind), size, mtime_ns, etag, bool(sure))
