"""When a folder was changed: as programs here have seen it, whatever the store makes of a file that comes."""

import time
from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.engine.files.trees import put, store_tree
from tests.fakes import ObjectStore
from tests.mounts.times import wait_for_clock_past
from vfs.engine.entries import Attributes
from vfs.engine.files.store_tree import StoreTree


@pytest.fixture
def store() -> ObjectStore:
    return ObjectStore()


@pytest.fixture
def tree(store: ObjectStore, tmp_path: Path) -> Iterator[StoreTree]:
    """A tree that believes nothing of what it saw, so that each look asks the store."""
    with store_tree(store, tmp_path, ttl=0) as tree:
        tree.make_directory("d")
        yield tree


def times(tree: StoreTree) -> tuple[int | None, int | None]:
    entry = tree.stat("d")
    return entry.mtime_ns, entry.ctime_ns


def test_storing_a_file_does_not_change_its_folder_again_regression(tree: StoreTree) -> None:
    """tar found that a folder changed while it was read: its time moved when the new file was stored."""
    handle = tree.create("d/f")
    handle.write(0, b"x")
    made = times(tree)
    wait_for_clock_past(time.time_ns())
    handle.flush()
    handle.close()
    assert times(tree) == made
    wait_for_clock_past(time.time_ns())
    put(tree, "d/f", b"again")
    assert times(tree) == made


def test_a_time_set_by_hand_outlasts_what_is_sent_later(store: ObjectStore, tmp_path: Path) -> None:
    """As `cp -a` sets it, while a file below waits to be stored."""
    with store_tree(store, tmp_path, "disk") as later:
        later.make_directory("d")
        handle = later.create("d/f")
        later.set_attributes("d", Attributes(mtime_ns=10**18))
        handle.write(0, b"x")
        handle.flush()
        handle.close()
        later.flush()
        later.entries.forget("d")
        assert later.stat("d").mtime_ns == 10**18


def test_a_folder_given_its_times_changes_no_more_regression(store: ObjectStore, tmp_path: Path) -> None:
    """tar found that it changed: what was sent after `cp -a` made the time given the ctime, too."""
    with store_tree(store, tmp_path, "disk") as later:
        later.make_directory("d")
        handle = later.create("d/f")
        handle.write(0, b"x")
        later.set_attributes("d", Attributes(mtime_ns=10**18))
        made = times(later)
        wait_for_clock_past(time.time_ns())
        handle.flush()
        handle.close()
        later.flush()
        assert times(later) == made
        later.entries.forget("d")
        assert times(later) == made
        assert made[1] != 10**18


def test_what_others_change_is_seen(tree: StoreTree, store: ObjectStore) -> None:
    """A change of somebody else, after ours, is the store's to tell; so is one of ours after that."""
    put(tree, "d/f", b"x")
    ours, _ = times(tree)
    wait_for_clock_past(time.time_ns())
    store.another_client().write("d/theirs", b"x")
    theirs, _ = times(tree)
    assert (theirs or 0) > (ours or 0)
    wait_for_clock_past(time.time_ns())
    tree.delete("d/f")
    assert (times(tree)[0] or 0) > (theirs or 0)
