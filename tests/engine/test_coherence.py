"""Mounts that share a store: what is done through one is seen at once through all."""

import os
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from tests.engine.composites.flaky import Flaky
from vfs.engine.backends.memory import MemoryBackend
from vfs.engine.changes import Change, ChangeKind, acting_as
from vfs.engine.coherence import TOLD, MemberLayer
from vfs.engine.errors import BackendUnavailable, NotFound
from vfs.engine.layers.acts import READS, Act
from vfs.storage import StorageManager

LONG = 3600
"""Seconds: nothing is asked again by itself during a test."""

KINDS: dict[str, dict[str, Any]] = {
    "memory": {"type": "memory", "ttl": LONG},
    "packed": {"type": "memory", "ttl": LONG, "layers": ["gzip"]},
    "encoded": {"type": "memory", "ttl": LONG, "layers": ["url_encode"]},
    "local": {"type": "local", "path": "home", "ttl": LONG},
}

NAMES = {"home": "home:work/in/{}", "work": "work:in/{}", "deep": "deep:{}", "spelt": "spelt:{}"}
"""The same file through every mount."""


@pytest.fixture(params=KINDS)
def storage(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[StorageManager]:
    """A mount, a folder of it, a folder of that, and the same through a layer with other keys."""
    (tmp_path / "home").mkdir()
    home = dict(KINDS[request.param])
    if "path" in home:
        home["path"] = os.fspath(tmp_path / "home")
    prefix = {"type": "prefix", "prefix": "in"}
    mounts = {
        "home": home,
        "work": {"type": "relative", "path": "home:work"},
        "deep": {"type": "relative", "path": "work:in"},
        "spelt": {"type": "relative", "path": "home:work", "layers": [prefix]},
    }
    with StorageManager(
        {"mounts": mounts, "state": os.fspath(tmp_path / "state"), "cache": {"directory": None}}
    ) as storage:
        yield storage


@pytest.fixture(params=NAMES)
def writer(request: pytest.FixtureRequest) -> str:
    """The mount through which things are done."""
    return str(request.param)


def through(mount: str, name: str) -> str:
    return NAMES[mount].format(name)


def look(storage: StorageManager, mount: str) -> tuple[set[str], dict[str, str]]:
    """The names in the folder, and the texts of those that can be read."""
    folder = storage.node(through(mount, "").rstrip("/"))
    names = {child.basename for child in folder.children()} if folder.exists() else set()
    return names, {name: storage.node(through(mount, name)).read_text() for name in names}


def assert_all_see(storage: StorageManager, expected: dict[str, str], *, absent: str) -> None:
    for mount in NAMES:
        assert look(storage, mount) == (set(expected), expected), mount
        assert not storage.node(through(mount, absent)).exists(), mount


def test_files_come_change_and_go_for_all_at_once(storage: StorageManager, writer: str) -> None:
    """Whatever was remembered before: that a name is absent, what it holds, what is in its folder."""
    assert_all_see(storage, {}, absent="f")
    storage.node(through(writer, "f")).write_text("one")
    assert_all_see(storage, {"f": "one"}, absent="g")
    storage.node(through(writer, "f")).write_text("another")
    assert_all_see(storage, {"f": "another"}, absent="g")
    storage.tree(writer).rename(
        through(writer, "f").partition(":")[2], through(writer, "g").partition(":")[2]
    )
    assert_all_see(storage, {"g": "another"}, absent="f")
    storage.node(through(writer, "g")).delete()
    assert_all_see(storage, {}, absent="g")


def test_a_folder_moved_is_moved_for_all(storage: StorageManager, writer: str) -> None:
    """With everything in it."""
    for name in ("d/one", "d/e/two"):
        storage.node(through(writer, name)).write_text(name)
    for mount in NAMES:
        assert storage.node(through(mount, "d/e/two")).read_text() == "d/e/two"
    key = through(writer, "d").partition(":")[2]
    storage.tree(writer).rename(key, key[:-1] + "moved")
    for mount in NAMES:
        assert storage.node(through(mount, "moved/e/two")).read_text() == "d/e/two"
        assert not storage.node(through(mount, "d/e/two")).exists()
        assert not storage.node(through(mount, "d")).exists()


def test_what_an_open_handle_writes_is_seen_once_it_is_flushed(storage: StorageManager, writer: str) -> None:
    """Through files that are open elsewhere for reading too, by those who open the file from then on."""
    for mount in NAMES:
        with pytest.raises(NotFound):
            storage.tree(mount).stat(through(mount, "f").partition(":")[2])
    storage.node(through(writer, "f")).write_text("old")
    held = [storage.node(through(mount, "f")).open("rb") for mount in NAMES if mount != writer]
    handle = storage.tree(writer).open(through(writer, "f").partition(":")[2], write=True)
    try:
        handle.write(0, b"newer")
        handle.flush()
        for mount in NAMES:
            assert storage.node(through(mount, "f")).read_text() == "newer", mount
    finally:
        handle.close()
        for file in held:
            file.close()


def test_a_root_that_goes_is_empty_for_those_who_stand_on_it(storage: StorageManager) -> None:
    """Its folder was removed, or moved away, through the mount below."""
    storage.node("home:work/in/f").write_text("text")
    assert storage.node("deep:f").exists()
    storage.tree("home").rename("work", "away")
    for mount in ("work", "deep", "spelt"):
        assert list(storage.node(f"{mount}:").children()) == []
        assert not storage.node(through(mount, "f")).exists()
    storage.tree("home").rename("away", "work")
    for mount in NAMES:
        assert storage.node(through(mount, "f")).read_text() == "text"


def test_nobody_is_told_of_what_he_did_himself(storage: StorageManager, writer: str) -> None:
    """The front door that acts hears of it from the other mounts only."""
    door = object()
    heard: list[Change] = []
    storage.node(through(writer, "old")).write_text("x")
    storage.changes.subscribe(heard.append)
    with acting_as(door):
        storage.node(through(writer, "f")).write_text("text")
    assert {change.mount for change in heard} == set(NAMES)
    for change in heard:
        assert (change.origin is door) == (change.mount == writer), change
        assert change.key in {through(mount, name).partition(":")[2] for mount in NAMES for name in ("f", "")}
        assert change.kind in {ChangeKind.CREATED, ChangeKind.REPLACED, ChangeKind.CONTENT}


def test_unsent_bytes_stay_what_their_own_mount_shows(tmp_path: Path) -> None:
    """Another mount's file of that name stands in the store; ours is kept beside it when it is sent."""
    mounts = {"home": {"type": "memory"}, "work": {"type": "relative", "path": "home:w"}}
    with StorageManager(
        {"mounts": mounts, "state": os.fspath(tmp_path / "state"), "cache": {"directory": None}}
    ) as storage:
        ours = storage.tree("work").create("f")
        ours.write(0, b"ours")
        storage.node("home:w/f").write_text("theirs")
        assert storage.tree("work").stat("f").size == 4
        with pytest.raises(OSError, match="kept as"):
            ours.flush()
        ours.close()
        texts = {child.read_text() for child in storage.node("work:").children()}
        assert texts == {"ours", "theirs"}
        assert storage.node("work:f").read_text() == "theirs"


def test_every_act_that_changes_something_is_told_of() -> None:
    """What is left reads, or is a step of an upload or of an open file, whose end is told of."""
    steps = {Act.BEGIN_UPLOAD, Act.PUT_PART, Act.COPY_PART, Act.ABORT_UPLOAD, Act.OPEN_FILE}
    in_place = {act for act in Act if act.startswith("file_")} | {Act.OPEN_TRUNCATED}
    assert set(Act) - TOLD - READS - steps == in_place - {Act.FILE_SET_ATTRIBUTES}


def test_a_change_that_was_not_answered_is_believed_to_have_happened() -> None:
    """Whoever remembers what was there before asks again."""
    flaky = Flaky(MemoryBackend())
    flaky.losing.add(Act.WRITE)
    told: list[tuple[str, ChangeKind]] = []
    member = MemberLayer(flaky, "home", lambda key, kind: told.append((key, kind)))
    with pytest.raises(BackendUnavailable):
        member.write("f", b"x")
    assert told == [("f", ChangeKind.REPLACED)]
    with pytest.raises(NotFound):
        member.delete("absent")
    assert len(told) == 1
