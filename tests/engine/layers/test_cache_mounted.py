"""The cache layer as a configuration makes it: over one mount, before another, coherent with both."""

import os
from collections.abc import Iterator
from pathlib import Path

import pytest

from vfs.config import settings_from
from vfs.engine.errors import ConfigError
from vfs.engine.manager import StorageManager


def opened(folder: Path, **options: object) -> StorageManager:
    layer = {"type": "cache", "mount": "ram", "expiry": "1h", **options}
    mounts = {
        "notes": {"type": "relative", "path": "store:notes", "layers": ["gzip", layer], "ttl": 0},
        "store": {"type": "sqlite", "path": os.fspath(folder / "store.db")},
        "ram": {"type": "memory"},
    }
    settings = {"mounts": mounts, "cache": {"directory": None}, "state": os.fspath(folder / "state")}
    return StorageManager(settings_from(settings))


@pytest.fixture
def storage(tmp_path: Path) -> Iterator[StorageManager]:
    with opened(tmp_path) as storage:
        yield storage


def test_what_was_read_is_in_the_fast_mount(storage: StorageManager) -> None:
    """In the folder that belongs to caches, and as it is shown above the layers beneath."""
    storage.node("notes:d/f").write_bytes(b"content" * 1000)
    kept = [folder / name for folder, _, names in storage.node("ram:").walk() for name in names]
    assert [node.read_bytes() for node in kept] == [b"content" * 1000]
    assert kept[0].path.startswith(".vfs-cache/")


def test_what_another_mount_changed_is_seen_at_once(storage: StorageManager) -> None:
    """Though it would be believed for an hour."""
    storage.node("notes:d/f").write_bytes(b"first")
    assert storage.node("notes:d/f").read_bytes() == b"first"
    storage.node("notes:g").write_bytes(b"another")
    storage.node("store:notes/g").copy_to(storage.node("store:notes/d/f"))
    assert storage.node("notes:d/f").read_bytes() == b"another"
    storage.node("store:notes/d/f").delete()
    assert not storage.node("notes:d/f").exists()


def test_the_fast_mount_must_be_one(tmp_path: Path) -> None:
    """Another than the mount itself."""
    with pytest.raises(ConfigError, match="there is no mount 'rom'; did you mean 'ram'"):
        opened(tmp_path, mount="rom")
    with pytest.raises(ConfigError, match="notes -> notes"):
        opened(tmp_path, mount="notes")
