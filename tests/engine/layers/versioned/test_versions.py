"""The layer `versioned` keeps versions as every storage that has them does."""

from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.fakes import ObjectStore
from vfs.engine.backend import Backend
from vfs.engine.backends.local import LocalBackend, LocalOptions
from vfs.engine.backends.memory import MemoryBackend
from vfs.engine.backends.sqlite import SqliteBackend, SqliteOptions
from vfs.engine.layers.versioned import VersionedLayer
from vfs.testing.versions import VersionsContract


class TestOverMemory(VersionsContract):
    @pytest.fixture
    def backend(self) -> Backend:
        return VersionedLayer(MemoryBackend())


class TestOverAFolder(VersionsContract):
    @pytest.fixture
    def backend(self, tmp_path: Path) -> Iterator[Backend]:
        backend = VersionedLayer(LocalBackend(LocalOptions(path=tmp_path)))
        yield backend
        backend.close()


class TestOverSqlite(VersionsContract):
    @pytest.fixture
    def backend(self, tmp_path: Path) -> Iterator[Backend]:
        backend = VersionedLayer(SqliteBackend(SqliteOptions(path=tmp_path / "db")))
        yield backend
        backend.close()


class TestOverAnObjectStore(VersionsContract):
    """A store without renames."""

    @pytest.fixture
    def backend(self) -> Backend:
        return VersionedLayer(ObjectStore())
