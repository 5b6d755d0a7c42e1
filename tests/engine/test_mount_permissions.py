"""`permissions` of a mount: three steps, the same words as the layer has."""

from pathlib import Path

import pytest

from vfs.config import settings_from
from vfs.engine.errors import PermissionDenied
from vfs.engine.manager import StorageManager
from vfs.engine.nodes import StorageNode


def file_on(folder: Path, **terms: str) -> tuple[StorageManager, StorageNode]:
    """A mount with these terms, and a node that may or may not be there."""
    mount = {"type": "sqlite", "path": "f.db", **terms}
    data = {"mounts": {"m": mount}, "state": "state", "cache": {"directory": None}}
    manager = StorageManager(settings_from(data, folder=folder))
    return manager, manager.node("m:f")


@pytest.mark.parametrize("terms", [{}, {"permissions": "delete"}], ids=str)
def test_everything_is_allowed_unless_said_otherwise(tmp_path: Path, terms: dict[str, str]) -> None:
    """Files are written and removed."""
    manager, file = file_on(tmp_path, **terms)
    with manager:
        file.write_bytes(b"words")
        file.delete()
        assert not file.exists()


def test_readwrite_never_removes(tmp_path: Path) -> None:
    """Writing over a file is allowed, removing it is not."""
    manager, file = file_on(tmp_path, permissions="readwrite")
    with manager:
        file.write_bytes(b"words")
        file.write_bytes(b"others")
        with pytest.raises(PermissionDenied):
            file.delete()
        assert file.read_bytes() == b"others"


def test_readonly_changes_nothing(tmp_path: Path) -> None:
    """Not even the first write."""
    manager, file = file_on(tmp_path)
    with manager:
        file.write_bytes(b"words")
    manager, file = file_on(tmp_path, permissions="readonly")
    with manager:
        with pytest.raises(PermissionDenied):
            file.write_bytes(b"others")
        assert file.read_bytes() == b"words"
