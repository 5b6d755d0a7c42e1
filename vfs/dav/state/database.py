"""A small SQLite file that threads and processes share: transactions that nest, our errors."""

import contextlib
import inspect
import os
import sqlite3
import threading
from collections.abc import Callable, Iterator, Mapping, Sequence
from types import MappingProxyType
from typing import Any

from vfs.engine import BackendUnavailable, StorageError
from vfs.engine.private_files import make_private

_PATIENCE = 10.0
"""Seconds to wait for another process that is writing."""

_PRAGMAS = (
    "PRAGMA journal_mode = WAL",
    # A lock that the power takes away is set again; nothing is worth a pause at each request.
    "PRAGMA synchronous = NORMAL",
    "PRAGMA journal_size_limit = 4194304",
)


class Database:
    """One connection, used in turns: what is done with it takes microseconds."""

    def __init__(
        self, path: str, schema: str, functions: Mapping[str, Callable[..., bytes]] = MappingProxyType({})
    ) -> None:
        """Open or make the file, readable by its owner alone; `schema` may be run again and again.

        `functions` can be used in statements, under their names.
        """
        self.path = path
        self._turn = threading.RLock()
        with self._our_errors():
            os.makedirs(os.path.dirname(os.path.abspath(path)), mode=0o700, exist_ok=True)
            make_private(path)
            self._connection = sqlite3.connect(
                path, timeout=_PATIENCE, isolation_level=None, check_same_thread=False
            )
            for pragma in _PRAGMAS:
                self._connection.execute(pragma)
            for name, function in functions.items():
                arguments = len(inspect.signature(function).parameters)
                self._connection.create_function(name, arguments, function, deterministic=True)
            self._connection.executescript(schema)

    def rows(self, statement: str, values: Sequence[object] = ()) -> list[tuple[Any, ...]]:
        """All that a query finds."""
        with self._our_errors(), self._turn:
            return self._connection.execute(statement, values).fetchall()

    def change(self, statement: str, values: Sequence[object] = ()) -> int:
        """Run one statement, in the transaction that this thread is in, if any; gives the rows changed."""
        with self.alone(), self._our_errors():
            return self._connection.execute(statement, values).rowcount

    @contextlib.contextmanager
    def alone(self) -> Iterator[None]:
        """Inside, no other thread or process writes; an exception undoes what was done. May be nested."""
        with self._turn:
            if self._connection.in_transaction:
                yield
                return
            with self._our_errors():
                self._connection.execute("BEGIN IMMEDIATE")
            try:
                yield
            except BaseException:
                self._connection.execute("ROLLBACK")
                raise
            with self._our_errors():
                self._connection.execute("COMMIT")

    def close(self) -> None:
        """Further calls raise StorageError; closing twice is allowed."""
        with self._turn:
            self._connection.close()

    @contextlib.contextmanager
    def _our_errors(self) -> Iterator[None]:
        try:
            yield
        except sqlite3.ProgrammingError as error:
            raise StorageError("the database was closed", self.path) from error
        except sqlite3.Error as error:
            raise BackendUnavailable(f"the database failed: {error}", self.path) from error
        except StorageError:
            raise
        except OSError as error:
            raise BackendUnavailable(f"the database cannot be opened: {error.strerror}", self.path) from error
