"""A mirror keeps the backend contract, whatever its members are."""

from collections.abc import Iterator
from pathlib import Path

import pytest

from vfs.engine.backend import Backend
from vfs.engine.backends.local import LocalBackend, LocalOptions
from vfs.engine.backends.memory import MemoryBackend
from vfs.engine.composites.mirror import MirrorBackend, MirrorOptions
from vfs.testing import BackendContract


class TestMirrorOfMemories(BackendContract):
    @pytest.fixture
    def backend(self, tmp_path: Path) -> Iterator[Backend]:
        members = {"one": MemoryBackend(), "two": MemoryBackend()}
        mirror = MirrorBackend(members, MirrorOptions(mounts=("one", "two")), str(tmp_path / "record"))
        yield mirror
        mirror.close()


class TestMirrorOfFolderAndMemory(BackendContract):
    # The folder's own: the system's change time is part of its ETags.
    etag_survives_attribute_changes = False

    @pytest.fixture
    def backend(self, tmp_path: Path) -> Iterator[Backend]:
        folder = tmp_path / "folder"
        folder.mkdir()
        local = LocalBackend(LocalOptions(path=folder))
        members = {"disk": local, "ram": MemoryBackend()}
        mirror = MirrorBackend(
            members, MirrorOptions(mounts=("disk", "ram"), min_success="all"), str(tmp_path / "record")
        )
        yield mirror
        mirror.close()
        local.close()
