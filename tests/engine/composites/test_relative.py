"""A folder of another mount as a mount: the backend contract, and nothing outside."""

import os
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from vfs.engine import paths
from vfs.engine.backend import Backend, Copies, Moves, OpensInPlace
from vfs.engine.capabilities import Capability
from vfs.engine.errors import NotADirectory, PermissionDenied
from vfs.storage import StorageManager
from vfs.testing.backend import BackendContract


def opened(folder: Path, mounts: dict[str, Any]) -> StorageManager:
    return StorageManager(
        {"mounts": mounts, "state": os.fspath(folder / "state"), "cache": {"directory": None}}
    )


def local(folder: Path, **more: object) -> dict[str, object]:
    return {"type": "local", "path": os.fspath(folder / "home"), "create": True, **more}


class Relative(BackendContract):
    """The stack of the mount `it`, among others."""

    longest_key_bytes = paths.MAX_KEY_BYTES - len("work/deep/")

    def mounts(self, folder: Path) -> dict[str, Any]:
        raise NotImplementedError

    @pytest.fixture
    def backend(self, tmp_path: Path) -> Iterator[Backend]:
        with opened(tmp_path, self.mounts(tmp_path)) as storage:
            yield storage.tree("it").backend


class TestRelativeToAMemory(Relative):
    def mounts(self, folder: Path) -> dict[str, Any]:
        return {"home": {"type": "memory"}, "it": {"type": "relative", "path": "home:work/deep"}}


class TestRelativeToARelative(Relative):
    def mounts(self, folder: Path) -> dict[str, Any]:
        return {
            "it": {"type": "relative", "path": "work:deep"},
            "work": {"type": "relative", "path": "home:work"},
            "home": {"type": "memory"},
        }


class TestAllOfAMount(Relative):
    def mounts(self, folder: Path) -> dict[str, Any]:
        return {"home": {"type": "memory"}, "it": {"type": "relative", "path": "home:"}}


class TestRelativeToAFolder(Relative):
    etag_survives_attribute_changes = False

    def mounts(self, folder: Path) -> dict[str, Any]:
        return {"home": local(folder), "it": {"type": "relative", "path": "home:work/deep"}}


class TestRelativeToAStack(Relative):
    """Contents packed and hidden, at encoded keys."""

    unkeepable_names = frozenset({"é" * 127})

    def mounts(self, folder: Path) -> dict[str, Any]:
        home = {"type": "memory", "layers": ["url_encode", "gzip"]}
        return {"home": home, "it": {"type": "relative", "path": "home:work/deep"}}


@pytest.fixture
def home(tmp_path: Path) -> Path:
    (tmp_path / "home" / "work").mkdir(parents=True)
    return tmp_path / "home"


def test_abilities_of_the_member_stay(tmp_path: Path, home: Path) -> None:
    """A folder of a local mount is opened in place, renamed and copied as the mount itself."""
    mounts = {"home": local(tmp_path), "it": {"type": "relative", "path": "home:work"}}
    with opened(tmp_path, mounts) as storage:
        whole, part = storage.tree("home").backend, storage.tree("it").backend
        assert part.capabilities == whole.capabilities
        for wanted in (OpensInPlace, Moves, Copies):
            assert (part.ability(wanted) is None) == (whole.ability(wanted) is None)
        assert part.is_remote == whole.is_remote


@pytest.mark.parametrize("path", ["home:work", "home:"])
def test_what_is_readonly_there_is_readonly_here(tmp_path: Path, home: Path, path: str) -> None:
    """`permissions` of the mount below hold, and say so."""
    (home / "f").write_text("text")
    mounts = {"home": local(tmp_path, permissions="readonly"), "it": {"type": "relative", "path": path}}
    with opened(tmp_path, mounts) as storage:
        assert storage.tree("it").readonly
        assert Capability.READONLY in storage.node("it:").capabilities
        with pytest.raises(PermissionDenied):
            storage.node("it:new").write_text("x")


def test_a_missing_folder_is_made_by_the_first_entry(tmp_path: Path, home: Path) -> None:
    """Looking makes nothing; a file or a folder does."""
    mounts = {"home": local(tmp_path), "it": {"type": "relative", "path": "home:not/there"}}
    with opened(tmp_path, mounts) as storage:
        assert storage.node("it:").is_dir()
        assert list(storage.node("it:").children()) == []
        assert not (home / "not").exists()
        storage.node("it:d").mkdir()
        assert (home / "not" / "there" / "d").is_dir()


def test_a_file_is_no_root(tmp_path: Path, home: Path) -> None:
    """Opening the mount says so, and where."""
    (home / "file").write_text("text")
    with pytest.raises(NotADirectory, match="home:file"):
        opened(tmp_path, {"home": local(tmp_path), "it": {"type": "relative", "path": "home:file"}})


def test_a_symlink_leads_nowhere_else(tmp_path: Path, home: Path) -> None:
    """Neither inside the folder nor as the folder itself."""
    (home / "secret").mkdir()
    (home / "secret" / "f").write_text("secret")
    (home / "work" / "out").symlink_to("../secret")
    (home / "out").symlink_to("/")
    mounts = {"home": local(tmp_path), "it": {"type": "relative", "path": "home:work"}}
    with opened(tmp_path, mounts) as storage, pytest.raises(PermissionDenied):
        storage.node("it:out/f").read_text()
    with pytest.raises(NotADirectory):
        opened(tmp_path, {"home": local(tmp_path), "it": {"type": "relative", "path": "home:out"}})
