"""What waits in journals, read while nobody, or somebody else, owns them."""

import os
import shutil
from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.engine.files.trees import content_of, names, put, store_tree
from tests.fakes import ObjectStore
from vfs.engine.errors import NotFound
from vfs.engine.files import commits
from vfs.engine.files.journal import journal_folder
from vfs.engine.files.left_behind import LeftBehind, left_behind_in, pieces_of
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
    with store_tree(store, tmp_path / "tree", "disk") as tree:
        yield tree


def as_found(tree: StoreTree, tmp_path: Path) -> Path:
    """A state folder with the journal of a tree as a crash would leave it now."""
    state = tmp_path / "state"
    place = journal_folder(str(state), "m", "test:m")
    shutil.copytree(Path(tree.durability.journal.directory).parent, place)
    return state


def content(file: LeftBehind) -> bytes:
    return b"".join(map(bytes, pieces_of(file, lambda start, end: b"?" * (end - start))))


def test_the_last_states_are_found_with_what_only_the_store_has(
    tree: StoreTree, store: ObjectStore, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A new file whole, an edited one with gaps, a cut one without what was cut; no state before the last."""
    store.down.clear()
    for name in ("edited", "cut"):
        put(tree, name, b"0123456789")
    tree.durability.outbox.wait_until_empty()
    store.down.set()
    monkeypatch.setattr(commits, "SINGLE_WRITE", 0)  # which is brought here before it is edited
    put(tree, "new", b"first")
    kept = {path: path.read_bytes() for path in Path(tree.durability.journal.directory).iterdir()}
    put(tree, "new", b"second")
    for path, former in kept.items():  # as after a crash before the old record was dropped
        path.write_bytes(former)
    handle = tree.open("edited", write=True)
    handle.write(2, b"xx")
    handle.write(12, b"end")
    handle.flush()
    cut = tree.open("cut", write=True)
    cut.truncate(3)
    cut.truncate(6)
    cut.flush()

    found = left_behind_in(str(as_found(tree, tmp_path)))
    assert found.unreadable == []
    told = {file.record.key: (content(file), file.missing, file.holder) for file in found.files}
    assert told == {
        "new": (b"second", [], None),
        "edited": (b"??xx??????\0\0end", [(0, 2), (4, 10)], None),
        "cut": (b"???\0\0\0", [(0, 3)], None),
    }
    handle.close()
    cut.close()


def test_a_journal_in_use_names_the_process(tree: StoreTree, tmp_path: Path) -> None:
    """And it is found without a lock: the owner notices nothing."""
    put(tree, "a", b"1")
    mine = Path(tree.durability.journal.directory).parent
    place = Path(journal_folder(str(tmp_path / "state"), "m", "test:m"))
    place.parent.mkdir(parents=True)
    mine.rename(place)
    (file,) = left_behind_in(str(tmp_path / "state"), "m").files
    assert file.holder == os.getpid()
    assert left_behind_in(str(tmp_path / "state"), "other").files == []
    place.rename(mine)


def test_what_is_sent_while_it_is_read_is_not_taken_for_whole(tree: StoreTree, tmp_path: Path) -> None:
    """Its bytes may be another state's from that moment on."""
    put(tree, "a", b"1")
    (file,) = left_behind_in(str(as_found(tree, tmp_path))).files
    pieces = pieces_of(file, lambda start, end: b"")
    assert bytes(next(pieces)) == b"1"
    os.unlink(f"{file.record.staging}.json")
    with pytest.raises(NotFound, match="not in the journal any more"):
        next(pieces)


def test_a_damaged_record_keeps_nothing_else_from_being_told_or_sent(
    tree: StoreTree, store: ObjectStore, tmp_path: Path
) -> None:
    """It is named, and stays where it is; the next start serves and sends the others."""
    for name in ("bad", "empty", "good"):
        put(tree, name, name.encode())
    state = as_found(tree, tmp_path)
    bad, empty, good = sorted(left_behind_in(str(state)).files, key=lambda file: file.record.key)
    Path(f"{bad.record.staging}.json").write_text("{}")
    Path(f"{empty.record.staging}.json").write_text("")
    found = left_behind_in(str(state))
    assert [file.record.key for file in found.files] == ["good"]
    assert {error.path for error in found.unreadable} == {
        f"{bad.record.staging}.json",
        f"{empty.record.staging}.json",
    }
    folder = Path(good.record.staging).parent
    shutil.copytree(folder.parent, tmp_path / "survived" / "journal")
    with store_tree(store.another_client(), tmp_path / "survived", "disk") as survived:
        survived.flush()
        assert names(survived) == ["good"]
        assert content_of(survived, "good") == b"good"
    kept = {path.name for path in (tmp_path / "survived").rglob("*.json")}
    assert kept == {f"{Path(file.record.staging).name}.json" for file in (bad, empty)}


def test_a_file_of_an_earlier_run_has_no_extended_attributes_regression(
    tree: StoreTree, store: ObjectStore, tmp_path: Path
) -> None:
    """A store that has nothing of it yet was asked for them, so `cp -a` of such a file failed."""
    put(tree, "new", b"1")
    shutil.copytree(tmp_path / "tree", tmp_path / "survived")
    with store_tree(store, tmp_path / "survived", "disk") as survived:
        assert survived.list_xattrs("new") == []
