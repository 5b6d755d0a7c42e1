"""The layer `versioned` keeps the contract of backends over memory, folders, SQLite and object stores."""

from collections.abc import Iterator
from pathlib import Path
from typing import ClassVar

import pytest

from tests.fakes import ObjectStore
from vfs.engine import paths
from vfs.engine.backend import Backend, KeepsVersions
from vfs.engine.backends.local import LocalBackend, LocalOptions
from vfs.engine.backends.sqlite import SqliteBackend, SqliteOptions
from vfs.engine.capabilities import Capability
from vfs.engine.histories import ChecksHistory, CompactsVersions, SweepsVersions
from vfs.engine.layers.versioned import VersionedLayer
from vfs.testing.backend import BackendContract
from vfs.testing.layer import LayerContract

PAST = frozenset({Capability.VERSIONING, Capability.VERSION_LISTING, Capability.VERSION_ACCESS})
ROOM = 300
"""Bytes of a key that the history needs for itself, and some more."""


class TestOverMemory(LayerContract):
    adds: ClassVar[frozenset[type]] = frozenset(
        {ChecksHistory, CompactsVersions, KeepsVersions, SweepsVersions}
    )
    gains = PAST
    longest_key_bytes = paths.MAX_KEY_BYTES - ROOM

    def wrap(self, inner: Backend) -> Backend:
        return VersionedLayer(inner)


class TestOverAFolder(BackendContract):
    many_files = 200  # more come over an object store
    etag_survives_attribute_changes = False
    longest_key_bytes = paths.MAX_KEY_BYTES - ROOM

    @pytest.fixture
    def backend(self, tmp_path: Path) -> Iterator[Backend]:
        backend = VersionedLayer(LocalBackend(LocalOptions(path=tmp_path)))
        yield backend
        backend.close()


class TestOverSqlite(BackendContract):
    many_files = 200
    longest_key_bytes = paths.MAX_KEY_BYTES - ROOM

    @pytest.fixture
    def backend(self, tmp_path: Path) -> Iterator[Backend]:
        backend = VersionedLayer(SqliteBackend(SqliteOptions(path=tmp_path / "db")))
        yield backend
        backend.close()


class TestOverAnObjectStore(BackendContract):
    """A store without renames that takes files in parts."""

    longest_key_bytes = paths.MAX_KEY_BYTES - ROOM

    @pytest.fixture
    def backend(self) -> Backend:
        return VersionedLayer(_Objects())


class _Objects(ObjectStore):
    @property
    def capabilities(self) -> frozenset[Capability]:
        return super().capabilities - {Capability.ATOMIC_MOVE}
