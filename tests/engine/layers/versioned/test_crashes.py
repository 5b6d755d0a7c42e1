"""Processes that die between the steps of a change, and histories that are looked through afterwards."""

import dataclasses
from collections.abc import Callable
from typing import Any

import pytest

from vfs.engine.backend import Moves
from vfs.engine.backends.memory import MemoryBackend
from vfs.engine.layers.versioned import VersionedLayer, checking
from vfs.testing.limits import ability
from vfs.testing.versions import VersionsContract

ACTS: dict[str, Callable[[VersionedLayer], object]] = {
    "write": lambda layer: layer.write("f", b"new"),
    "stream": lambda layer: layer.write("f", iter([b"n", b"ew"])),
    "delete": lambda layer: layer.delete("f"),
    "restore": lambda layer: layer.restore_version("f", layer.list_versions("f")[0].id),
    "rename onto": lambda layer: ability(layer, Moves).move("g", "f"),
    "rename away": lambda layer: ability(layer, Moves).move("f", "h"),
    "rename the folder": lambda layer: ability(layer, Moves).move("d", "e"),
    "delete a version": lambda layer: layer.delete_version("f", layer.list_versions("f")[0].id),
    "compact": lambda layer: layer.compact_versions("f"),
}
CHANGES = ("write", "copy", "move", "delete", "make_directory", "remove_directory")


class PowerCut(BaseException):
    """The process is gone."""


class Failing:
    """A memory store whose process dies before, or after, its n-th change."""

    def __init__(self, monkeypatch: pytest.MonkeyPatch, dies_at: int, *, done: bool) -> None:
        self.store = MemoryBackend()
        self.changes = 0
        self.is_armed = False
        self._dies_at, self._done = dies_at, done
        for name in CHANGES:
            monkeypatch.setattr(self.store, name, self._counted(getattr(self.store, name)))

    def _counted(self, act: Callable[..., Any]) -> Callable[..., Any]:
        def counted(*args: Any, **options: Any) -> Any:
            if not self.is_armed:
                return act(*args, **options)
            self.changes += 1
            if self.changes > self._dies_at or (self.changes == self._dies_at and not self._done):
                raise PowerCut
            result = act(*args, **options)
            if self.changes == self._dies_at:
                raise PowerCut
            return result

        return counted


def set_the_scene(layer: VersionedLayer) -> None:
    for content in (b"old", b"same", b"same"):
        layer.write("f", content)
        layer.write("d/f", content)
    layer.write("g", b"new")


def everything(layer: VersionedLayer) -> set[bytes]:
    """Every content that can still be had, at a name or as a version of one."""
    return {
        content
        for history in layer.sweep_versions("", deep=True)
        for content in VersionsContract.contents(layer, history.key)
        if content is not None
    }


@pytest.mark.parametrize("act", ACTS)
@pytest.mark.parametrize("done", [False, True], ids=["before", "after"])
def test_a_crash_at_any_step_loses_nothing(act: str, done: bool, monkeypatch: pytest.MonkeyPatch) -> None:
    """What there was can be had before and after the repair, but for a version that was to be deleted."""
    monkeypatch.setattr(checking, "UNFINISHED_NS", 0)
    doomed = {b"old"} if act == "delete a version" else set[bytes]()
    for dies_at in range(1, 100):
        failing = Failing(monkeypatch, dies_at, done=done)
        set_the_scene(VersionedLayer(failing.store))
        dying = VersionedLayer(failing.store)
        failing.is_armed = True
        try:
            ACTS[act](dying)
        except PowerCut:
            pass
        else:
            assert failing.changes <= dies_at
            break
        finally:
            failing.is_armed = False
        survivor = VersionedLayer(failing.store)
        assert everything(survivor) >= {b"old", b"same", b"new"} - doomed, dies_at
        survivor.check_history(repair=True)
        again = survivor.check_history()
        assert again.is_sound, (dies_at, again)
        assert everything(survivor) >= {b"old", b"same", b"new"} - doomed, dies_at
        survivor.write("f", b"life goes on")
        assert survivor.list_versions("f")[-1].is_latest
    else:
        raise AssertionError("the act never ends")


def test_what_a_crash_left_is_found_and_put_right(monkeypatch: pytest.MonkeyPatch) -> None:
    """Each kind of it, by number; without repair it stays as it is."""
    monkeypatch.setattr(checking, "UNFINISHED_NS", 0)
    store = MemoryBackend()
    layer = VersionedLayer(store)
    for key in ("f", "gone", "past"):
        layer.write(key, b"one")
        layer.write(key, b"two of " + key.encode())
    assert layer.check_history().is_sound
    store.write(".vfs-history/contents/zz/xzz/content", b"orphan")
    store.write(".vfs-history/incoming/00000000000000000001-a", b"unfinished")
    store.write("past", b"changed past the layer")
    store.delete("gone")
    expected = {"orphans": 1, "unfinished": 1, "lost": 2, "unmarked": 1}
    for repair in (False, True):
        report = dataclasses.asdict(layer.check_history(repair=repair))
        assert {name: report[name] for name in expected} == expected
    assert layer.check_history().is_sound
    assert [version.is_delete_marker for version in layer.list_versions("gone")] == [False, True]


def test_a_sound_history_is_left_alone() -> None:
    """A repair changes nothing where nothing is wrong, and tells what there is."""
    layer = VersionedLayer(MemoryBackend())
    set_the_scene(layer)
    before = [layer.list_versions(key) for key in ("f", "d/f", "g")]
    report = layer.check_history(repair=True)
    assert (report.files, report.versions, report.contents, report.is_sound) == (3, 7, 2, True)
    assert [layer.list_versions(key) for key in ("f", "d/f", "g")] == before
