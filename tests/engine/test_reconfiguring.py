"""Other settings for open mounts: what is touched, what is not, and that nothing happens by halves."""

import threading
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any

import pytest

from vfs.config import settings_from
from vfs.engine.backends.memory import MemoryBackend
from vfs.engine.errors import BackendUnavailable, ConfigError, Conflict, NotFound, ResourceLocked
from vfs.engine.files.drafts import Replacement
from vfs.engine.files.tree import FileTree
from vfs.engine.manager import StorageManager
from vfs.engine.mounts import Settings
from vfs.engine.reconfiguring import MountChanges, Patience

AT_ONCE = Patience(unsent=30.0, open_files=0.0)


class Room:
    """A manager, and settings that lie in one folder."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        self.manager = StorageManager(self.settings(a={"type": "memory"}, b={"type": "memory"}))

    def settings(self, **mounts: Mapping[str, Any]) -> Settings:
        data = {"mounts": mounts, "state": "state", "cache": {"directory": None}}
        return settings_from(data, folder=self.folder)

    def take_up(self, **mounts: Mapping[str, Any]) -> MountChanges:
        return self.manager.reconfigure(self.settings(**mounts), patience=AT_ONCE)

    def tree(self, name: str) -> FileTree:
        return self.manager.tree(name)


@pytest.fixture
def room(tmp_path: Path) -> Iterator[Room]:
    room = Room(tmp_path)
    yield room
    room.manager.close()


MEMORY = {"type": "memory"}


def test_same_settings_touch_nothing(room: Room) -> None:
    """The trees stay the same objects."""
    before = room.tree("a"), room.tree("b")
    assert room.take_up(a=MEMORY, b=MEMORY) == MountChanges()
    assert (room.tree("a"), room.tree("b")) == before


def test_mounts_come_go_and_change(room: Room) -> None:
    """Each is told by name; the order is that of the new settings; who stayed is the same."""
    kept = room.tree("a")
    kept.replace(Replacement("f"), b"kept")
    done = room.take_up(c=MEMORY, a=MEMORY, b={"type": "memory", "ttl": 3})
    assert done == MountChanges(added=("c",), altered=("b",), removed=())
    assert room.manager.mount_names() == ["c", "a", "b"]
    assert room.tree("a") is kept
    assert room.tree("b").ttl == 3
    assert room.take_up(a=MEMORY) == MountChanges(removed=("c", "b"))
    with pytest.raises(NotFound):
        room.tree("b")
    assert room.manager.node("a:f").read_bytes() == b"kept"


def test_main_mount_changes(room: Room) -> None:
    """Which mount a bare path means is taken up too."""
    wanted = room.settings(a=MEMORY, b=MEMORY).model_copy(update={"main": "b"})
    room.manager.reconfigure(wanted)
    assert room.manager.node("f").fullpath == "b:f"


@pytest.mark.parametrize(
    "ruling", [{"cache": {"directory": None, "memory": "32MiB"}}, {"state": "elsewhere"}], ids=str
)
def test_what_rules_the_process_stays(room: Room, ruling: dict[str, Any]) -> None:
    """cache and state are refused by name, and nothing else of those settings is taken up."""
    data = {"mounts": {"c": MEMORY}, "state": "state", "cache": {"directory": None}} | ruling
    with pytest.raises(ConfigError, match=f"{next(iter(ruling))}: cannot be changed"):
        room.manager.reconfigure(settings_from(data, folder=room.folder))
    assert room.manager.mount_names() == ["a", "b"]


def test_mount_with_open_files_is_refused(room: Room) -> None:
    """Neither an altered nor a removed mount loses an open file; the others are not changed either."""
    room.tree("b").replace(Replacement("f"), b"words")
    handle = room.tree("b").open("f")
    with pytest.raises(ResourceLocked, match=r"mount 'b': 1 open file"):
        room.take_up(a={"type": "memory", "ttl": 5}, c=MEMORY)
    assert room.manager.mount_names() == ["a", "b"]
    assert room.tree("a").ttl != 5
    assert bytes(handle.read(0, 10)) == b"words"
    room.tree("b").open("f").close()
    handle.close()
    assert room.take_up(a=MEMORY).removed == ("b",)


def test_open_files_of_untouched_mounts_stay_open(room: Room) -> None:
    """What is being written on another mount is written on."""
    handle = room.tree("a").create("f")
    handle.write(0, b"be")
    room.take_up(a=MEMORY)
    handle.write(2, b"fore")
    handle.flush()
    handle.close()
    assert room.manager.node("a:f").read_bytes() == b"before"


def test_storage_that_cannot_be_opened_changes_nothing(room: Room) -> None:
    """The new mounts before it are closed again, and the old ones are not asked to close."""
    handle = room.tree("b").create("f")
    with pytest.raises(ConfigError, match="mount 'd'"):
        room.take_up(c=MEMORY, d={"type": "local", "path": "nowhere"})
    assert room.manager.mount_names() == ["a", "b"]
    handle.close()


def test_new_mounts_are_vetted_before_anything_changes(room: Room) -> None:
    """A refusal leaves all as it was; only what was opened for this is shown."""
    seen: list[str] = []

    def vet(opened: Mapping[str, FileTree]) -> None:
        seen.extend(opened)
        raise BackendUnavailable("no answer")

    with pytest.raises(BackendUnavailable):
        room.manager.reconfigure(room.settings(b=MEMORY, c=MEMORY), vet=vet)
    assert seen == ["c"]
    assert room.manager.mount_names() == ["a", "b"]


def test_mounts_that_stand_on_an_altered_one_are_opened_anew(room: Room) -> None:
    """They would stand on a storage that is closed."""
    (room.folder / "one").mkdir()
    (room.folder / "two").mkdir()
    (room.folder / "two" / "work").mkdir()
    (room.folder / "two" / "work" / "f").write_text("two")
    work = {"type": "relative", "path": "home:work"}
    deep = {"type": "relative", "path": "work:"}
    room.take_up(work=work, deep=deep, home={"type": "local", "path": "one"})
    done = room.take_up(work=work, deep=deep, home={"type": "local", "path": "two"})
    assert done.altered == ("work", "deep", "home")
    assert room.manager.node("deep:f").read_text() == "two"


def test_unsent_files_are_sent_before_a_mount_goes(room: Room) -> None:
    """With durability disk the store has all of it once the mount is gone."""
    room.take_up(db={"type": "sqlite", "path": "f.db", "durability": "disk"})
    room.manager.node("db:f").write_bytes(b"sent")
    room.take_up(a=MEMORY)
    room.take_up(db={"type": "sqlite", "path": "f.db"})
    assert room.manager.node("db:f").read_bytes() == b"sent"


def test_store_that_takes_nothing_is_waited_for_only_so_long(
    room: Room, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The mount stays with its unsent files, and the message says how many."""
    room.take_up(a=MEMORY, b={"type": "memory", "durability": "disk"})
    never = threading.Event()

    def stuck(*_: object, **__: object) -> None:
        never.wait(30)
        raise BackendUnavailable("no answer")

    monkeypatch.setattr(MemoryBackend, "write", stuck)
    room.manager.node("b:f").write_bytes(b"words")
    with pytest.raises(BackendUnavailable, match=r"1 file\(s\) of b are not in their store yet"):
        room.manager.reconfigure(room.settings(a=MEMORY), patience=Patience(unsent=0.0))
    assert room.manager.mount_names() == ["a", "b"]
    monkeypatch.undo()
    never.set()
    room.manager.flush()
    assert room.manager.node("b:f").read_bytes() == b"words"


def test_trees_that_are_gone_open_nothing(room: Room) -> None:
    """Whoever still holds one is told to look again."""
    gone = room.tree("b")
    gone.replace(Replacement("f"), b"words")
    room.take_up(a=MEMORY)
    with pytest.raises(Conflict):
        gone.open("f")


def test_doors_are_told_in_order(room: Room) -> None:
    """First they show the new table, then they let go of what is gone, and only then that is closed."""
    told: list[str] = []

    class Door:
        def mounts_changed(self) -> None:
            told.append(f"shows {room.manager.mount_names()}")

        def let_go(self) -> None:
            told.append(f"old one serves still: {gone.stat('').is_folder}")

    gone = room.tree("b")
    with room.manager.with_door(Door()):
        room.take_up(a=MEMORY)
    room.take_up(a=MEMORY, c=MEMORY)
    assert told == ["shows ['a']", "old one serves still: True"]


def test_removing_a_mount_with_open_files_is_refused(room: Room) -> None:
    """remove_mount does not wait for files to be closed."""
    handle = room.tree("b").create("f")
    with pytest.raises(ResourceLocked):
        room.manager.remove_mount("b")
    handle.close()
    room.manager.remove_mount("b")
    assert room.manager.mount_names() == ["a"]
