"""Requests of a process that was killed, which the store takes when the next one is at work."""

import shutil
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Literal

import pytest

from tests.engine.files.deaf_store import DeafStore
from tests.engine.files.trees import content_of, names, put, store_tree
from vfs.engine.errors import BackendUnavailable, Conflict
from vfs.engine.files import attempt_log
from vfs.engine.files.attempt_log import AttemptLog
from vfs.engine.files.store_tree import StoreTree


@pytest.fixture
def store() -> DeafStore:
    return DeafStore()


@contextmanager
def after_kill(
    store: DeafStore, tmp_path: Path, durability: Literal["store", "disk"] = "store"
) -> Iterator[StoreTree]:
    """The next process, should this one be killed now."""
    shutil.copytree(tmp_path / "state", tmp_path / "survived")
    with store_tree(store.another_client(), tmp_path / "survived", durability) as tree:
        yield tree


def _sent_and_not_taken(tree: StoreTree, store: DeafStore, key: str, content: bytes) -> None:
    store.slow = True
    with pytest.raises(BackendUnavailable):
        put(tree, key, content)
    store.slow = False


def test_a_write_of_a_killed_process_that_is_taken_late_is_no_conflict_regression(
    store: DeafStore, tmp_path: Path
) -> None:
    """The next process has begun to write the file anew by then: its version stands, and no other."""
    with store_tree(store, tmp_path / "state") as killed:
        _sent_and_not_taken(killed, store, "a", b"half acknowledged")
        with after_kill(store, tmp_path) as tree:
            assert names(tree) == []
            handle = tree.create("a")
            handle.write(0, b"the next one")
            store.take_late()
            assert bytes(store.read("a")) == b"half acknowledged"
            handle.flush()
            handle.close()
            tree.entries.forget("")
            assert names(tree) == ["a"]
            assert content_of(tree, "a") == b"the next one"


def test_what_somebody_else_stored_after_a_kill_is_a_conflict(store: DeafStore, tmp_path: Path) -> None:
    """What the killed process had asked for excuses nobody else's version."""
    with store_tree(store, tmp_path / "state") as killed:
        _sent_and_not_taken(killed, store, "a", b"half acknowledged")
        with after_kill(store, tmp_path) as tree:
            handle = tree.create("a")
            handle.write(0, b"the next one")
            store.another_client().write("a", b"somebody else's")
            with pytest.raises(Conflict):
                handle.flush()
            handle.close()
            assert bytes(store.read("a")) == b"somebody else's"


def test_what_was_noted_is_read_by_the_next(tmp_path: Path) -> None:
    """By several processes, in the order of time, whatever the names are; what a crash left is nothing."""
    folder = tmp_path / "attempts"
    first, second = AttemptLog(str(folder)), AttemptLog(str(folder))
    assert AttemptLog(str(folder)).recent() == []
    first.note("line\nbreak", [(1, 2)])
    second.note("surrogate\udcff", [(3, 4), (5, 6)])
    first.note("a", [])
    first.note("b", [(7, 8)])
    (folder / "cut").write_text('[1e99, "c", 1')
    (folder / "torn").write_bytes(
        b'\xff\xfe\n7\nnull\n[1e99, "c", null, 1]\n[1e99, "d", Infinity, 1]\n' + bytes(100)
    )
    noted = [("line\nbreak", 1, 2), ("surrogate\udcff", 3, 4), ("surrogate\udcff", 5, 6), ("b", 7, 8)]
    assert AttemptLog(str(folder)).recent() == noted
    assert {path.stat().st_mode & 0o777 for path in folder.iterdir()} - {0o644} == {0o600}


def test_another_process_removes_its_notes_regression(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Between the look at the folder and the look into the file: that is no reason not to start."""
    AttemptLog(str(tmp_path)).note("a", [(1, 2)])
    log = AttemptLog(str(tmp_path))
    found = [*log._files(), str(tmp_path / "removed")]
    monkeypatch.setattr(log, "_files", lambda: found)
    assert log.recent() == [("a", 1, 2)]


def test_what_was_noted_long_ago_is_removed(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Neither lines nor files are kept for ever."""
    AttemptLog(str(tmp_path)).note("a", [(1, 2)])
    monkeypatch.setattr(attempt_log, "KEPT_SECONDS", 0.0)
    assert AttemptLog(str(tmp_path)).recent() == []
    assert list(tmp_path.iterdir()) == []


def test_notes_of_a_busy_process_stay_small(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Two files at most, and the latest are always among them."""
    monkeypatch.setattr(attempt_log, "_MOST_BYTES", 1000)
    log = AttemptLog(str(tmp_path))
    for number in range(200):
        log.note("key", [(number, number)])
    assert len(list(tmp_path.iterdir())) <= 2
    assert log.recent()[-10:] == [("key", number, number) for number in range(190, 200)]


def test_notes_that_cannot_be_made_keep_nobody_from_writing(
    store: DeafStore, tmp_path: Path, caplog: pytest.LogCaptureFixture
) -> None:
    """The note is for the rare case, the file is not; the log tells."""
    with store_tree(store, tmp_path / "state") as tree:
        (tmp_path / "state" / "attempts").write_text("no folder")
        put(tree, "a", b"content")
    assert bytes(store.read("a")) == b"content"
    assert any("not noted" in message for message in caplog.messages)
