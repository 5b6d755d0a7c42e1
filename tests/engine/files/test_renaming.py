"""Renaming over a store without renames: every rule of rename(2), and what open handles see."""

import pytest

from tests.engine.files.trees import content_of, names, put
from tests.fakes import ObjectStore
from vfs.engine.entries import Attributes, EntryKind
from vfs.engine.errors import (
    AlreadyExists,
    DirectoryNotEmpty,
)
from vfs.engine.files.store_tree import StoreTree


def test_renaming_over_a_file_is_what_editors_do(tree: StoreTree, store: ObjectStore) -> None:
    """Write a new file, rename it over the old one: the old name has the new bytes, the new name is gone."""
    put(tree, "a", b"old")
    put(tree, "a.tmp", b"new")

    tree.rename("a.tmp", "a")

    assert names(tree) == ["a"]
    assert content_of(tree, "a") == b"new"
    assert [entry.name for entry in store.list("")] == ["a"]


def test_an_unsent_file_is_renamed_without_a_request(tree: StoreTree, store: ObjectStore) -> None:
    """A name that the store never heard of changes here alone, even onto an existing file."""
    put(tree, "a", b"old")
    handle = tree.create("a.tmp")
    handle.write(0, b"new")
    store.requests.clear()

    tree.rename("a.tmp", "a")

    assert store.requests == []
    handle.flush()
    handle.close()
    assert content_of(tree, "a") == b"new"


def test_a_folder_is_renamed_with_all_below_it(tree: StoreTree, store: ObjectStore) -> None:
    """Files, empty folders and open files go along; an open file is written to its new place."""
    tree.make_directory("d")
    tree.make_directory("d/empty")
    put(tree, "d/a[1]*", b"one")
    handle = tree.create("d/open")
    handle.write(0, b"open")

    tree.rename("d", "e")

    handle.write(4, b"!")
    handle.flush()
    handle.close()
    assert names(tree) == ["e"]
    assert names(tree, "e") == ["a[1]*", "empty", "open"]
    assert tree.stat("e/empty").kind is EntryKind.FOLDER
    assert bytes(store.read("e/open")) == b"open!"


def test_a_folder_that_replaces_an_empty_one_keeps_its_attributes(tree: StoreTree) -> None:
    """The moved folder's mode and owner stand at the new name, not those of the folder that was there."""
    tree.make_directory("d", attributes=Attributes(mode=0o700, uid=5))
    tree.make_directory("e", attributes=Attributes(mode=0o755, uid=6))

    tree.rename("d", "e")

    assert (tree.stat("e").mode, tree.stat("e").uid) == (0o700, 5)


def test_renaming_keeps_rename_2s_rules(tree: StoreTree) -> None:
    """A folder with entries is not replaced, and without overwriting nothing is."""
    put(tree, "d/x", b"")
    put(tree, "e/y", b"")

    with pytest.raises(DirectoryNotEmpty):
        tree.rename("d", "e")
    with pytest.raises(AlreadyExists):
        tree.rename("d/x", "e/y", overwrite=False)


def test_a_rename_over_an_open_file_leaves_its_handles_the_old_bytes(tree: StoreTree) -> None:
    """Whoever had the replaced file open still reads it."""
    put(tree, "old", b"old bytes")
    put(tree, "new", b"new bytes")
    handle = tree.open("old")

    tree.rename("new", "old")

    assert bytes(handle.read(0, 100)) == b"old bytes"
    handle.close()
    assert content_of(tree, "old") == b"new bytes"


def test_a_renamed_folder_keeps_its_extended_attributes(tree: StoreTree) -> None:
    """What was set on a folder goes along, though it is made anew at the other name."""
    tree.make_directory("d")
    tree.set_xattr("d", "user.colour", b"red")

    tree.rename("d", "e")

    assert tree.get_xattr("e", "user.colour") == b"red"
