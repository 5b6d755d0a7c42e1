"""What the store did and whose answer never came: later writes of the same file are no conflict."""

import shutil
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest

from tests.engine.files.deaf_store import DeafStore
from tests.engine.files.trees import content_of, names, put, store_tree
from tests.fakes import ObjectStore
from tests.mounts.waiting import wait_until
from vfs.engine.backend import OpenFile
from vfs.engine.errors import BackendUnavailable, Conflict
from vfs.engine.files import attempts
from vfs.engine.files.store_tree import StoreTree


@pytest.fixture
def store() -> DeafStore:
    return DeafStore()


@pytest.fixture
def tree(store: DeafStore, tmp_path: Path) -> Iterator[StoreTree]:
    """Closing waits for the journal alone."""
    with store_tree(store, tmp_path / "state", "disk") as tree:
        yield tree
        store.deaf = False


@contextmanager
def after_crash(store: DeafStore, tmp_path: Path) -> Iterator[tuple[StoreTree, DeafStore]]:
    """The next start, when this process dies now, and its own way to the store, as deaf as the first is."""
    shutil.copytree(tmp_path / "state", tmp_path / "survived")
    client = store.another_client()
    assert isinstance(client, DeafStore)
    with store_tree(client, tmp_path / "survived", "disk") as tree:
        yield tree, client


def _taken(tree: StoreTree, store: DeafStore, key: str, content: bytes) -> None:
    """Write a file that the store takes unheard."""
    store.deaf = True
    put(tree, key, content)
    wait_until(lambda: content in store.taken, 30, "the store to take it")


def _rewritten(tree: StoreTree, key: str, content: bytes, meanwhile: Callable[[], None]) -> None:
    """Write a file over; something happens between its opening and its closing."""
    handle = tree.open(key, write=True, truncate=True)
    handle.write(0, content)
    meanwhile()
    handle.flush()
    handle.close()


def _healed(tree: StoreTree, store: DeafStore) -> None:
    store.deaf = False
    tree.durability.outbox.retry()
    tree.flush()


@pytest.mark.parametrize("before", [None, b"the oldest"])
def test_the_next_version_is_no_conflict(tree: StoreTree, store: DeafStore, before: bytes | None) -> None:
    """Written again before the store is heard: the last version stands, and no copy is kept beside it."""
    if before is not None:
        put(tree, "a", before)
        tree.flush()
    _taken(tree, store, "a", b"the second")
    put(tree, "a", b"the third, and last")
    _healed(tree, store)
    assert content_of(tree, "a") == bytes(store.read("a")) == b"the third, and last"
    assert names(tree) == ["a"]


def test_an_edit_of_what_was_taken_keeps_its_other_bytes(tree: StoreTree, store: DeafStore) -> None:
    """Some bytes changed, unheard, and some more: all of them are there, and those that nobody touched."""
    put(tree, "a", b"0123456789")
    tree.flush()
    store.deaf = True
    handle = tree.open("a", write=True)
    handle.write(2, b"--")
    handle.flush()
    wait_until(lambda: b"01--456789" in store.taken, 30, "the store to take it")
    handle.write(6, b"==")
    handle.close()
    _healed(tree, store)
    assert content_of(tree, "a") == bytes(store.read("a")) == b"01--45==89"
    assert names(tree) == ["a"]


def test_a_file_put_in_the_place_of_what_was_taken_is_no_conflict(tree: StoreTree, store: DeafStore) -> None:
    """Editors write another file and rename it over the first."""
    _taken(tree, store, "a", b"the first")
    store.down.set()
    put(tree, "a.new", b"the second")
    tree.rename("a.new", "a")
    store.down.clear()
    _healed(tree, store)
    assert content_of(tree, "a") == b"the second"
    assert "a.conflict" not in "".join(names(tree))


def test_writing_on_after_a_crash_is_no_conflict_regression(
    tree: StoreTree, store: DeafStore, tmp_path: Path
) -> None:
    """The process died before it heard; the next one is written to before it has sent what was left."""
    put(tree, "a", b"the oldest")
    tree.flush()
    _taken(tree, store, "a", b"the second")
    with after_crash(store, tmp_path) as (survived, client):
        put(survived, "a", b"the third, and last")
        _healed(survived, client)
        assert content_of(survived, "a") == bytes(store.read("a")) == b"the third, and last"
        assert names(survived) == ["a"]


def test_a_crash_after_the_next_version_is_no_conflict(
    tree: StoreTree, store: DeafStore, tmp_path: Path
) -> None:
    """The journal knows of what may have been stored before."""
    _taken(tree, store, "a", b"the first")
    put(tree, "a", b"the second")
    store.deaf = False
    with after_crash(store, tmp_path) as (survived, _):
        survived.flush()
        assert content_of(survived, "a") == b"the second"
        assert names(survived) == ["a"]


