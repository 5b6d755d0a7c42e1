"""Dead properties: kept by path, through restarts, and with what is copied and moved."""

from pathlib import Path

import pytest

from vfs.dav.state.properties import PropertyStore
from vfs.engine import StorageError

COLOUR = "{urn:x}colour"


@pytest.fixture
def store(tmp_path: Path) -> PropertyStore:
    return PropertyStore(str(tmp_path / "state" / "properties.db"))


def filled(store: PropertyStore, *urls: str) -> None:
    for url in urls:
        store.write_property(url, COLOUR, url.encode("utf-8", "surrogateescape"))


def known(store: PropertyStore, *urls: str) -> list[bytes | None]:
    return [store.get_property(url, COLOUR) for url in urls]


def test_a_property_is_kept_through_a_restart(store: PropertyStore, tmp_path: Path) -> None:
    """Bytes and text, each in place of what was there; the file is its owner's alone."""
    store.write_property("/m/a", COLOUR, "<c>first</c>")
    store.write_property("/m/a", COLOUR, "<c>grün</c>".encode("latin-1"))
    store.write_property("/m/a/", "{DAV:}other", "<o/>")
    store.close()
    again = PropertyStore(str(tmp_path / "state" / "properties.db"))
    assert again.get_property("/m/a", COLOUR) == b"<c>gr\xfcn</c>"
    assert sorted(again.get_properties("/m/a/")) == ["{DAV:}other", COLOUR]
    assert again.properties_of("/m/a") == {COLOUR: b"<c>gr\xfcn</c>", "{DAV:}other": b"<o/>"}
    assert (tmp_path / "state" / "properties.db").stat().st_mode & 0o777 == 0o600


def test_a_dry_run_changes_nothing(store: PropertyStore) -> None:
    """PROPPATCH asks first whether all of it would work."""
    store.write_property("/m/a", COLOUR, b"x", True)
    assert known(store, "/m/a") == [None]
    filled(store, "/m/a")
    store.remove_property("/m/a", COLOUR, True)
    assert known(store, "/m/a") == [b"/m/a"]


def test_removing_one_or_all(store: PropertyStore) -> None:
    """One by name; with a folder, those of everything in it, and of nothing beside it."""
    filled(store, "/m/a", "/m/a/b", "/m/a/b/c", "/m/ab", "/m/a0")
    store.remove_property("/m/a/b", COLOUR)
    store.remove_property("/m/a/b", COLOUR)
    assert known(store, "/m/a", "/m/a/b") == [b"/m/a", None]
    store.remove_properties("/m/a/")
    assert known(store, "/m/a", "/m/a/b/c", "/m/ab", "/m/a0") == [None, None, b"/m/ab", b"/m/a0"]


def test_a_tree_moves_with_its_properties(store: PropertyStore) -> None:
    """Those of the old path are at the new one, which forgets what it had; what is beside stays."""
    filled(store, "/m/old", "/m/old/x", "/m/old/x/old", "/m/older", "/n/new/was")
    store.move_properties("/m/old", "/n/new/", with_children=True)
    assert known(store, "/n/new", "/n/new/x", "/n/new/x/old") == [b"/m/old", b"/m/old/x", b"/m/old/x/old"]
    assert known(store, "/m/old", "/m/old/x", "/n/new/was", "/m/older") == [None, None, None, b"/m/older"]
    assert set(store.properties_in("/n/new")) == {"/n/new/x"}


def test_a_copy_has_the_same_properties(store: PropertyStore) -> None:
    """One file's, a folder's alone, or a whole tree's; a copy of what has none has none."""
    filled(store, "/m/a", "/m/a/b", "/m/z")
    store.copy_properties("/m/a", "/m/shallow")
    assert known(store, "/m/shallow", "/m/shallow/b") == [b"/m/a", None]
    store.copy_properties("/m/a", "/m/deep", with_children=True)
    assert known(store, "/m/deep", "/m/deep/b", "/m/a/b") == [b"/m/a", b"/m/a/b", b"/m/a/b"]
    store.copy_properties("/m/none", "/m/z")
    assert known(store, "/m/z") == [None]


def test_a_folder_is_told_in_one_query(store: PropertyStore) -> None:
    """What stands directly in it, by path: the root's children are the mounts."""
    filled(store, "/m", "/m/a", "/m/b", "/m/b/c", "/m/\udcff")
    assert store.properties_in("/m/") == {
        "/m/a": {COLOUR: b"/m/a"},
        "/m/b": {COLOUR: b"/m/b"},
        "/m/\udcff": {COLOUR: b"/m/\xff"},
    }
    assert set(store.properties_in("/")) == {"/m"}
    assert store.properties_in("/m/a") == {}


def test_two_processes_share_a_file(store: PropertyStore, tmp_path: Path) -> None:
    """What one wrote the other one reads at once."""
    other = PropertyStore(str(tmp_path / "state" / "properties.db"))
    filled(store, "/m/a")
    assert known(other, "/m/a") == [b"/m/a"]
    other.remove_properties("/")
    assert known(store, "/m/a") == [None]


def test_failures_are_ours(store: PropertyStore, tmp_path: Path) -> None:
    """A closed store, a file that is no database, a place where none can be."""
    store.close()
    with pytest.raises(StorageError, match="closed"):
        store.get_property("/m", COLOUR)
    (tmp_path / "no.db").write_text("this is no database, but text that is long enough to be looked at")
    with pytest.raises(StorageError, match=r"no\.db"):
        PropertyStore(str(tmp_path / "no.db"))
    with pytest.raises(StorageError, match="cannot be opened"):
        PropertyStore("/proc/no/such/place.db")
