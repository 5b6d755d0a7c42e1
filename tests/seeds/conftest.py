"""The storage that the examples act on: mounts under the names that they use."""

from collections.abc import Iterator
from pathlib import Path

import pytest

import vfs
from tests.engine.nodes import add_bucket
from tests.servers.seaweed import SeaweedServer

FOLDERS = ("backup", "backups", "data", "docs", "files", "output", "uploads", "v1", "v2", "videos")


@pytest.fixture(autouse=True)
def _own_folders(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """What a process keeps, where an example says nothing of it, is the test's own."""
    monkeypatch.setenv("XDG_STATE_HOME", str(tmp_path / "state"))
    monkeypatch.setenv("XDG_CACHE_HOME", str(tmp_path / "cache"))


@pytest.fixture
def storage(tmp_path: Path) -> Iterator[vfs.StorageManager]:
    """Mounts in memory beside `home`, a folder, which a path without a mount's name means."""
    home = {"type": "local", "path": str(tmp_path / "home"), "create": True}
    configuration = {
        "mounts": {"home": home} | {name: {"type": "memory"} for name in FOLDERS},
        "main": "home",
        "state": str(tmp_path / "state"),
        "cache": {"directory": None, "memory": "16MiB"},
    }
    with vfs.open(configuration) as storage:
        yield storage


@pytest.fixture
def s3(storage: vfs.StorageManager, seaweed: SeaweedServer, versioned_bucket: str) -> vfs.StorageNode:
    """The root of the mount `s3`: a bucket that keeps old versions, beside the other mounts."""
    add_bucket(storage, seaweed, versioned_bucket)
    return storage.node("s3:")