def test_what_somebody_else_stored_meanwhile_is_still_a_conflict(tree: StoreTree, store: DeafStore) -> None:
    """Only our own earlier state is written over."""
    put(tree, "a", b"the oldest")
    tree.flush()
    store.down.set()
    put(tree, "a", b"our own version")
    wait_until(lambda: store.requests[-1] == "write", 30, "it to be sent")
    wait_until(lambda: len(tree.attempts.of("a")) > 0, 30, "the failure to be noted")
    store.down.clear()
    store.another_client().write("a", b"somebody else's")
    _healed(tree, store)
    assert bytes(store.read("a")) == b"somebody else's"
    assert len(names(tree)) == 2


def test_writing_again_after_a_failed_close_is_no_conflict(store: DeafStore, tmp_path: Path) -> None:
    """Where closing waits for the store: it told of a failure, and the store has the bytes all the same."""
    with store_tree(store, tmp_path / "state", "store") as tree:
        put(tree, "a", b"the oldest")
        store.deaf = True
        with pytest.raises(BackendUnavailable):
            put(tree, "a", b"the second")
        store.deaf = False
        put(tree, "a", b"the third")
        assert bytes(store.read("a")) == b"the third"
        assert names(tree) == ["a"]


def test_what_stands_in_the_way_is_looked_at_once(store: DeafStore, tmp_path: Path) -> None:
    """One request tells whether it is our version, an earlier one of ours, or somebody else's."""
    with store_tree(store, tmp_path / "state", "store") as tree:
        put(tree, "a", b"the oldest")
        store.slow = True
        with pytest.raises(BackendUnavailable):
            put(tree, "a", b"the second")
        store.slow = False
        handle = tree.open("a", write=True, truncate=True)
        handle.write(0, b"the last one")
        store.take_late()
        store.looks.clear()
        handle.flush()
        assert store.looks == ["a"]
        assert bytes(store.read("a")) == b"the last one"
        handle.write(0, b"THE")
        store.another_client().write("a", b"somebody else's")
        store.looks.clear()
        with pytest.raises(Conflict):
            handle.flush()
        assert store.looks.count("a") == 1
        handle.close()


def test_a_write_that_is_taken_late_is_no_conflict(store: DeafStore, tmp_path: Path) -> None:
    """Its sender was told of a failure, and closed the file; it is done while the next version is written."""
    with store_tree(store, tmp_path / "state", "store") as tree:
        put(tree, "a", b"the oldest")
        store.slow = True
        with pytest.raises(BackendUnavailable):
            put(tree, "a", b"the second")
        store.slow = False
        _rewritten(tree, "a", b"the third", meanwhile=store.take_late)
        assert bytes(store.read("a")) == b"the third"
        assert names(tree) == ["a"]


def test_a_file_made_late_under_its_old_name_is_no_conflict(tree: StoreTree, store: DeafStore) -> None:
    """A temporary file was renamed before it was sent; the next one of its name finds it there."""
    store.slow = True
    put(tree, "a.new", b"the first")
    wait_until(lambda: store.requests.count("write") == 0 and len(store.waiting) > 0, 30, "it to be sent")
    tree.rename("a.new", "a")
    store.slow = False
    store.take_late()
    put(tree, "a.new", b"the second")
    tree.rename("a.new", "a")
    _healed(tree, store)
    assert content_of(tree, "a") == b"the second"
    assert [name for name in names(tree) if "conflict" in name] == []


def test_what_was_taken_unheard_is_read(store: DeafStore, tmp_path: Path) -> None:
    """After a close that failed the file is what the store has, and not what it was known to be before."""
    with store_tree(store, tmp_path / "state", "store") as tree:
        put(tree, "a", b"the oldest")
        store.deaf = True
        with pytest.raises(BackendUnavailable):
            put(tree, "a", b"the second, a longer one")
        assert tree.stat("a").size == 24
        assert content_of(tree, "a") == b"the second, a longer one"


def test_a_copy_made_unheard_is_no_conflict(store: DeafStore, tmp_path: Path) -> None:
    """A rename failed, and its copy stands at the target: writing there goes on."""
    with store_tree(store, tmp_path / "state", "store") as tree:
        put(tree, "a", b"the oldest")
        put(tree, "a.new", b"the second, renamed")
        assert content_of(tree, "a") == b"the oldest"
        store.deaf = True
        with pytest.raises(BackendUnavailable):
            tree.rename("a.new", "a")
        store.deaf = False
        assert content_of(tree, "a") == b"the second, renamed"
        put(tree, "a", b"the third")
        assert bytes(store.read("a")) == b"the third"
        assert names(tree) == ["a", "a.new"]


def test_a_copy_made_late_is_no_conflict(store: DeafStore, tmp_path: Path) -> None:
    """It is done while the next version is written."""
    with store_tree(store, tmp_path / "state", "store") as tree:
        put(tree, "a", b"the oldest")
        put(tree, "a.new", b"the second, renamed")
        store.slow = True
        with pytest.raises(BackendUnavailable):
            tree.rename("a.new", "a")
        store.slow = False
        _rewritten(tree, "a", b"the third", meanwhile=store.take_late)
        assert bytes(store.read("a")) == b"the third"
        assert names(tree) == ["a", "a.new"]


