"""File systems over mounts of memory, of a folder, of a store that is watched, for the tests of `vfs://`."""

from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

import vfs
from tests.fsspec.watched import WatchedStorage
from tests.stacks import stack_of
from vfs.engine.backends import STORAGE_TYPES
from vfs.engine.registry import LazyType
from vfs.fsspec import VfsFileSystem


@pytest.fixture
def settings(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> dict[str, Any]:
    """Mounts: `local` on a folder, `memory`, `watched`, and `packed`, which stores other sizes."""
    watched = LazyType("tests.fsspec.watched:WatchedStorage:WatchedOptions")
    monkeypatch.setitem(STORAGE_TYPES._types, "watched", watched)
    return {
        "mounts": {
            "local": {"type": "local", "path": f"{tmp_path}/local", "create": True},
            "memory": {"type": "memory"},
            "watched": {"type": "watched"},
            "packed": {"type": "watched", "layers": ["gzip"]},
        },
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


@pytest.fixture
def watched(storage: vfs.StorageManager) -> WatchedStorage:
    """The store of the mount `watched`."""
    store = stack_of(storage, "watched")
    assert isinstance(store, WatchedStorage)
    return store
