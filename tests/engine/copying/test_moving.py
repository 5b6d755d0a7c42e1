"""Moves between mounts: copied, compared, and only then deleted; a failure loses nothing."""

import itertools
from typing import Any

import pytest

import vfs
from tests.engine.copying.trees import found, put
from tests.stacks import stack_of
from vfs.storage import StorageManager

TREE = {"a": b"1", "sub/b": b"22", "sub/link": "b", "empty": None}
FOUND = {**TREE, "sub": None}


def test_a_tree_goes_with_all_that_it_holds(storage: StorageManager) -> None:
    """From each kind to another; the callbacks are those of a copy."""
    kinds = ["local", "sqlite", "journalled", "memory", "local"]
    put(storage.node("local:d"), TREE)
    for here, there in itertools.pairwise(kinds):
        told: list[vfs.StorageNode] = []
        moved = storage.node(f"{here}:d").move_to(f"{there}:d", on_file=told.append)
        assert moved == storage.node(f"{there}:d")
        assert found(moved) == FOUND
        assert not storage.node(f"{here}:d").exists()
        assert sorted(node.path for node in told) == ["d/a", "d/sub/b", "d/sub/link"]


def test_what_is_skipped_or_left_out_stays(storage: StorageManager) -> None:
    """The rest goes into what is there, within a mount too."""
    for there in ("local:there", "memory:there"):
        put(storage.node("memory:d"), {"a": b"1", "sub/b": b"22", "sub/c.log": b"3"})
        put(storage.node(there), {"a": b"old"})
        storage.node("memory:d").move_to(there, skip="exists", exclude="*.log")
        assert found(storage.node("memory:d")) == {"a": b"1", "sub": None, "sub/c.log": b"3"}
        assert found(storage.node(there)) == {"a": b"old", "sub": None, "sub/b": b"22"}
        storage.node("memory:d/a").move_to(f"{there}/a", skip="exists")
        assert storage.node("memory:d/a").read() == "1"


def test_a_failure_deletes_nothing(storage: StorageManager, monkeypatch: pytest.MonkeyPatch) -> None:
    """The first is raised, with its place; what was copied is there twice."""
    put(storage.node("memory:d"), TREE)
    backend = stack_of(storage, "sqlite")
    write = backend.write

    def failing(key: str, *args: Any, **options: Any) -> Any:
        if key.endswith("b"):
            raise vfs.BackendUnavailable("the store does not answer", key)
        return write(key, *args, **options)

    with monkeypatch.context() as patch:
        patch.setattr(backend, "write", failing)
        with pytest.raises(vfs.BackendUnavailable, match=r"^sqlite:d/sub/b"):
            storage.node("memory:d").move_to("sqlite:d")
    assert found(storage.node("memory:d")) == FOUND
    storage.node("memory:d").move_to("sqlite:d", skip=lambda ours, theirs: False)
    assert found(storage.node("sqlite:d")) == FOUND
    assert not storage.node("memory:d").exists()


def test_what_changed_meanwhile_stays(storage: StorageManager) -> None:
    """A file that is not any more what was copied is kept, and told; so is a new one, untold."""
    put(storage.node("memory:d"), {"a": b"1", "b": b"2"})

    def change(node: vfs.StorageNode) -> None:
        if node.name == "a":
            node.write_bytes(b"changed")
            (node.parent / "new").write_bytes(b"new")

    with pytest.raises(vfs.Conflict, match=r"^memory:d/a: changed while it was moved"):
        storage.node("memory:d").move_to("sqlite:d", on_file=change)
    assert found(storage.node("memory:d")) == {"a": b"changed", "new": b"new"}
    assert found(storage.node("sqlite:d")) == {"a": b"1", "b": b"2"}
    with pytest.raises(vfs.Conflict):
        storage.node("memory:d/a").move_to("sqlite:e", on_file=lambda node: node.write_bytes(b"again"))
    assert storage.node("memory:d/a").read() == "again"


def test_a_move_is_compared_before_the_source_goes(
    storage: StorageManager, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A store that spoils what it is given costs nobody a file."""
    storage.node("memory:a").write_bytes(b"good")
    backend = stack_of(storage, "sqlite")
    write = backend.write
    monkeypatch.setattr(backend, "write", lambda key, source, **options: write(key, b"evil", **options))
    with pytest.raises(vfs.StorageError, match="other bytes than its source"):
        storage.node("memory:a").move_to("sqlite:a")
    assert storage.node("memory:a").read() == "good"
    assert not storage.node("sqlite:a").exists()
    storage.node("memory:a").move_to("sqlite:a", verify=False)
    assert storage.node("sqlite:a").read() == "evil"


def test_a_readonly_mount_is_not_moved_from(storage: StorageManager) -> None:
    """Nor into: nothing is copied first."""
    storage.node("memory:a").write_bytes(b"1")
    with pytest.raises(vfs.PermissionDenied, match=r"^locked:a"):
        storage.node("locked:a").move_to("memory:b")
    with pytest.raises(vfs.PermissionDenied, match=r"^locked:b"):
        storage.node("memory:a").move_to("locked:b")
    assert found(storage.node("memory:")) == {"a": b"1"}
