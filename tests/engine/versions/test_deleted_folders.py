"""`.versions/@deleted-NAME/`: folders that are gone, with the versions of what they held."""

from collections.abc import Iterator

import pytest

from tests.engine.versions.stores import PAGE, PastStore, names, shown, text, write
from vfs.engine import paths
from vfs.engine.backend import Copies, SweepsTree
from vfs.engine.entries import Entry
from vfs.engine.errors import NotADirectory, NotFound, PermissionDenied
from vfs.engine.histories import History
from vfs.engine.layers.versions_dir.layer import VersionsLayer


class CountingStore(PastStore):
    """Counts looks and listings too."""

    def stat(self, key: str) -> Entry:
        self._asked("stat")
        return super().stat(key)

    def list(self, key: str) -> Iterator[Entry]:
        self._asked("list")
        return super().list(key)


@pytest.fixture
def store() -> PastStore:
    """A folder with a file, a folder and a folder below that, all deleted; one folder that is there."""
    store = CountingStore()
    write(store, {"gone/plan": "walk", "gone/sub/deep/note": "deep", "kept/f": "x"})
    store.delete("gone/plan")
    store.delete("gone/sub/deep/note")
    for folder in ("gone/sub/deep", "gone/sub", "gone"):
        store.remove_directory(folder)
    return store


@pytest.fixture
def layer(store: PastStore) -> VersionsLayer:
    return shown(store)


def test_one_can_walk_to_the_files_of_a_deleted_folder(layer: VersionsLayer) -> None:
    """From `.versions`, by the names that listings show, to any depth; present folders are not shown."""
    assert names(layer, ".versions") == ["@deleted-gone"]
    assert sorted(names(layer, ".versions/@deleted-gone")) == ["@deleted-sub", "plan"]
    for place in ("plan", "@deleted-sub/@deleted-deep/note"):
        folder = ".versions/@deleted-gone"
        for name in place.split("/"):
            assert name in names(layer, folder)
            folder = paths.join(folder, name)
            assert layer.stat(folder).is_folder
        (version,) = names(layer, folder)
        assert text(layer, f"{folder}/{version}") == {"plan": "walk"}.get(place, "deep")


def test_it_shows_what_its_own_versions_show(layer: VersionsLayer) -> None:
    """The same names, bytes and moments as `gone/.versions`, which nobody can walk to."""
    sweeps = layer.ability(SweepsTree)
    assert sweeps is not None
    there, here = "gone/.versions", ".versions/@deleted-gone"
    found = {key.removeprefix(here): entry for key, entry in sweeps.sweep(here)}
    assert found == {key.removeprefix(there): entry for key, entry in sweeps.sweep(there)}
    assert sum(entry.is_file for entry in found.values()) == 2
    assert names(layer, f"{here}/@2020-01-01") == []
    assert sorted(names(layer, f"{here}/@1s")) == ["plan", "sub"]


def test_a_copy_from_there_undeletes(store: PastStore, layer: VersionsLayer) -> None:
    """Inside the store, with the folders above; then the folder is not shown as deleted any more."""
    copies = layer.ability(Copies)
    assert copies is not None
    (version,) = names(layer, ".versions/@deleted-gone/plan")
    store.requests.clear()
    copies.copy(f".versions/@deleted-gone/plan/{version}", "gone/plan")
    assert "restore" in store.requests
    assert "read version" not in store.requests
    assert text(layer, "gone/plan") == "walk"
    assert names(layer, ".versions") == []
    with pytest.raises(NotFound):
        layer.stat(".versions/@deleted-gone")
    assert names(layer, "gone/.versions") == ["plan", "@deleted-sub"]


def test_nothing_can_be_changed_there(layer: VersionsLayer) -> None:
    """As anywhere in `.versions`."""
    for key in (".versions/@deleted-gone", ".versions/@deleted-gone/plan", ".versions/@deleted-gone/new"):
        for act in (layer.check_key, layer.make_directory, layer.remove_directory):
            with pytest.raises(PermissionDenied):
                act(key)


