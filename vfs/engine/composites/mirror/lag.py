"""What each member of a mirror has missed, in a small database: a restart still knows.

A row is written before a change and taken back when the member has made it, so that a crash in between leaves
it. A row that is `certain` says that the member's own word on this key is not to be believed; the others only
ask for a comparison, where a member gave no answer and may or may not have done what it was asked.
"""

import contextlib
import errno
import os
import sqlite3
import threading
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from enum import IntEnum, StrEnum
from typing import Any

from vfs.engine import paths
from vfs.engine.entries import EntryKind
from vfs.engine.errors import StorageError, from_os_error
from vfs.engine.private_files import make_private

_SCHEMA = """
CREATE TABLE IF NOT EXISTS lag (
    member TEXT NOT NULL,
    key BLOB NOT NULL,
    due TEXT NOT NULL,
    is_tree INTEGER NOT NULL,
    certain INTEGER NOT NULL,
    PRIMARY KEY (member, key)
) WITHOUT ROWID
"""

_KEYS_AT_ONCE = 500
"""Variables of one statement; SQLite takes some thousands."""

_PAST_ALL = b"\xff" * (paths.MAX_KEY_BYTES + 1)
"""Greater than any key."""


class Due(StrEnum):
    """What is to stand at a key that a member lags at."""

    FILE = "file"
    FOLDER = "folder"
    SYMLINK = "symlink"
    SPECIAL = "special"
    GONE = "gone"
    SAME = "same"
    """What stood there before, with other attributes."""

    @property
    def kind(self) -> EntryKind | None:
        """The kind of entry; None where there is none, or where it is not known."""
        return None if self in {Due.GONE, Due.SAME} else EntryKind(self.value)


@dataclass(frozen=True, slots=True)
class Mark:
    """What a change leaves at one key; of a tree, at all keys below it too."""

    key: str
    due: Due
    is_tree: bool = False


@dataclass(frozen=True, slots=True)
class Lag:
    """One mark that a member has not got, or, unless `certain`, may not have got."""

    member: str
    mark: Mark
    certain: bool = True


class Standing(IntEnum):
    """How far a member may be believed about a key; the best first."""

    CURRENT = 0
    UNSURE = 1
    """It may have done more, here or below, than it was heard to have done."""
    PARTIAL = 2
    """Right about the key itself; some below it lag."""
    LAGGING = 3


