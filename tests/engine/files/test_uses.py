"""A tree that is to go: what is open is counted, opening waits, and then goes on or is refused."""

import threading
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from vfs.config import settings_from
from vfs.engine.errors import Conflict, NotFound
from vfs.engine.files.drafts import Replacement
from vfs.engine.files.tree import FileTree
from vfs.engine.manager import StorageManager


@pytest.fixture(params=["memory", "local", "readonly"])
def tree(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[FileTree]:
    (tmp_path / "data").mkdir()
    (tmp_path / "data" / "f").write_text("words")
    mounts = {
        "memory": {"type": "memory"},
        "local": {"type": "local", "path": "data"},
        "readonly": {"type": "local", "path": "data", "permissions": "readonly"},
    }
    data = {"mounts": {"m": mounts[request.param]}, "state": "state", "cache": {"directory": None}}
    with StorageManager(settings_from(data, folder=tmp_path)) as manager:
        tree = manager.tree("m")
        if request.param == "memory":
            tree.replace(Replacement("f"), b"words")
        yield tree


def test_open_handles_are_counted_until_closed(tree: FileTree) -> None:
    """Each open counts once, closing twice takes one away, a failed open counts nothing."""
    first, second = tree.open("f"), tree.open("f")
    assert tree.uses.count == 2
    first.close()
    first.close()
    with pytest.raises(NotFound):
        tree.open("absent")
    assert tree.uses.count == 1
    second.close()
    assert tree.uses.count == 0


def test_written_files_and_drafts_are_counted(tree: FileTree) -> None:
    """Whatever may still bring bytes is open; a draft that is over no more."""
    if tree.readonly:
        pytest.skip("nothing is written")
    handle = tree.create("g")
    committed, discarded = tree.draft(Replacement("h")), tree.draft(Replacement("i"))
    assert tree.uses.count == 3
    committed.commit()
    discarded.discard()
    discarded.discard()
    assert tree.uses.count == 1
    handle.close()
    assert tree.uses.count == 0


def test_pause_tells_what_stays_open(tree: FileTree) -> None:
    """With a handle open a pause is in vain after its patience, and opening goes on when resumed."""
    handle = tree.open("f")
    assert tree.uses.pause(0.0) == 1
    tree.uses.resume()
    tree.open("f").close()
    handle.close()
    assert tree.uses.pause(0.0) == 0


@pytest.mark.parametrize("ends", ["resume", "retire"])
def test_opening_waits_for_the_end_of_a_pause(
    tree: FileTree, ends: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Nobody is refused for a moment's pause; a tree that is gone is Conflict."""
    assert tree.uses.pause(0.0) == 0
    waits = threading.Event()
    wait_for = tree.uses._changed.wait_for

    def told(condition: Callable[[], bool]) -> bool:
        waits.set()
        return wait_for(condition)

    monkeypatch.setattr(tree.uses._changed, "wait_for", told)
    outcome: list[BaseException | None] = []

    def open_file() -> None:
        try:
            tree.open("f").close()
            outcome.append(None)
        except Conflict as error:
            outcome.append(error)

    opener = threading.Thread(target=open_file)
    opener.start()
    assert waits.wait(60)
    assert not outcome
    getattr(tree.uses, ends)()
    opener.join()
    assert isinstance(outcome[0], Conflict) == (ends == "retire")


def test_pause_ends_with_the_last_handle(tree: FileTree) -> None:
    """A file that is closed meanwhile is waited for."""
    handle = tree.open("f")
    left: list[int] = []
    pausing = threading.Thread(target=lambda: left.append(tree.uses.pause(30)))
    pausing.start()
    handle.close()
    pausing.join()
    assert left == [0]
