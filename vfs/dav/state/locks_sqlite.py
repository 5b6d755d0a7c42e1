"""Locks in a SQLite file: they survive restarts, and the processes of one machine share them."""

from collections.abc import Sequence
from contextlib import AbstractContextManager
from typing import Any

from vfs.dav.state.database import Database
from vfs.dav.state.keys import end_of_tree, key_of, url_of
from vfs.dav.state.locks import Lock

_SCHEMA = """
CREATE TABLE IF NOT EXISTS lock (
    token TEXT PRIMARY KEY,
    root BLOB NOT NULL,
    scope TEXT NOT NULL,
    depth TEXT NOT NULL,
    principal TEXT NOT NULL,
    owner BLOB NOT NULL,
    expires REAL NOT NULL
) WITHOUT ROWID;
CREATE INDEX IF NOT EXISTS lock_by_root ON lock (root);
CREATE INDEX IF NOT EXISTS lock_by_end ON lock (expires);
"""

_COLUMNS = "token, root, scope, depth, principal, owner, expires"


class SqliteLocks:
    """A LockTable in a file."""

    def __init__(self, path: str) -> None:
        self._database = Database(path, _SCHEMA)

    def find(self, token: str) -> Lock | None:
        found = self._locks("token = ?", (token,))
        return found[0] if found else None

    def at(self, url: str, *, itself: bool = True, below: bool = False) -> Sequence[Lock]:
        key = key_of(url)
        if not below:
            return self._locks("root = ?", (key,)) if itself else []
        first = ">=" if itself else ">"
        return self._locks(f"root {first} ? AND root < ? ORDER BY root", (key, end_of_tree(key)))

    def _locks(self, condition: str, values: Sequence[object]) -> list[Lock]:
        rows = self._database.rows(f"SELECT {_COLUMNS} FROM lock WHERE {condition}", values)  # noqa: S608
        return [_lock(*row) for row in rows]

    def put(self, lock: Lock) -> None:
        self._database.change(
            "REPLACE INTO lock VALUES (?, ?, ?, ?, ?, ?, ?)",
            (lock.token, lock.key, lock.scope, lock.depth, lock.principal, lock.owner, lock.expires),
        )

    def drop(self, token: str) -> bool:
        return self._database.change("DELETE FROM lock WHERE token = ?", (token,)) > 0

    def drop_expired(self, now: float) -> None:
        self._database.change("DELETE FROM lock WHERE expires <= ?", (now,))

    def drop_all(self) -> None:
        self._database.change("DELETE FROM lock")

    def alone(self) -> AbstractContextManager[None]:
        return self._database.alone()

    def close(self) -> None:
        self._database.close()


def _lock(token: str, root: bytes, *rest: Any) -> Lock:
    return Lock(token, url_of(root), *rest)