class LagRecord:
    """The rows of one mirror. Thread-safe; several processes may share the file. Raises StorageError."""

    def __init__(self, path: str) -> None:
        self._lock = threading.Lock()
        try:
            os.makedirs(os.path.dirname(path), mode=0o700, exist_ok=True)
            make_private(path)
        except OSError as error:
            raise from_os_error(error, path) from error
        self._path = path
        with _our_errors(path):
            self._connection = sqlite3.connect(
                path, timeout=30, isolation_level=None, check_same_thread=False
            )
            self._connection.execute("PRAGMA journal_mode = WAL")
            self._connection.execute(_SCHEMA)

    @property
    def is_empty(self) -> bool:
        """Whether nobody lacks anything: one quick look, which saves the others."""
        return not self._rows("SELECT 1 FROM lag LIMIT 1", ())

    def standing(self, member: str, key: str) -> Standing:
        """How far the member's own word on a key counts."""
        rows = list(self._at_or_above(member, key))
        if any(certain and (above == key or is_tree) for above, is_tree, certain in rows):
            return Standing.LAGGING
        if self._has_below(member, key, certain=True):
            return Standing.PARTIAL
        is_unsure = any(not certain for *_, certain in rows) or self._has_below(member, key, certain=False)
        return Standing.UNSURE if is_unsure else Standing.CURRENT

    def is_under_tree(self, member: str, key: str) -> bool:
        """Whether a whole tree that holds the key, and not just the key, is to be brought to the member."""
        rows = self._at_or_above(member, key)
        return any(is_tree and certain and above != key for above, is_tree, certain in rows)

    def below(self, member: str, folder: str) -> Iterator[Mark]:
        """The certain rows of everything below a folder, read a page at a time."""
        first, last = _span(folder)
        while page := self._rows(
            "SELECT key, due, is_tree FROM lag WHERE member = ? AND key > ? AND key < ? AND certain"
            " ORDER BY key LIMIT 1000",
            (member, first, last),
        ):
            yield from (Mark(os.fsdecode(key), Due(due), bool(is_tree)) for key, due, is_tree in page)
            first = page[-1][0]

    def rows(self, member: str) -> Iterator[Lag]:
        """All rows of a member, what is deeper first, page by page; rows added meanwhile may be missed."""
        last: bytes | None = None
        while page := self._rows(
            "SELECT key, due, is_tree, certain FROM lag WHERE member = ?1 AND (?2 IS NULL OR key < ?2)"
            " ORDER BY key DESC LIMIT 1000",
            (member, last),
        ):
            for key, due, is_tree, certain in page:
                yield Lag(member, Mark(os.fsdecode(key), Due(due), bool(is_tree)), bool(certain))
            last = page[-1][0]

    def at(self, member: str, key: str) -> Lag | None:
        """The row of just this key."""
        found = self._rows(
            "SELECT due, is_tree, certain FROM lag WHERE member = ? AND key = ?", (member, os.fsencode(key))
        )
        return next((Lag(member, Mark(key, Due(d), bool(t)), bool(c)) for d, t, c in found), None)

    def counts(self) -> dict[str, int]:
        """Rows by member, without the members that have none."""
        return dict(self._rows("SELECT member, count(*) FROM lag GROUP BY member", ()))

    def begin(self, lags: Iterable[Lag]) -> list[Lag]:
        """Enter rows that are not there yet, on disk when this returns; those that were entered."""
        with self._writing(durable=True) as connection:
            return [
                lag
                for lag in lags
                if connection.execute(
                    "INSERT INTO lag VALUES (?, ?, ?, ?, ?) ON CONFLICT DO NOTHING", _values(lag)
                ).rowcount
            ]

    def settle(self, missed: Iterable[Lag], made: Iterable[Lag]) -> None:
        """After a change: enter what was missed, over what is there, and take out what was made."""
        with self._writing(durable=False) as connection:
            for lag in made:
                connection.execute(
                    "DELETE FROM lag WHERE member = ? AND key = ?", (lag.member, os.fsencode(lag.mark.key))
                )
            for lag in missed:
                self._enter(connection, lag)

    @staticmethod
    def _enter(connection: sqlite3.Connection, lag: Lag) -> None:
        if lag.mark.is_tree:
            span = _span(lag.mark.key)
            connection.execute(
                "DELETE FROM lag WHERE member = ? AND key > ? AND key < ?", (lag.member, *span)
            )
        connection.execute(
            "INSERT INTO lag VALUES (?, ?, ?, ?, ?) ON CONFLICT DO UPDATE SET"
            " due = iif(excluded.due = 'same', due, excluded.due),"
            " is_tree = max(is_tree, excluded.is_tree), certain = max(certain, excluded.certain)",
            _values(lag),
        )

    def close(self) -> None:
        """Calling it again is harmless."""
        with self._lock:
            self._connection.close()

    def _has_below(self, member: str, folder: str, *, certain: bool) -> bool:
        statement = "SELECT 1 FROM lag WHERE member = ? AND key > ? AND key < ? AND certain = ? LIMIT 1"
        return bool(self._rows(statement, (member, *_span(folder), certain)))

    def _at_or_above(self, member: str, key: str) -> Iterator[tuple[str, bool, bool]]:
        """Key, whether it is a tree's, and whether it is certain, of each row that may concern a key."""
        keys = [key, *paths.ancestors(key), *([""] if key else [])]
        for at in range(0, len(keys), _KEYS_AT_ONCE):
            asked = [os.fsencode(above) for above in keys[at : at + _KEYS_AT_ONCE]]
            places = ",".join("?" * len(asked))
            found = self._rows(
                f"SELECT key, is_tree, certain FROM lag WHERE member = ? AND key IN ({places})",  # noqa: S608
                (member, *asked),
            )
            yield from ((os.fsdecode(above), bool(tree), bool(certain)) for above, tree, certain in found)

    def _rows(self, statement: str, values: Sequence[object]) -> list[tuple[Any, ...]]:
        with self._lock, _our_errors(self._path):
            return self._connection.execute(statement, values).fetchall()

    @contextlib.contextmanager
    def _writing(self, *, durable: bool) -> Iterator[sqlite3.Connection]:
        """A transaction. One that is lost with the power costs a repair too many, unless it is `durable`."""
        with self._lock, _our_errors(self._path):
            self._connection.execute(f"PRAGMA synchronous = {'FULL' if durable else 'NORMAL'}")
            self._connection.execute("BEGIN IMMEDIATE")
            try:
                yield self._connection
                self._connection.execute("COMMIT")
            except BaseException:
                if self._connection.in_transaction:
                    self._connection.execute("ROLLBACK")
                raise


def _values(lag: Lag) -> tuple[object, ...]:
    return (lag.member, os.fsencode(lag.mark.key), lag.mark.due.value, lag.mark.is_tree, lag.certain)


def _span(folder: str) -> tuple[bytes, bytes]:
    """Bounds, neither of them included, of all keys below a folder: "0" comes next after "/"."""
    name = os.fsencode(folder)
    return (name + b"/", name + b"0") if folder else (b"", _PAST_ALL)


@contextlib.contextmanager
def _our_errors(path: str) -> Iterator[None]:
    try:
        yield
    except sqlite3.Error as error:
        number = errno.ENOSPC if "full" in str(error) else errno.EIO
        raise StorageError(f"the record of what members lack: {error}", path, errno=number) from error
