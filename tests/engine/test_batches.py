"""Acts on many places at once."""

import pytest

from vfs.engine.errors import AlreadyExists, InvalidPath, IsADirectory, NotFound
from vfs.engine.nodes import StorageNode
from vfs.storage import StorageManager


def test_many_are_deleted(storage: StorageManager, root: StorageNode) -> None:
    """Nodes and paths alike; what failed is told with its error, and stops nothing else."""
    files = [root / f"d/{number}" for number in range(40)]
    for node in files:
        node.write_bytes(b"")
    result = storage.batch_delete([*files[:39], files[39].fullpath, root / "none"])
    assert result.succeeded == tuple(node.fullpath for node in files)
    assert list(result.failed) == [f"{root.mount}:none"]
    assert isinstance(result.failed[f"{root.mount}:none"], NotFound)
    assert (result.total, result.all_succeeded, bool(result)) == (41, False, False)
    assert (root / "d").children() == []


def test_what_is_missing_may_be_fine(storage: StorageManager) -> None:
    """If the caller says so."""
    assert storage.batch_delete(["memory:a", "local:b"], missing_ok=True).all_succeeded


def test_folders_are_deleted_only_if_asked(storage: StorageManager) -> None:
    """As single nodes are."""
    storage.node("memory:d/f").write_bytes(b"")
    assert not storage.batch_delete(["memory:d"])
    assert storage.batch_delete(["memory:d"], recursive=True)
    assert not storage.node("memory:d").exists()


def test_stopping_at_the_first_error(storage: StorageManager) -> None:
    """Nothing after it is begun."""
    storage.node("memory:a").write_bytes(b"")
    storage.node("memory:c").write_bytes(b"")
    result = storage.batch_delete(["memory:a", "memory:b", "memory:c"], stop_on_error=True)
    assert (result.succeeded, list(result.failed)) == (("memory:a",), ["memory:b"])
    assert storage.node("memory:c").exists()


def test_many_are_copied(storage: StorageManager, root: StorageNode) -> None:
    """Across mounts too; told by where they came from."""
    for number in range(20):
        (root / f"from/{number}").write_bytes(bytes([number]))
    (root / "folder").mkdir()
    (root / "taken").write_bytes(b"")
    pairs = [(root / f"from/{number}", f"memory:to/{number}") for number in range(20)]
    result = storage.batch_copy([*pairs, (root / "from/0", root / "folder")])
    assert [error.__class__ for error in result.failed.values()] == [IsADirectory]
    assert [node.read_bytes() for node in storage.node("memory:to").children()] == sorted(
        (bytes([number]) for number in range(20)), key=lambda data: str(data[0])
    )
    refused = storage.batch_copy([(root / "from/0", root / "taken")], overwrite=False)
    assert [error.__class__ for error in refused.failed.values()] == [AlreadyExists]


def test_many_are_looked_for(storage: StorageManager, root: StorageNode) -> None:
    """By full path."""
    (root / "there").write_bytes(b"")
    found = storage.batch_exists([root / "there", f"{root.mount}:none"])
    assert found == {f"{root.mount}:there": True, f"{root.mount}:none": False}


def test_impossible_places_are_refused(storage: StorageManager) -> None:
    """A path that cannot be is the caller's mistake, no failure of the storage."""
    with pytest.raises(InvalidPath):
        storage.batch_exists(["memory:../a"])
    with pytest.raises(ValueError, match="worker"):
        storage.batch_exists(["memory:a"], workers=0)
