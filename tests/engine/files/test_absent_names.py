"""What it costs to ask for names that are not there."""

from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.engine.files.trees import put, store_tree
from tests.fakes import ObjectStore
from vfs.engine.entries import Entry
from vfs.engine.errors import NotFound
from vfs.engine.files import store_view as subject
from vfs.engine.files.questions import QUESTIONS_BEFORE_LISTING
from vfs.engine.files.store_tree import StoreTree


class AskedStore(ObjectStore):
    """Keeps also what was only looked at."""

    def stat(self, key: str) -> Entry:
        self.requests.append("stat")
        return super().stat(key)

    def list(self, key: str) -> Iterator[Entry]:
        self.requests.append("list")
        return super().list(key)


@pytest.fixture
def store() -> AskedStore:
    store = AskedStore()
    for number in range(5):
        store.write(f"folder/{number}", b"")
    return store


@pytest.fixture
def tree(store: AskedStore, tmp_path: Path) -> Iterator[StoreTree]:
    with store_tree(store, tmp_path) as tree:
        store.requests.clear()
        yield tree


def ask(tree: StoreTree, count: int, folder: str = "folder") -> None:
    for number in range(count):
        with pytest.raises(NotFound):
            tree.stat(f"{folder}/absent-{number}")


def test_many_absent_names_of_a_folder_cost_one_listing(tree: StoreTree, store: AskedStore) -> None:
    """After the first few, a listing has the answer for all; what is there is still found."""
    ask(tree, 100)

    assert store.requests == ["stat"] * QUESTIONS_BEFORE_LISTING + ["list"]
    assert tree.stat("folder/3").name == "3"


def test_a_big_folder_is_not_listed_for_absent_names(
    tree: StoreTree, store: AskedStore, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Where a listing would cost many requests, each name is asked for, and none is wrongly absent."""
    monkeypatch.setattr(subject, "LISTED_FOR_NAMES", 4)
    ask(tree, 10)

    assert store.requests.count("stat") == 10
    assert store.requests.count("list") == 1
    assert tree.stat("folder/4").name == "4"


def test_a_folder_made_here_is_known_to_be_empty(tree: StoreTree, store: AskedStore) -> None:
    """Filling a new folder costs one write a file: nobody asks whether the names are taken."""
    tree.make_directory("new")
    store.requests.clear()
    for name in ("new/a", "new/b"):
        with pytest.raises(NotFound):
            tree.stat(name)
        put(tree, name, b"content")

    assert store.requests == ["write", "write"]
    assert sorted(entry.name for entry in tree.list("new")) == ["a", "b"]


def test_a_name_that_was_absent_appears_when_it_is_made(tree: StoreTree) -> None:
    """A folder known by its listing shows what is made in it afterwards."""
    ask(tree, QUESTIONS_BEFORE_LISTING)
    put(tree, "folder/absent-0", b"content")

    assert tree.stat("folder/absent-0").size == 7


def test_absent_names_in_an_absent_folder_stay_absent(tree: StoreTree) -> None:
    """That the folder cannot be listed either changes nothing."""
    ask(tree, 2 * QUESTIONS_BEFORE_LISTING, folder="nowhere")