@pytest.mark.parametrize(
    "key", ["@deleted-never", "@deleted-kept", "@deleted-", "@deleted-..", "@deleted-gone/x"]
)
def test_other_names_are_not_there(layer: VersionsLayer, key: str) -> None:
    """Neither folders that never were, nor those that are there, nor names that nothing can have."""
    with pytest.raises(NotFound):
        layer.stat(f".versions/{key}")
    with pytest.raises(NotFound):
        names(layer, f".versions/{key}")


def test_a_file_that_took_the_name_hides_nothing(store: PastStore, layer: VersionsLayer) -> None:
    """Its versions are under the plain name, those of what the folder held under the other one."""
    write(store, {"gone": "a file now"})
    assert names(layer, ".versions") == ["gone", "@deleted-gone"]
    assert len(names(layer, ".versions/gone")) == 1
    assert sorted(names(layer, ".versions/@deleted-gone")) == ["@deleted-sub", "plan"]
    assert names(layer, ".versions/@deleted-gone/@2s/sub") == ["deep"]
    with pytest.raises(NotADirectory):
        layer.stat("kept/f/.versions")


@pytest.mark.parametrize(
    "name", ["2h", "@2h", "@deleted-x", "a*", "two words", "line\nbreak", "🙂", "n" * 244]
)
def test_odd_names_of_folders_are_plain_names(name: str) -> None:
    """Also those that look like a moment or like a deleted folder, and files that do."""
    store = PastStore()
    layer = shown(store)
    write(store, {f"{name}/f": "inside", f"@deleted-{name}": "a file"})
    store.delete(f"{name}/f")
    store.remove_directory(name)
    folder, file = sorted(names(layer, ".versions"), key=lambda shown: shown.startswith("@@"))
    assert folder == f"@deleted-{name}"
    (version,) = names(layer, f".versions/{folder}/f")
    assert text(layer, f".versions/{folder}/f/{version}") == "inside"
    (version,) = names(layer, f".versions/{file}")
    assert text(layer, f".versions/{file}/{version}") == "a file"


def test_a_name_too_long_to_be_marked_is_reached_by_a_moment() -> None:
    """No listing shows a name that nobody could ask for."""
    store = PastStore()
    layer = shown(store)
    name = "n" * 250
    write(store, {f"{name}/f": "x"})
    store.delete(f"{name}/f")
    store.remove_directory(name)
    assert names(layer, ".versions") == []
    assert text(layer, f".versions/@1s/{name}/f") == "x"


def test_a_thousand_deleted_folders_cost_no_request_each(store: PastStore, layer: VersionsLayer) -> None:
    """`.versions` is pages of versions and one listing of what is there now; one that is gone, no listing."""
    for number in range(PAGE):
        store.keep(f"{number:04}/f", b"x")
        store.keep(f"{number:04}/f", None)
    store.requests.clear()
    assert len(names(layer, ".versions")) == PAGE + 1
    assert sorted(store.requests) == ["list", "sweep versions"]
    store.requests.clear()
    assert names(layer, ".versions/@deleted-0007") == ["f"]
    assert store.requests == ["stat", "sweep versions"]


def test_a_folder_without_folders_is_not_listed(store: PastStore, layer: VersionsLayer) -> None:
    """Which folders are there is asked only where there is or was one."""
    store.requests.clear()
    assert names(layer, "kept/.versions") == ["f"]
    assert store.requests == ["sweep versions"]


def test_an_empty_folder_that_the_store_remembers_is_empty(
    store: PastStore, layer: VersionsLayer, monkeypatch: pytest.MonkeyPatch
) -> None:
    """What a listing shows can be looked into: buckets keep the past of an empty folder's marker."""
    told = store.sweep_versions

    def with_marker(folder: str, *, deep: bool = False) -> Iterator[History]:
        yield from told(folder, deep=deep)
        if folder == "kept":
            yield History("kept/empty", is_folder=True)

    monkeypatch.setattr(store, "sweep_versions", with_marker)
    assert names(layer, "kept/.versions") == ["f", "@deleted-empty"]
    assert layer.stat("kept/.versions/@deleted-empty").is_folder
    assert names(layer, "kept/.versions/@deleted-empty") == []
