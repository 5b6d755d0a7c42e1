"""What becomes of histories: names, attributes, limits, equal contents, and what they cost."""

import os
import time
from pathlib import Path

import pytest

from vfs.engine.backend import Backend, Copies, KeepsAttributes, KeepsXattrs, Moves, OpensInPlace
from vfs.engine.backends.local import LocalBackend, LocalOptions
from vfs.engine.backends.memory import MemoryBackend
from vfs.engine.backends.sqlite import SqliteBackend, SqliteOptions
from vfs.engine.entries import Attributes
from vfs.engine.errors import InvalidPath, NotFound, PermissionDenied
from vfs.engine.layers.versioned import VersionedLayer, VersionedOptions
from vfs.testing.layer_store import WatchedStore
from vfs.testing.limits import ability, names
from vfs.testing.versions import VersionsContract

contents = VersionsContract.contents


@pytest.fixture(params=["memory", "local", "sqlite"])
def store(request: pytest.FixtureRequest, tmp_path: Path) -> Backend:
    if request.param == "local":
        return LocalBackend(LocalOptions(path=tmp_path))
    return (
        MemoryBackend() if request.param == "memory" else SqliteBackend(SqliteOptions(path=tmp_path / "db"))
    )


@pytest.fixture
def layer(store: Backend) -> VersionedLayer:
    return VersionedLayer(store)


def kept(store: Backend) -> list[bytes]:
    """Every content in the history."""
    root = ".vfs-history/contents"
    folders = [f"{root}/{shard.name}" for shard in store.list(root)]
    held = [f"{folder}/{content.name}/content" for folder in folders for content in store.list(folder)]
    return sorted(bytes(store.read(place)) for place in held)


def test_the_history_is_not_shown(layer: VersionedLayer, store: Backend) -> None:
    """It is in no listing, cannot be looked at, and nothing can take its name at any depth."""
    layer.write("d/f", b"one")
    layer.write("d/f", b"two")
    assert names(layer) == ["d"]
    assert names(store) == [".vfs-history", "d"]
    for key in (".vfs-history", ".vfs-history/contents", "d/.vfs-history"):
        with pytest.raises(NotFound):
            layer.stat(key)
        with pytest.raises(PermissionDenied):
            layer.write(key, b"x")
        with pytest.raises(PermissionDenied):
            ability(layer, Moves).move("d/f", key)
        with pytest.raises(InvalidPath):
            layer.check_key(key)
    assert store.stat(".vfs-history").mode == 0o700


def test_equal_contents_are_kept_once(layer: VersionedLayer, store: Backend) -> None:
    """Whichever files and versions they are of; and gone when the last of these is."""
    for key in ("f", "g"):
        for content in (b"same", b"other", b"same", b"last"):
            layer.write(key, content)
    assert kept(store) == [b"other", b"same"]
    for key in ("f", "g"):
        for version in layer.list_versions(key)[:-1]:
            assert bytes(layer.read(key, version=version.id)) in {b"same", b"other"}
            layer.delete_version(key, version.id)
    assert kept(store) == []


def test_what_a_file_holds_now_is_no_version_to_delete(layer: VersionedLayer, store: Backend) -> None:
    """It goes by deleting the file, and is a version then; without its mark the file stays deleted."""
    for content in (b"one", b"two"):
        layer.write("f", content)
    with pytest.raises(PermissionDenied, match="present version"):
        layer.delete_version("f", layer.list_versions("f")[-1].id)
    assert len(layer.list_versions("f")) == 2
    assert bytes(layer.read("f")) == b"two"
    layer.delete("f")
    *_, newest, mark = layer.list_versions("f")
    assert mark.is_delete_marker
    layer.delete_version("f", mark.id)
    with pytest.raises(NotFound):
        layer.stat("f")
    assert layer.list_versions("f")[-1].id == newest.id
    layer.delete_version("f", newest.id)
    assert kept(store) == [b"one"]


def test_saving_by_a_rename_makes_a_version(layer: VersionedLayer) -> None:
    """As editors do; the temporary name keeps nothing."""
    layer.write("f", b"one")
    layer.write("f.tmp", b"two")
    ability(layer, Moves).move("f.tmp", "f")
    assert contents(layer, "f") == [b"one", b"two"]
    assert contents(layer, "f.tmp") == []
    assert {history.key for history in layer.sweep_versions("")} == {"f"}


