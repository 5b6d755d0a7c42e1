"""The times that a file shows after a commit are those that the store has: none moves when it is asked."""

from pathlib import Path
from typing import Literal

import pytest

from tests.engine.files.trees import put, store_tree
from tests.fakes import ObjectStore
from vfs.engine.entries import Attributes, Entry
from vfs.engine.files import commits
from vfs.engine.files.store_tree import StoreTree

SIZES = [0, 10, 300]
"""Sent without bytes, in one request, in parts; the last leaves while it is written, where closing waits."""


@pytest.fixture(autouse=True)
def small_requests(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(commits, "SINGLE_WRITE", 16)


def times(entry: Entry) -> tuple[int | None, int | None]:
    return entry.mtime_ns, entry.ctime_ns


def asked_again(tree: StoreTree, key: str) -> Entry:
    tree.entries.forget(key)
    return tree.stat(key)


@pytest.mark.parametrize("durability", ["store", "disk"])
@pytest.mark.parametrize("size", SIZES)
def test_times_stay_when_an_entry_expires_regression(
    tmp_path: Path, size: int, durability: Literal["store", "disk"]
) -> None:
    """Archivers take a file whose ctime moves for one that changes while they read it."""
    with store_tree(ObjectStore(), tmp_path, durability) as tree:
        put(tree, "a", b"x" * size)
        closed = tree.stat("a")
        tree.flush()
        assert times(tree.stat("a")) == times(closed)
        assert times(asked_again(tree, "a")) == times(closed)


@pytest.mark.parametrize("size", SIZES)
def test_an_open_file_shows_them_too(tmp_path: Path, size: int) -> None:
    """fstat of a descriptor that was synced, and stat of the name."""
    with store_tree(ObjectStore(), tmp_path) as tree:
        handle = tree.create("a", attributes=Attributes(mode=0o600))
        handle.write(0, b"x" * size)
        handle.sync()
        assert times(handle.stat()) == times(asked_again(tree, "a"))
        handle.set_attributes(Attributes(mtime_ns=5))
        handle.sync()
        assert times(handle.stat()) == times(asked_again(tree, "a"))
        handle.close()
