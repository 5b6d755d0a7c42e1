"""Fixtures for the asynchronous API: each test runs on asyncio and on trio."""

from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.engine.nodes import storage_in
from vfs.aio import AsyncStorageManager
from vfs.storage import StorageManager


@pytest.fixture(params=["asyncio", "trio"])
def anyio_backend(request: pytest.FixtureRequest) -> str:
    """The loop that a test runs on."""
    return str(request.param)


@pytest.fixture
def manager(tmp_path: Path) -> Iterator[StorageManager]:
    with storage_in(tmp_path) as storage:
        yield storage


@pytest.fixture
def storage(manager: StorageManager) -> AsyncStorageManager:
    return manager.aio