def test_a_renamed_file_leaves_its_history(layer: VersionedLayer) -> None:
    """Its older versions, and the last one too, are at the old name."""
    layer.write("old", b"one")
    layer.write("old", b"two")
    ability(layer, Moves).move("old", "new")
    assert contents(layer, "old") == [b"one", b"two", None]
    assert contents(layer, "new") == [b"two"]


def test_a_name_with_one_version_hands_it_over(layer: VersionedLayer) -> None:
    """With its time and its id."""
    layer.write("old", b"one")
    before = layer.list_versions("old")[0]
    ability(layer, Moves).move("old", "new")
    after = layer.list_versions("new")[0]
    assert (after.mtime_ns, after.size, layer.list_versions("old")) == (before.mtime_ns, 3, [])


def test_a_folder_takes_histories_along(layer: VersionedLayer) -> None:
    """Also to a name where a folder was before, and those of deleted files too."""
    moves = ability(layer, Moves)
    for round_ in range(2):
        layer.write("d/f", f"one {round_}".encode())
        layer.write("d/f", f"two {round_}".encode())
        layer.write("d/gone", b"gone")
        layer.delete("d/gone")
        moves.move("d", "e")
        if not round_:
            assert contents(layer, "e/f") == [b"one 0", b"two 0"]
            assert contents(layer, "d/f") == []
            layer.delete("e/f")
            layer.remove_directory("e")
    assert contents(layer, "e/f") == [b"one 0", b"two 0", None, b"one 1", b"two 1"]
    assert contents(layer, "e/gone") == [b"gone", None, b"gone", None]
    assert contents(layer, "d/f") == contents(layer, "d/gone") == []
    assert layer.check_history().is_sound


def test_exchanged_files_are_versions_of_both(layer: VersionedLayer) -> None:
    """What each was before stays readable."""
    layer.write("f", b"one")
    layer.write("g", b"two")
    ability(layer, Moves).move("f", "g", exchange=True)
    assert (contents(layer, "f"), contents(layer, "g")) == ([b"one", b"two"], [b"two", b"one"])


def test_a_copy_onto_a_file_keeps_it(layer: VersionedLayer, store: Backend) -> None:
    """And what is copied twice is kept once."""
    layer.write("f", b"one")
    layer.write("g", b"two")
    ability(layer, Copies).copy("f", "g")
    assert contents(layer, "g") == [b"two", b"one"]
    layer.delete("f")
    layer.delete("g")
    assert kept(store) == [b"one", b"two"]


def test_attributes_make_no_version(layer: VersionedLayer) -> None:
    """Nor do extended ones; the present ones are the version's when it is replaced."""
    layer.write("f", b"one")
    ability(layer, KeepsAttributes).set_attributes("f", Attributes(mode=0o600))
    ability(layer, KeepsXattrs).set_xattr("f", "user.x", b"y")
    assert [version.is_latest for version in layer.list_versions("f")] == [True]
    layer.write("f", b"two", attributes=Attributes(mode=0o644))
    assert contents(layer, "f") == [b"one", b"two"]
    layer.restore_version("f", layer.list_versions("f")[0].id)
    assert layer.stat("f").mode == 0o600
    assert ability(layer, KeepsXattrs).get_xattr("f", "user.x") == b"y"


def test_what_came_past_the_layer_is_kept_when_it_is_replaced(layer: VersionedLayer, store: Backend) -> None:
    """It is told as a version at once, under an id that stays; what it replaced unseen is gone."""
    layer.write("f", b"ours")
    store.write("f", b"theirs")
    store.write("g", b"never seen")
    assert contents(layer, "f") == [b"theirs"]
    told = [layer.list_versions(key)[0].id for key in "fg"]
    layer.write("f", b"ours again")
    layer.delete("g")
    assert contents(layer, "f") == [b"theirs", b"ours again"]
    assert contents(layer, "g") == [b"never seen", None]
    assert [layer.list_versions(key)[0].id for key in "fg"] == told


def test_a_big_file_is_not_read_to_be_kept() -> None:
    """Neither one that was hashed when it was written, nor one that nobody has hashed."""
    store = WatchedStore()
    layer = VersionedLayer(store)
    layer.write("ours", (b"x" * 1_000_000 for _ in range(12)))
    store.write("theirs", b"y" * 12_000_000)
    store.answers.clear()
    store.pieces.clear()
    for key in ("ours", "theirs"):
        layer.write(key, b"new")
    assert sum(store.answers) + sum(store.pieces) < 1000
    assert [version.size for key in ("ours", "theirs") for version in layer.list_versions(key)] == [
        12_000_000,
        3,
    ] * 2


