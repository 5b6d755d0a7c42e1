"""`.versions/@MOMENT/`: folders as they were."""

import time
import tracemalloc
from collections.abc import Iterator
from datetime import UTC, datetime

import pytest

from tests.engine.versions.stores import PAGE, Clock, PastStore, entries, names, shown, text, write
from vfs.engine.backend import SweepsTree
from vfs.engine.entries import Entry
from vfs.engine.errors import NotFound
from vfs.engine.layers.versions_dir.layer import VersionsLayer
from vfs.engine.layers.versions_dir.moments import IN_USE, moment_of


@pytest.fixture
def store() -> PastStore:
    return PastStore()


@pytest.fixture
def layer(store: PastStore) -> VersionsLayer:
    return shown(store)


def at(store: PastStore) -> str:
    """This second, as a moment of `.versions`."""
    return f"@{datetime.fromtimestamp(store.now, UTC):%Y-%m-%dT%H:%M:%SZ}"


def test_a_folder_is_shown_as_it_was(store: PastStore, layer: VersionsLayer) -> None:
    """With its subfolders, without what came later, with what was deleted since; also of the whole mount."""
    write(store, {"d/a": "1", "d/sub/deep/b": "2", "d/gone": "3"})
    moment = at(store)
    store.now += 60
    write(store, {"d/a": "new", "d/later": "4", "d/new/c": "5"})
    store.delete("d/gone")
    assert set(names(layer, f"d/.versions/{moment}")) == {"a", "gone", "sub"}
    assert text(layer, f"d/.versions/{moment}/a") == "1"
    assert text(layer, f".versions/{moment}/d/sub/deep/b") == "2"
    assert names(layer, f".versions/{moment}") == ["d"]
    for later in ("later", "new", "new/c"):
        with pytest.raises(NotFound):
            layer.stat(f"d/.versions/{moment}/{later}")
    assert set(names(layer, "d/.versions/@now")) == {"a", "later", "new", "sub"}
    assert names(layer, "d/.versions/@1990-01-01") == []


def test_entries_are_those_of_the_time(store: PastStore, layer: VersionsLayer) -> None:
    """Size, time and ETag of the version; files and folders answer alike to a listing and by name."""
    write(store, {"d/a": "12345", "d/sub/b": "2"})
    moment = at(store)
    store.now += 60
    write(store, {"d/a": "x"})
    found = entries(layer, f"d/.versions/{moment}")
    assert found["a"].size == 5
    assert found["sub"].is_folder
    assert {name: layer.stat(f"d/.versions/{moment}/{name}") for name in found} == found


def test_a_listing_does_not_cost_a_request_a_file(store: PastStore, layer: VersionsLayer) -> None:
    """A page of a thousand versions is one, and each folder in it one more; its files are then known."""
    write(store, {f"d/{number:04}": "x" for number in range(300)} | {"d/sub/x": "y"})
    moment = at(store)
    store.requests.clear()
    found = names(layer, f".versions/{moment}/d")
    assert len(found) == 301
    assert store.requests == ["sweep versions"] * 2
    for name in found:
        layer.stat(f".versions/{moment}/d/{name}")
    assert store.requests.count("list versions") <= 1


def test_a_whole_tree_is_swept_at_once(store: PastStore, layer: VersionsLayer) -> None:
    """What copies one as it was asks for pages of versions, whatever the number of folders."""
    write(store, {f"{number % 50}/{number}": "x" for number in range(500)})
    moment = at(store)
    sweeps = layer.ability(SweepsTree)
    assert sweeps is not None
    store.requests.clear()
    found = dict(sweeps.sweep(f".versions/{moment}"))
    assert len(found) == 500
    assert found[f".versions/{moment}/7/57"].size == 1
    assert store.requests == ["sweep versions"]


def test_without_a_sweep_the_present_files_are_told(store: PastStore, layer: VersionsLayer) -> None:
    """Where a storage tells versions file by file only, deleted ones are there by name."""
    write(store, {"a": "1", "d/b": "2", "gone": "3"})
    moment = at(store)
    store.now += 1
    store.delete("gone")
    store.sweeps = False
    assert set(names(layer, ".versions")) == {"a"}
    assert set(names(layer, f".versions/{moment}")) == {"a", "d"}
    assert text(layer, f".versions/{moment}/gone") == "3"


