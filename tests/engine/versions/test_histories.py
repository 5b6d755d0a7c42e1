"""`.versions/FILE/`: one file for each version, and what they are called."""

import re

import pytest

from tests.engine.versions.stores import PastStore, entries, names, shown, text, write
from vfs.engine.backend import Copies
from vfs.engine.entries import Entry
from vfs.engine.errors import AlreadyExists, Conflict, IsADirectory, NotADirectory, NotFound, PermissionDenied
from vfs.engine.layers.versions_dir.layer import VersionsLayer

NAME = re.compile(r"\d{8}T\d{6}\.\d{3}Z~[a-z2-7]{6}\.txt")


@pytest.fixture
def store() -> PastStore:
    return PastStore()


@pytest.fixture
def layer(store: PastStore) -> VersionsLayer:
    return shown(store)


def versions_of(layer: VersionsLayer, folder: str) -> list[str]:
    return [name for name in names(layer, folder) if name != "changes"]


def test_every_version_is_a_file_of_its_own(store: PastStore, layer: VersionsLayer) -> None:
    """Oldest first, with size and time of its own, read-only, readable whole and in part."""
    for content in ("one", "three", "second"):
        write(store, {"d/report.txt": content})
    found = entries(layer, "d/.versions/report.txt")
    files = [entry for entry in found.values() if entry.is_file]
    assert [entry.size for entry in files] == [3, 5, 6]
    assert [entry.mode for entry in files] == [0o444] * 3
    assert [entry.mtime_ns for entry in files] == [
        version.mtime_ns for version in store.list_versions("d/report.txt")
    ]
    assert all(NAME.fullmatch(entry.name) for entry in files)
    assert [entry.name for entry in files] == sorted(entry.name for entry in files)
    keys = [f"d/.versions/report.txt/{entry.name}" for entry in files]
    assert [text(layer, key) for key in keys] == ["one", "three", "second"]
    assert bytes(layer.read(keys[1], 1, 3)) == b"hr"
    assert [layer.stat(key) for key in keys] == files


@pytest.mark.parametrize("now", [2**40, -(2**40)])
def test_a_version_of_a_date_that_no_calendar_has_is_named_all_the_same(
    store: PastStore, layer: VersionsLayer, now: int
) -> None:
    """By the nearest date that there is; it hides no other."""
    store.write("f", b"usual")
    store.now = now
    store.write("f", b"odd")
    found = versions_of(layer, ".versions/f")
    assert {text(layer, f".versions/f/{name}") for name in found} == {"usual", "odd"}


def test_names_of_one_second_keep_the_order_and_stay(store: PastStore, layer: VersionsLayer) -> None:
    """They sort as they were written, and one is found by its name after an earlier one was deleted."""
    for number in range(12):
        store.write("f", f"{number}".encode())
    found = versions_of(layer, ".versions/f")
    assert found == sorted(found)
    assert [text(layer, f".versions/f/{name}") for name in found] == [f"{number}" for number in range(12)]
    store.delete_version("f", "f#0")
    layer.changed("f")
    assert [text(layer, f".versions/f/{name}") for name in found[1:]] == [
        f"{number}" for number in range(1, 12)
    ]


def test_versions_are_hidden(store: PastStore, layer: VersionsLayer) -> None:
    """No listing and no sweep tells of them, though they are there by name."""
    write(store, {"d/f": "x"})
    assert names(layer, "") == ["d"]
    assert names(layer, "d") == ["f"]
    assert layer.stat(".versions").is_folder
    assert layer.stat("d/.versions").is_folder
    assert names(layer, "d/.versions") == ["f"]
    assert layer.beside("d") == ()


def test_visible_ones_are_beside_the_entries(store: PastStore) -> None:
    """What walks trees is told of none; what shows folders to people asks for them."""
    layer = shown(store, show="visible")
    write(store, {"d/f": "x"})
    assert names(layer, "d") == ["f"]
    assert [entry.name for entry in layer.beside("d")] == [".versions"]
    assert layer.beside("d/.versions") == ()


def test_deleted_files_are_there(store: PastStore, layer: VersionsLayer) -> None:
    """Copying a version of one brings it back, inside the store."""
    write(store, {"gone.txt": "still here", "other": "x"})
    layer.delete("gone.txt")
    assert sorted(names(layer, ".versions")) == ["gone.txt", "other"]
    (name,) = versions_of(layer, ".versions/gone.txt")
    copies = layer.ability(Copies)
    assert copies is not None
    store.requests.clear()
    copies.copy(f".versions/gone.txt/{name}", "gone.txt")
    assert text(layer, "gone.txt") == "still here"
    assert "restore" in store.requests
    assert not {"write", "read version"} & set(store.requests[: store.requests.index("restore")])