def test_a_delete_done_late_is_no_conflict(store: DeafStore, tmp_path: Path) -> None:
    """It failed, and the file is gone when the next version is stored."""
    with store_tree(store, tmp_path / "state", "store") as tree:
        put(tree, "a", b"the oldest")
        store.slow = True
        with pytest.raises(BackendUnavailable):
            tree.delete("a")
        store.slow = False
        _rewritten(tree, "a", b"the second", meanwhile=store.take_late)
        assert bytes(store.read("a")) == b"the second"
        assert names(tree) == ["a"]


def test_an_edit_of_what_somebody_else_deleted_is_a_conflict(store: DeafStore, tmp_path: Path) -> None:
    """Nobody here had asked for it."""
    with store_tree(store, tmp_path / "state", "store") as tree:
        put(tree, "a", b"the oldest")
        handle = tree.open("a", write=True, truncate=True)
        handle.write(0, b"the second")
        store.another_client().delete("a")
        with pytest.raises(Conflict):
            handle.flush()
        handle.close()
        assert [name.partition(".conflict-")[0] for name in names(tree)] == ["a"]


def test_a_delete_that_failed_leaves_the_file_with_its_name_regression(
    tree: StoreTree, store: DeafStore
) -> None:
    """Unsent, it was sent all the same, beside the one that was opened next: a conflict of both."""
    put(tree, "a", b"the oldest")
    tree.flush()
    store.down.set()
    put(tree, "a", b"the second")
    with pytest.raises(BackendUnavailable):
        tree.delete("a")
    assert content_of(tree, "a") == b"the second"
    put(tree, "a", b"the third, and last")
    store.down.clear()
    _healed(tree, store)
    assert content_of(tree, "a") == bytes(store.read("a")) == b"the third, and last"
    assert names(tree) == ["a"]


def test_a_rename_that_failed_leaves_both_files_with_their_names(tree: StoreTree, store: DeafStore) -> None:
    """The one that was to be replaced, unsent as it is, too."""
    put(tree, "b", b"another")
    put(tree, "a", b"the oldest")
    tree.flush()
    store.down.set()
    put(tree, "a", b"the second")
    with pytest.raises(BackendUnavailable):
        tree.rename("b", "a")
    assert content_of(tree, "a") == b"the second"
    store.down.clear()
    _healed(tree, store)
    assert content_of(tree, "a") == bytes(store.read("a")) == b"the second"
    assert content_of(tree, "b") == b"another"
    assert names(tree) == ["a", "b"]


def test_who_opens_a_file_that_is_being_deleted_in_vain_is_told(
    tree: StoreTree, store: DeafStore, monkeypatch: pytest.MonkeyPatch
) -> None:
    """What the failed delete leaves is the unsent file; the other handle stood on what the store had."""
    put(tree, "a", b"the oldest")
    tree.flush()
    store.down.set()
    put(tree, "a", b"the second")
    opened: list[OpenFile] = []

    def delete(key: str, **_: object) -> None:
        store.down.clear()
        opened.append(tree.open(key, write=True))
        store.down.set()
        raise BackendUnavailable("no answer", key)

    monkeypatch.setattr(store, "delete", delete)
    with pytest.raises(BackendUnavailable):
        tree.delete("a")
    with pytest.raises(Conflict):
        opened[0].write(0, b"!")
    opened[0].close()
    assert content_of(tree, "a") == b"the second"


def test_a_request_that_is_taken_a_second_time_is_no_conflict_regression(
    store: DeafStore, tmp_path: Path
) -> None:
    """It was sent twice and answered once; its file was renamed since, and is made again."""
    with store_tree(store, tmp_path / "state", "store") as tree:
        put(tree, "a.new", b"the first")
        first = store.stat("a.new")
        tree.rename("a.new", "a")
        handle = tree.create("a.new")
        handle.write(0, b"the second")
        ObjectStore.write(store, "a.new", b"the first", attributes=first.attributes)
        handle.flush()
        handle.close()
        tree.rename("a.new", "a")
        assert content_of(tree, "a") == b"the second"
        assert names(tree) == ["a"]


def test_what_was_ours_long_ago_is_a_conflict(
    store: DeafStore, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Somebody has restored it."""
    monkeypatch.setattr(attempts, "LATE_SECONDS", 0.0)
    with store_tree(store, tmp_path / "state", "store") as tree:
        put(tree, "a", b"the first")
        first = store.stat("a")
        put(tree, "a", b"the second")
        handle = tree.open("a", write=True)
        handle.write(0, b"!")
        store.another_client().write("a", b"the first", attributes=first.attributes)
        with pytest.raises(Conflict):
            handle.flush()
        handle.close()
        assert bytes(store.read("a")) == b"the first"
