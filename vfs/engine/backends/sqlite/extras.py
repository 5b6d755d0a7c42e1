"""What a SQLite mount keeps besides files and folders: links, special files, attributes and metadata."""

import errno
import json
import os
import sqlite3
import stat as stat_bits
from collections.abc import Mapping

from vfs.engine import paths
from vfs.engine.backends.sqlite import tree
from vfs.engine.backends.sqlite.database import Database
from vfs.engine.entries import SPECIAL_TYPES, Attributes, Entry, EntryKind
from vfs.engine.errors import AlreadyExists, InvalidPath, NotFound


class SqliteExtras:
    """The acts on entries that need no file's content."""

    _database: Database

    def set_metadata(self, key: str, metadata: Mapping[str, str]) -> Entry:
        paths.check_key(key)
        with self._database.writing(key) as connection:
            row = tree.existing_file(connection, key)
            tree.update(connection, row.id, metadata=json.dumps(dict(metadata)))
            return tree.told(connection, tree.existing(connection, key))

    def set_attributes(self, key: str, change: Attributes) -> Entry:
        paths.check_key(key)
        with self._database.writing(key) as connection:
            tree.change_attributes(connection, tree.existing(connection, key), change)
            return tree.told(connection, tree.existing(connection, key))

    def make_symlink(self, key: str, target: str, *, attributes: Attributes | None = None) -> Entry:
        text = paths.target_bytes(target, key)
        return self._make(key, EntryKind.SYMLINK, attributes, target=text, size=len(text))

    def read_symlink(self, key: str) -> str:
        paths.check_key(key)
        with self._database.reading(key) as connection:
            target = tree.existing(connection, key).target
        if target is None:
            raise InvalidPath("not a symlink", key)
        return os.fsdecode(target)

    def make_special(self, key: str, mode: int, rdev: int, *, attributes: Attributes | None = None) -> Entry:
        if stat_bits.S_IFMT(mode) not in SPECIAL_TYPES:
            raise InvalidPath("neither a fifo, nor a socket, nor a device", key)
        return self._make(key, EntryKind.SPECIAL, attributes, mode=mode, rdev=rdev)

    def get_xattr(self, key: str, name: str) -> bytes:
        paths.check_key(key)
        encoded = paths.attribute_name(name, key)
        with self._database.reading(key) as connection:
            return _value(connection, tree.existing(connection, key).id, encoded, key)

    def list_xattrs(self, key: str) -> list[str]:
        paths.check_key(key)
        with self._database.reading(key) as connection:
            entry = tree.existing(connection, key).id
            found = connection.execute("SELECT name FROM xattr WHERE entry = ?", (entry,))
            return [os.fsdecode(name) for (name,) in found]

    def set_xattr(
        self, key: str, name: str, value: bytes, *, create: bool = False, replace: bool = False
    ) -> None:
        paths.check_key(key)
        encoded = paths.attribute_name(name, key)
        with self._database.writing(key) as connection:
            entry = tree.existing(connection, key).id
            if replace:
                _value(connection, entry, encoded, key)
            if create and _find_value(connection, entry, encoded) is not None:
                raise AlreadyExists(f"the attribute {name} is there already", key)
            connection.execute(
                "INSERT OR REPLACE INTO xattr (entry, name, value) VALUES (?, ?, ?)", (entry, encoded, value)
            )
            tree.update(connection, entry)

    def remove_xattr(self, key: str, name: str) -> None:
        paths.check_key(key)
        encoded = paths.attribute_name(name, key)
        with self._database.writing(key) as connection:
            entry = tree.existing(connection, key).id
            _value(connection, entry, encoded, key)
            connection.execute("DELETE FROM xattr WHERE entry = ? AND name = ?", (entry, encoded))
            tree.update(connection, entry)

    def _make(
        self,
        key: str,
        kind: EntryKind,
        attributes: Attributes | None,
        **columns: int | str | bytes | None,
    ) -> Entry:
        paths.check_key(key)
        with self._database.writing(key) as connection:
            if tree.find(connection, key) is not None:
                raise AlreadyExists(path=key)
            tree.insert(connection, key, kind, attributes or Attributes(), **columns)
            return tree.told(connection, tree.existing(connection, key))


def _find_value(connection: sqlite3.Connection, entry: int, name: bytes) -> bytes | None:
    found = connection.execute(
        "SELECT value FROM xattr WHERE entry = ? AND name = ?", (entry, name)
    ).fetchone()
    return None if found is None else bytes(found[0])


def _value(connection: sqlite3.Connection, entry: int, name: bytes, key: str) -> bytes:
    value = _find_value(connection, entry, name)
    if value is None:
        raise NotFound(f"there is no attribute {os.fsdecode(name)}", key, errno=errno.ENODATA)
    return value
