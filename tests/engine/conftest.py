"""Fixtures for tests of nodes: a storage with mounts of each kind."""

from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.engine.nodes import KINDS, storage_in
from vfs.engine.node import StorageNode
from vfs.storage import StorageManager


@pytest.fixture
def storage(tmp_path: Path) -> Iterator[StorageManager]:
    with storage_in(tmp_path) as storage:
        yield storage


@pytest.fixture(params=KINDS)
def root(request: pytest.FixtureRequest, storage: StorageManager) -> StorageNode:
    """The root of a mount, each kind in turn."""
    return storage.node(f"{request.param}:")