def test_equal_neighbours_become_one(layer: VersionedLayer, store: Backend) -> None:
    """The older stays; a dry run tells how many would go; a marker between keeps them apart."""
    for content in (b"a", b"a", b"b", b"b", b"b"):
        layer.write("f", content)
    ids = [version.id for version in layer.list_versions("f")]
    assert layer.compact_versions("f", dry_run=True) == 3
    assert len(layer.list_versions("f")) == 5
    assert layer.compact_versions("f") == 3
    assert [version.id for version in layer.list_versions("f")] == [ids[0], ids[2]]
    assert layer.list_versions("f")[-1].is_latest
    layer.delete("f")
    layer.write("f", b"b")
    assert layer.compact_versions("f") == 0
    assert contents(layer, "f") == [b"a", b"b", None, b"b"]
    assert layer.check_history().is_sound


def test_limits_of_number_and_size(store: Backend) -> None:
    """The newest stay; contents that nobody needs leave the storage."""
    layer = VersionedLayer(store, VersionedOptions(count=3))
    for number in range(6):
        layer.write("f", f"{number}".encode())
    assert contents(layer, "f") == [b"2", b"3", b"4", b"5"]
    assert kept(store) == [b"2", b"3", b"4"]
    layer = VersionedLayer(store, VersionedOptions(size=2))
    layer.delete("f")
    assert contents(layer, "f") == [b"4", b"5", None]


def test_a_mark_of_a_delete_goes_with_what_was_before_it(store: Backend) -> None:
    """It would tell of the end of something that is not there; one with a version before it stays."""
    layer = VersionedLayer(store, VersionedOptions(count=1))
    layer.write("f", b"one")
    layer.delete("f")
    assert [version.is_delete_marker for version in layer.list_versions("f")] == [False, True]
    layer.write("f", b"two")
    layer.write("f", b"three")
    told = layer.list_versions("f")
    assert [version.is_delete_marker for version in told] == [False, False]
    assert [bytes(layer.read("f", version=version.id)) for version in told] == [b"two", b"three"]


def test_limit_of_age(store: Backend, monkeypatch: pytest.MonkeyPatch) -> None:
    """Counted from when a content was replaced; a check with repair looks at files that do not change."""
    layer = VersionedLayer(store, VersionedOptions(age=100.0))
    layer.write("f", b"old")
    layer.write("still", b"1")
    layer.write("still", b"2")
    now = time.time_ns()
    monkeypatch.setattr(time, "time_ns", lambda: now + 50_000_000_000)
    layer.write("f", b"newer")
    monkeypatch.setattr(time, "time_ns", lambda: now + 120_000_000_000)
    layer.write("f", b"newest")
    assert contents(layer, "f") == [b"old", b"newer", b"newest"]
    assert layer.check_history(repair=True).expired == 1
    assert contents(layer, "still") == [b"2"]


def test_local_files_are_not_opened_in_place(tmp_path: Path) -> None:
    """An edit through a tree would pass the history by."""
    store = LocalBackend(LocalOptions(path=tmp_path))
    assert store.ability(OpensInPlace) is not None
    assert VersionedLayer(store).ability(OpensInPlace) is None


def test_what_acts_cost() -> None:
    """Looks, listings, reads and writes; copies and renames inside the store come besides."""
    store = WatchedStore()
    layer = VersionedLayer(store)
    layer.write("warm", b"up")

    def cost(act: object) -> list[str]:
        store.requests.clear()
        assert callable(act)
        act()
        return [request.split()[0] for request in store.requests]

    assert cost(lambda: layer.write("f", b"one")) == ["stat", "write", "write"]
    assert cost(lambda: layer.write("f", b"two")) == ["stat", "write", "stat", "stat", "write", "write"]
    assert cost(lambda: layer.read("f")) == ["read"]
    assert cost(lambda: list(layer.list(""))) == ["list"]
    assert cost(lambda: layer.list_versions("f")) == ["stat", "list"]
    old = layer.list_versions("f")[0].id
    assert cost(lambda: layer.read("f", version=old)) == ["read"]
    assert cost(lambda: layer.delete("f")) == ["stat", "write", "stat", "stat", "write"]


def test_a_folder_that_nobody_else_may_enter(tmp_path: Path) -> None:
    """What its mode hides is not to be seen in the history either."""
    layer = VersionedLayer(LocalBackend(LocalOptions(path=tmp_path)))
    layer.write("f", b"one")
    layer.write("f", b"two")
    assert os.stat(tmp_path / ".vfs-history").st_mode & 0o777 == 0o700
