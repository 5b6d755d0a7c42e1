"""The local backend keeps the backend contract, inside its folder and by the system's rules."""

from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.contracts.backend import BackendContract
from vfs.engine.backend import Backend
from vfs.engine.backends.local import LocalBackend, LocalOptions


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    """The folder that is mounted; what lies beside it is outside."""
    inside = tmp_path / "inside"
    inside.mkdir()
    return inside


@pytest.fixture
def local(folder: Path) -> Iterator[LocalBackend]:
    backend = LocalBackend(LocalOptions(path=str(folder)))
    yield backend
    backend.close()


class TestLocalBackend(BackendContract):
    # The system's change time is part of it: a write in place that keeps size and time must not go unseen.
    etag_survives_attribute_changes = False

    @pytest.fixture
    def backend(self, local: LocalBackend) -> Backend:
        return local
