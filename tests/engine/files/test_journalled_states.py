"""What the journal has of a file stays as acknowledged, whatever is written, renamed or removed since."""

import shutil
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest

from tests.engine.files.trees import content_of, names, put, store_tree
from tests.fakes import ObjectStore
from vfs.engine.files import staging
from vfs.engine.files.store_tree import StoreTree


@pytest.fixture
def store() -> Iterator[ObjectStore]:
    """A store that does not answer until a test says so."""
    store = ObjectStore()
    store.down.set()
    yield store
    store.down.set()


@pytest.fixture
def tree(store: ObjectStore, tmp_path: Path) -> Iterator[StoreTree]:
    with store_tree(store, tmp_path / "state", "disk") as tree:
        yield tree


@contextmanager
def after_crash(store: ObjectStore, tmp_path: Path) -> Iterator[StoreTree]:
    """The tree that the next start finds when this process dies now, and the store answers again."""
    shutil.copytree(tmp_path / "state", tmp_path / "survived")
    with store_tree(store.another_client(), tmp_path / "survived", "disk") as tree:
        tree.flush()
        yield tree


def test_a_rewrite_under_way_leaves_the_acknowledged_version_regression(
    tree: StoreTree, store: ObjectStore, tmp_path: Path
) -> None:
    """A file opened with O_TRUNC and not closed yet: a crash leaves what was closed before, not nothing."""
    put(tree, "a", b"the first version")
    handle = tree.open("a", write=True, truncate=True)
    handle.write(0, b"half of the")

    with after_crash(store, tmp_path) as survived:
        assert content_of(survived, "a") == b"the first version"
    assert bytes(handle.read(0, 100)) == b"half of the"
    handle.close()


def test_a_rewrite_under_way_is_not_sent(tree: StoreTree, store: ObjectStore) -> None:
    """What is sent is the state that was acknowledged; the writer of the next is not disturbed."""
    put(tree, "a", b"the first version")
    handle = tree.open("a", write=True)
    handle.write(4, b"last-")
    store.down.clear()
    tree.durability.outbox.wait_until_empty()

    assert bytes(store.read("a")) == b"the first version"
    assert bytes(handle.read(0, 100)) == b"the last- version"
    handle.flush()
    handle.close()
    tree.flush()
    assert bytes(store.read("a")) == b"the last- version"


def test_appending_to_an_unsent_file_leaves_what_was_acknowledged(
    tree: StoreTree, store: ObjectStore, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Files too big to be staged in memory are no different."""
    monkeypatch.setattr(staging, "MEMORY_LIMIT", 8)
    put(tree, "a", b"0123456789" * 3)
    handle = tree.open("a", write=True)
    handle.write(30, b"more")
    handle.write(0, b"X")

    with after_crash(store, tmp_path) as survived:
        assert content_of(survived, "a") == b"0123456789" * 3
    assert bytes(handle.read(0, 100)) == b"X123456789" + b"0123456789" * 2 + b"more"
    handle.close()


def test_a_cut_while_unsent_is_remembered_when_the_longer_state_was_sent(
    tree: StoreTree, store: ObjectStore
) -> None:
    """Bytes that were cut away come back as zeros, not as those of the object that was sent meanwhile."""
    put(tree, "a", b"0123456789")
    handle = tree.open("a", write=True)
    handle.truncate(4)
    handle.truncate(8)
    store.down.clear()
    tree.durability.outbox.wait_until_empty()

    assert bytes(handle.read(0, 100)) == b"0123\0\0\0\0"
    handle.flush()
    handle.close()
    tree.flush()
    assert bytes(store.read("a")) == b"0123\0\0\0\0"


def test_the_last_of_several_unsent_versions_survives(
    tree: StoreTree, store: ObjectStore, tmp_path: Path
) -> None:
    """Each version acknowledged takes the place of the one before, and leaves nothing behind."""
    for version in range(5):
        put(tree, "a", b"version %d" % version)

    with after_crash(store, tmp_path) as survived:
        assert content_of(survived, "a") == b"version 4"
        assert names(survived) == ["a"]
    assert len(list(Path(tree.durability.journal.directory).glob("*.json"))) == 1


def test_an_unsent_file_renamed_over_another_takes_its_place_in_one_act(
    tree: StoreTree, store: ObjectStore, tmp_path: Path
) -> None:
    """After a crash the target is the renamed file; the one that it replaced does not come back."""
    put(tree, "a", b"old")
    put(tree, "a.new", b"new")
    tree.rename("a.new", "a")

    with after_crash(store, tmp_path) as survived:
        assert names(survived) == ["a"]
        assert content_of(survived, "a") == b"new"


def test_a_record_that_was_replaced_is_void_even_if_it_is_still_there(
    tree: StoreTree, store: ObjectStore, tmp_path: Path
) -> None:
    """A crash between recording the new state and dropping the old: the new one counts."""
    put(tree, "a", b"old")
    journal = Path(tree.durability.journal.directory)
    kept = {path: path.read_bytes() for path in journal.iterdir()}
    put(tree, "a", b"new")
    for path, content in kept.items():
        path.write_bytes(content)

    with after_crash(store, tmp_path) as survived:
        assert names(survived) == ["a"]
        assert content_of(survived, "a") == b"new"
    for path in kept:
        path.unlink()


def test_a_file_removed_before_it_was_sent_stays_away(
    tree: StoreTree, store: ObjectStore, tmp_path: Path
) -> None:
    """Nothing of it is in the journal once unlink has returned."""
    put(tree, "a", b"content")
    tree.delete("a")

    with after_crash(store, tmp_path) as survived:
        assert names(survived) == []
