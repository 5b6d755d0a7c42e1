"""The SQLite backend keeps the backend contract, in one file that others may share."""

from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.contracts.backend import BackendContract
from vfs.engine.backend import Backend
from vfs.engine.backends.sqlite import SqliteBackend, SqliteOptions


@pytest.fixture
def file(tmp_path: Path) -> Path:
    """The database file, not there yet."""
    return tmp_path / "tree.db"


@pytest.fixture
def sqlite(file: Path) -> Iterator[SqliteBackend]:
    backend = SqliteBackend(SqliteOptions(path=file))
    yield backend
    backend.close()


class TestSqliteBackend(BackendContract):
    @pytest.fixture
    def backend(self, sqlite: SqliteBackend) -> Backend:
        return sqlite
