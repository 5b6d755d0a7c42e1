"""A local backend on a folder with something beside it that it must not reach."""

from collections.abc import Iterator
from pathlib import Path

import pytest

from vfs.engine.backends.local import LocalBackend, LocalOptions


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    """The folder that is mounted; what lies beside it is outside."""
    inside = tmp_path / "inside"
    inside.mkdir()
    return inside


@pytest.fixture
def local(folder: Path) -> Iterator[LocalBackend]:
    """A backend on the folder that follows no symlinks."""
    backend = LocalBackend(LocalOptions(path=folder))
    yield backend
    backend.close()
