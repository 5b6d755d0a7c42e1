"""File systems over mounts of memory and of a folder, for the tests of `vfs://`."""

from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

import vfs
from vfs.fsspec import VfsFileSystem


@pytest.fixture
def settings(tmp_path: Path) -> dict[str, Any]:
    """A configuration of two mounts: `memory`, and `local` on a folder."""
    local = {"type": "local", "path": f"{tmp_path}/local", "create": True}
    return {
        "mounts": {"memory": {"type": "memory"}, "local": local},
        "state": f"{tmp_path}/state",
        "cache": {"directory": None},
    }


@pytest.fixture
def storage(settings: dict[str, Any]) -> Iterator[vfs.StorageManager]:
    with vfs.open(settings) as storage:
        yield storage


@pytest.fixture
def fs(storage: vfs.StorageManager) -> VfsFileSystem:
    return VfsFileSystem(storage=storage)
