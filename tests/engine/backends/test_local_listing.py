"""A listing of a local folder looks once at each name; metadata wait until somebody wants them."""

import os

import pytest

from vfs.engine.backends.local import LocalBackend
from vfs.engine.cache.entries import EntryCache
from vfs.engine.entries import Entry
from vfs.engine.layers.believed import Believed


@pytest.fixture
def listed_attributes(monkeypatch: pytest.MonkeyPatch) -> list[str]:
    """The files whose extended attributes the system was asked for."""
    asked: list[str] = []
    real = os.listxattr

    def counting(path: str | int, **given: bool) -> list[str]:
        asked.append(os.path.basename(str(path)))
        return real(path, **given)

    monkeypatch.setattr(os, "listxattr", counting)
    return asked


def test_a_listing_asks_no_file_for_its_metadata(local: LocalBackend, listed_attributes: list[str]) -> None:
    """They are read for those entries only whose metadata are looked at, and once."""
    for name in ("a", "b"):
        local.write(f"d/{name}", b"x", metadata={"colour": name})
    listed_attributes.clear()
    entries = {entry.name: entry for entry in local.list("d")}
    assert "colour" not in repr(entries["a"])
    assert listed_attributes == []
    assert entries["b"].metadata == {"colour": "b"}
    assert entries["b"].metadata["colour"] == "b"
    assert listed_attributes == ["b"]


def test_a_listed_file_that_went_has_no_metadata(local: LocalBackend) -> None:
    """Looking at what was listed is no error when the file is gone."""
    local.write("a", b"x", metadata={"colour": "red"})
    (entry,) = local.list("")
    local.delete("a")
    assert dict(entry.metadata) == {}


def test_a_listing_of_another_folder_has_its_own_metadata(local: LocalBackend) -> None:
    """Each folder's files are asked for in that folder."""
    local.write("a", b"x", metadata={"at": "top"})
    local.write("d/a", b"x", metadata={"at": "below"})
    found = [entry.metadata["at"] for entry in (*local.list(""), *local.list("d")) if entry.is_file]
    assert found == ["top", "below"]


def test_what_is_remembered_of_a_listing_has_its_metadata(local: LocalBackend) -> None:
    """Another file may have the name when the memory is asked: the listed one's metadata are in it."""
    local.write("a", b"x", metadata={"colour": "red"})
    entries = EntryCache(ttl=600, max_entries=100)
    entries.finish_listing(entries.begin_listing(""), local.list(""))
    believed = Believed(600)
    for entry in local.list(""):
        believed.learn(entry.name, entry, believed.now())
    local.write("a", b"another one", metadata={"colour": "blue"})
    for remembered in (entries.get("a"), believed.entry("a")):
        assert isinstance(remembered, Entry)
        assert remembered.metadata == {"colour": "red"}
