"""A small source for a big target: only those folders of the target are listed that the source goes to."""

from collections.abc import Iterator

import pytest

from tests.engine.copying.trees import found, put
from vfs.engine.copying import plan
from vfs.engine.entries import Entry
from vfs.storage import StorageManager

SOURCE = {"a": b"1", "d/b": b"22", "d/new/c": b"3", "e/f": b"4", "g/h/i": b"5"}
TARGET = {"a": b"x", "d/b": b"yy", "d/other": b"z", **{f"big/{n}/file": b"z" for n in range(20)}}
FOLDERS = {"big": None, **{f"big/{n}": None for n in range(20)}, "a": b"x", "d/b": b"yy"}


@pytest.fixture
def listed(storage: StorageManager, monkeypatch: pytest.MonkeyPatch) -> list[str]:
    """The folders of `sqlite` that are listed, one by one."""
    folders: list[str] = []
    tree = storage.tree("sqlite")
    listing = tree.list

    def list_folder(key: str) -> Iterator[Entry]:
        folders.append(key)
        return listing(key)

    monkeypatch.setattr(tree, "list", list_folder)
    return folders


def test_what_the_source_has_is_found(
    storage: StorageManager, listed: list[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    """Each such folder is listed once, none below one that is not there; the outcome is that of a sweep."""
    source, target = storage.node("memory:source"), storage.node("sqlite:target")
    put(source, SOURCE)
    put(target, TARGET)
    monkeypatch.setattr(plan, "SWEPT_AT_MOST", 0)
    listed.clear()
    summary = source.copy_to(target, skip="size")
    asked = list(listed)
    assert (summary.copied, summary.skipped, summary.failed_count) == (3, 2, 0)
    assert sorted(asked) == ["target", "target/d"]
    assert found(target) == found(source) | {path: b"z" for path in TARGET if TARGET[path] == b"z"} | FOLDERS


def test_a_mirror_goes_through_all(storage: StorageManager, monkeypatch: pytest.MonkeyPatch) -> None:
    """What the source has not is found wherever it is."""
    monkeypatch.setattr(plan, "SWEPT_AT_MOST", 3)
    put(storage.node("memory:source"), SOURCE)
    put(storage.node("sqlite:target"), TARGET)
    summary = storage.node("memory:source").copy_to("sqlite:target", delete=True)
    assert (summary.deleted, summary.ok) == (21, True)
    assert found(storage.node("sqlite:target")) == found(storage.node("memory:source"))