def test_a_big_history_is_listed_in_bounded_memory(
    store: PastStore, layer: VersionsLayer, monkeypatch: pytest.MonkeyPatch
) -> None:
    """10,000 files with 50 versions each: a request for each page, and no more held than a page's worth.

    What is held of a folder as it was is what its files were then, a version for each.
    """
    for _ in range(50):
        store.keep("x", b"")
    told = store.list_versions("x")
    monkeypatch.setattr(store, "_told", lambda key: told)
    versions = store.kept.pop("x")
    store.kept = {f"d/{number:05}": versions for number in range(10_000)}
    store.make_directory("d")
    for folder, most in (("d/.versions", 1 << 20), (f".versions/{at(store)}/d", 10 << 20)):
        store.requests.clear()
        count, peak = counted_and_weighed(layer.list(folder))
        assert count == 10_000
        assert store.requests.count("sweep versions") == 10_000 * 50 // PAGE + 1
        assert peak < most


def counted_and_weighed(entries: Iterator[Entry]) -> tuple[int, int]:
    """How many there are, and the most bytes that were held at once while they came."""
    tracemalloc.start()
    try:
        count = sum(1 for _ in entries)
        return count, tracemalloc.get_traced_memory()[1]
    finally:
        tracemalloc.stop()


@pytest.fixture
def berlin(monkeypatch: pytest.MonkeyPatch) -> Iterator[None]:
    monkeypatch.setenv("TZ", "Europe/Berlin")
    time.tzset()
    yield
    monkeypatch.undo()
    time.tzset()


NOON = datetime(2026, 11, 20, 11, tzinfo=UTC).timestamp()


@pytest.mark.usefixtures("berlin")
@pytest.mark.parametrize(
    ("word", "meant"),
    [
        ("2026-11-20T10:33", "2026-11-20T09:33:00"),
        ("2026-11-20T10:33:05", "2026-11-20T09:33:05"),
        ("2026-11-20T10:33Z", "2026-11-20T10:33:00"),
        ("2026-11-20T10:33+02:00", "2026-11-20T08:33:00"),
        ("20261120T1033", "2026-11-20T09:33:00"),
        ("2026-11-20", "2026-11-19T23:00:00"),
        ("2026-07-01", "2026-06-30T22:00:00"),
        ("now", "2026-11-20T11:00:00"),
        ("yesterday", "2026-11-19T11:00:00"),
        ("2h", "2026-11-20T09:00:00"),
        ("90s", "2026-11-20T10:58:30"),
        ("15m", "2026-11-20T10:45:00"),
        ("1d", "2026-11-19T11:00:00"),
        ("2w", "2026-11-06T11:00:00"),
    ],
)
def test_words_for_moments(word: str, meant: str) -> None:
    """Local time unless an offset is given; a date alone is its beginning."""
    moment = moment_of(word, NOON)
    assert moment == int(datetime.fromisoformat(f"{meant}+00:00").timestamp()) * 1_000_000_000


@pytest.mark.parametrize(
    "word",
    ["", "x", "2", "h", "2 h", "-1h", "2026-13-01", "tomorrow", "2026-11-20T", "1234567d"],
)
def test_other_words_are_no_moments(word: str) -> None:
    """They are names of files."""
    assert moment_of(word, NOON) is None


def test_a_walk_has_one_moment(store: PastStore) -> None:
    """`@2h` means the same time for as long as it is in use, and another one later."""
    clock = Clock()
    layer = shown(store, clock)
    write(store, {"f": "before"})
    store.now += 7201
    write(store, {"f": "after"})
    assert text(layer, ".versions/@2h/f") == "before"
    for _ in range(5):
        store.now += int(IN_USE) * 60
        clock.seconds += IN_USE - 1
        assert text(layer, ".versions/@2h/f") == "before"
    clock.seconds += IN_USE + 1
    assert text(layer, ".versions/@2h/f") == "after"