def test_a_version_copied_to_another_name_is_written_there(store: PastStore, layer: VersionsLayer) -> None:
    """Its bytes come through here; a name that is taken is refused where that was asked for."""
    write(store, {"f": "old"})
    write(store, {"f": "new"})
    oldest = versions_of(layer, ".versions/f")[0]
    copies = layer.ability(Copies)
    assert copies is not None
    copies.copy(f".versions/f/{oldest}", "d/copy")
    assert text(layer, "d/copy") == "old"
    with pytest.raises(AlreadyExists):
        copies.copy(f".versions/f/{oldest}", "f", overwrite=False)
    assert text(layer, "f") == "new"


def test_prefixes_never_mix(store: PastStore, layer: VersionsLayer) -> None:
    """`doc` is not `doc2`, nor the folder's file `doc/x`."""
    write(store, {"doc2": "2", "doc": "1", "docs/x": "3"})
    assert len(versions_of(layer, ".versions/doc")) == 1
    assert sorted(names(layer, ".versions")) == ["doc", "doc2"]
    with pytest.raises(NotFound):
        layer.stat(".versions/do")


@pytest.mark.parametrize(
    "name", ["a*.txt", "a[1].txt", "?", "two words", "line\nbreak", "🙂.txt", "@2h", "@@x", "@x", "n" * 255]
)
def test_odd_names_are_plain_names(store: PastStore, layer: VersionsLayer, name: str) -> None:
    """Also those that look like a moment: their folder has one `@` more."""
    write(store, {name: "content", "a1.txt": "another"})
    folder = next(entry for entry in names(layer, ".versions") if entry.lstrip("@") == name.lstrip("@"))
    (version,) = versions_of(layer, f".versions/{folder}")
    assert text(layer, f".versions/{folder}/{version}") == "content"


def test_nothing_can_be_changed_there(store: PastStore, layer: VersionsLayer) -> None:
    """Every change is EPERM, at once, and leaves all versions."""
    write(store, {"f": "one"})
    (name,) = versions_of(layer, ".versions/f")
    key = f".versions/f/{name}"
    for act in (
        lambda: layer.write(key, b"x"),
        lambda: layer.write(".versions/new", b"x"),
        lambda: layer.delete(key),
        lambda: layer.make_directory(".versions/d"),
        lambda: layer.remove_directory(".versions/f"),
        lambda: layer.remove_directory(".versions"),
        lambda: layer.check_key(key),
        lambda: layer.delete(".versions/@now/f"),
    ):
        with pytest.raises(PermissionDenied) as caught:
            act()
        assert caught.value.errno == 1
    assert len(store.list_versions("f")) == 1


def test_a_version_is_deleted_where_the_mount_says_so(store: PastStore) -> None:
    """Only that one; the content that the file has now is not deleted this way, and neither is a diff."""
    layer = shown(store, delete=True)
    for content in ("one", "two", "three"):
        write(store, {"f": content})
    first, second, last = versions_of(layer, ".versions/f")
    layer.delete(f".versions/f/{second}")
    assert versions_of(layer, ".versions/f") == [first, last]
    with pytest.raises(NotFound):
        layer.stat(f".versions/f/{second}")
    for key in (f".versions/f/{last}", f".versions/f/changes/{last}.diff"):
        with pytest.raises(PermissionDenied):
            layer.delete(key)
    assert text(layer, "f") == "three"


def test_what_is_not_there_is_not_found(store: PastStore, layer: VersionsLayer) -> None:
    """Folders and files alike, and errors are of the right kind."""
    write(store, {"d/f": "x"})
    for key in (
        ".versions/none",
        ".versions/d",
        "d/.versions/f/none",
        "none/.versions",
        "d/.versions/f/a/b/c",
    ):
        with pytest.raises(NotFound):
            layer.stat(key)
        with pytest.raises(NotFound):
            layer.read(key)
    with pytest.raises(NotADirectory):
        layer.stat("d/f/.versions")
    with pytest.raises(IsADirectory):
        layer.read("d/.versions/f")
    (name,) = versions_of(layer, "d/.versions/f")
    with pytest.raises(NotADirectory):
        layer.list(f"d/.versions/f/{name}")
    with pytest.raises(Conflict):
        layer.read(f"d/.versions/f/{name}", if_match="another")


def test_a_change_through_the_mount_is_seen_at_once(store: PastStore, layer: VersionsLayer) -> None:
    """What others change is seen when what was learned is no longer believed."""
    write(store, {"f": "one"})
    assert len(versions_of(layer, ".versions/f")) == 1
    layer.write("f", b"two")
    assert len(versions_of(layer, ".versions/f")) == 2


def test_looking_at_a_history_costs_one_request(store: PastStore, layer: VersionsLayer) -> None:
    """Listing it, and asking for each of its files."""
    for number in range(50):
        write(store, {"f": f"{number}"})
    store.requests.clear()
    found: list[Entry] = [entry for entry in layer.list(".versions/f") if entry.is_file]
    for entry in found:
        assert layer.stat(f".versions/f/{entry.name}") == entry
    assert store.requests == ["list versions"]
