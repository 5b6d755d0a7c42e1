"""A storage of several kinds of mounts, and who asks it over WebDAV."""

from collections.abc import Iterator
from pathlib import Path

import pytest

import vfs
from tests.dav.asking import Client, asking
from vfs.engine import StorageManager


@pytest.fixture
def storage(tmp_path: Path) -> Iterator[StorageManager]:
    """Two mounts, one whose files lie open and one whose files are staged; names with capitals."""
    mounts = {
        "Memory": {"type": "memory"},
        "local": {"type": "local", "path": str(tmp_path / "local"), "create": True},
    }
    with vfs.open({"mounts": mounts}) as opened:
        yield opened


@pytest.fixture
def client(storage: StorageManager, tmp_path: Path) -> Iterator[Client]:
    with asking(storage, tmp_path) as made:
        yield made


@pytest.fixture(params=["Memory", "local"])
def mount(request: pytest.FixtureRequest) -> str:
    """The name of either."""
    return str(request.param)
