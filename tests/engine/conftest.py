"""Fixtures for tests of nodes: a storage with mounts of each kind."""

from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.engine.nodes import KINDS, add_bucket, storage_in
from tests.servers.seaweed import SeaweedServer
from vfs.engine.nodes import StorageNode
from vfs.storage import StorageManager


@pytest.fixture
def storage(tmp_path: Path) -> Iterator[StorageManager]:
    with storage_in(tmp_path) as storage:
        yield storage


@pytest.fixture(params=[*KINDS, "s3"])
def root(request: pytest.FixtureRequest, storage: StorageManager) -> StorageNode:
    """The root of a mount, each kind in turn."""
    if request.param == "s3":
        server: SeaweedServer = request.getfixturevalue("seaweed")
        add_bucket(storage, server, request.getfixturevalue("bucket"))
    return storage.node(f"{request.param}:")
