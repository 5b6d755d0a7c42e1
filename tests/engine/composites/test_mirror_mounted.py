"""A mirror as a configuration makes it: over mounts, below a tree, coherent with its members."""

import os
from collections.abc import Iterator
from pathlib import Path

import pytest

from vfs.config import settings_from
from vfs.engine.composites.mirror import MirrorBackend
from vfs.engine.errors import ConfigError, PermissionDenied
from vfs.engine.manager import StorageManager
from vfs.testing.limits import ability


def opened(folder: Path, **more: object) -> StorageManager:
    (folder / "home").mkdir(exist_ok=True)
    mounts = {
        "safe": {"type": "mirror", "mounts": ["home", "notes"], **more},
        "home": {"type": "local", "path": os.fspath(folder / "home")},
        "notes": {"type": "sqlite", "path": os.fspath(folder / "notes.db"), "layers": ["gzip"]},
    }
    settings = {"mounts": mounts, "cache": {"directory": None}, "state": os.fspath(folder / "state")}
    return StorageManager(settings_from(settings))


@pytest.fixture
def storage(tmp_path: Path) -> Iterator[StorageManager]:
    with opened(tmp_path) as storage:
        yield storage


def test_what_is_written_is_in_every_member(storage: StorageManager, tmp_path: Path) -> None:
    """Each in its own way, seen through the members' own mounts at once."""
    storage.node("safe:d/f").write_bytes(b"content" * 1000)
    assert (tmp_path / "home/d/f").read_bytes() == b"content" * 1000
    assert storage.node("notes:d/f").read_bytes() == b"content" * 1000
    assert storage.node("home:d/f").read_bytes() == b"content" * 1000
    storage.node("safe:d/f").delete()
    assert not storage.node("notes:d/f").exists()


def test_what_is_written_through_the_first_member_is_seen(storage: StorageManager) -> None:
    """A name that the mirror had looked for in vain is there at once; the difference is found and settled."""
    assert not storage.node("safe:f").exists()
    storage.node("home:f").write_bytes(b"directly")
    assert storage.node("safe:f").read_bytes() == b"directly"
    mirror = ability(storage.tree("safe").backend, MirrorBackend)
    assert [difference.key for difference in mirror.reconcile()] == ["f"]
    assert storage.node("notes:f").read_bytes() == b"directly"
    assert list(mirror.compare()) == []


def test_the_record_lies_in_the_state_folder(tmp_path: Path) -> None:
    """Unless the option says otherwise."""
    with opened(tmp_path):
        assert list((tmp_path / "state").rglob("mirror-*.sqlite"))
    with opened(tmp_path, state=os.fspath(tmp_path / "elsewhere" / "record")):
        assert (tmp_path / "elsewhere" / "record").exists()


def test_wrong_options_are_told(tmp_path: Path) -> None:
    """One mount only, one named twice, more successes than members."""
    for wrong in ({"mounts": ["home"]}, {"mounts": ["home", "home"]}, {"min_success": 3}):
        with pytest.raises(ConfigError):
            opened(tmp_path, **wrong)


def test_a_read_only_member_makes_a_read_only_mirror(tmp_path: Path) -> None:
    """Refused when a file is opened to be written, not when it is closed."""
    (tmp_path / "archive").mkdir()
    (tmp_path / "archive/f").write_bytes(b"content")
    archive = {"type": "local", "path": os.fspath(tmp_path / "archive"), "permissions": "readonly"}
    mounts = {"m": {"type": "mirror", "mounts": ["a", "b"]}, "a": archive, "b": {"type": "memory"}}
    settings = {"mounts": mounts, "cache": {"directory": None}, "state": os.fspath(tmp_path / "state")}
    with StorageManager(settings_from(settings)) as storage:
        assert storage.node("m:f").read_bytes() == b"content"
        with pytest.raises(PermissionDenied):
            storage.node("m:f").write_bytes(b"x")
