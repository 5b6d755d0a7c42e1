"""Mounts that name other mounts: what is refused, and what opens first."""

from pathlib import Path
from typing import Any

import pytest

from vfs.config import settings_from
from vfs.engine.backends.memory import MemoryOptions
from vfs.engine.composites.relative import RelativeOptions
from vfs.engine.errors import ConfigError, NotFound
from vfs.engine.mounts import MountSpec
from vfs.engine.option_types import MountPath
from vfs.storage import StorageManager

MEMORY = {"type": "memory"}


def at(path: str, **more: object) -> dict[str, object]:
    return {"type": "relative", "path": path, **more}


def storage(tmp_path: Path, mounts: dict[str, Any], **sections: object) -> StorageManager:
    state = {"state": str(tmp_path / "state"), "cache": {"directory": None}}
    return StorageManager({"mounts": mounts, **state, **sections})


@pytest.mark.parametrize(
    ("mounts", "message"),
    [
        ({"a": at("a:x")}, "mounts.a.path: a mount cannot stand on itself: a -> a"),
        ({"a": at("b:"), "b": at("a:")}, "mounts.b.path: a mount cannot stand on itself: a -> b -> a"),
        (
            {"home": MEMORY, "in": at("a:"), "a": at("b:"), "b": at("c:"), "c": at("a:")},
            "mounts.c.path: a mount cannot stand on itself: a -> b -> c -> a",
        ),
        ({"home": MEMORY, "a": at("hom:x")}, "mounts.a.path: there is no mount 'hom'; did you mean 'home'?"),
        ({"a": at("zzz:x")}, "mounts.a.path: there is no mount 'zzz'; none is known here"),
        ({"a": at("x")}, "mounts.a.path: must name a mount and a folder in it, such as home:work"),
        ({"home": MEMORY, "a": at("home:../x")}, "mounts.a.path: '..' cannot be a segment of a path"),
    ],
)
def test_what_cannot_be_referred_to_is_an_error(tmp_path: Path, mounts: dict[str, Any], message: str) -> None:
    """The line names the key; a circle is spelled out."""
    with pytest.raises(ConfigError) as caught:
        storage(tmp_path, mounts)
    assert message in str(caught.value).splitlines()[0]


def test_every_wrong_reference_is_told_at_its_key() -> None:
    """All at once, in lists and layers too; a mount that is wrong itself is no unknown one."""
    routes = [{"pattern": "*.a", "mount": "hom"}, {"pattern": "*.b", "mount": "wrong"}]
    mounts = {
        "home": MEMORY,
        "wrong": {"type": "memory", "size": "huge"},
        "all": {"type": "route", "routes": routes, "default": "hmoe"},
        "fast": {**MEMORY, "layers": [{"type": "cache", "mount": "nowhere"}]},
        "one": at("one:"),
    }
    with pytest.raises(ConfigError) as caught:
        settings_from({"mounts": mounts})
    told = [line.removeprefix("configuration: ").split(";")[0] for line in str(caught.value).splitlines()]
    assert sorted(told)[:-1] == [
        "mounts.all.default: there is no mount 'hmoe'",
        "mounts.all.routes[0].mount: there is no mount 'hom'",
        "mounts.fast.layers[0].mount: there is no mount 'nowhere'",
        "mounts.one.path: a mount cannot stand on itself: one -> one",
    ]
    assert max(told).startswith("mounts.wrong.size: ")


def test_mounts_open_in_whatever_order_they_are_written(tmp_path: Path) -> None:
    """Each after those that it stands on; they are told in the order written."""
    mounts = {"deep": at("work:x"), "work": at("home:work"), "home": MEMORY}
    with storage(tmp_path, mounts) as opened:
        assert opened.mount_names() == ["deep", "work", "home"]
        opened.node("deep:f").write_text("text")
        assert opened.node("home:work/x/f").read_text() == "text"


def test_a_mount_that_others_stand_on_stays(tmp_path: Path) -> None:
    """The error names them; once they are removed, it can be too."""
    with storage(tmp_path, {"home": MEMORY, "work": at("home:w"), "more": at("home:m")}) as opened:
        with pytest.raises(ConfigError, match="'home' cannot be removed: work, more would stand on nothing"):
            opened.remove_mount("home")
        for name in ("work", "more", "home"):
            opened.remove_mount(name)
        assert opened.mount_names() == []
        with pytest.raises(NotFound):
            opened.remove_mount("home")


def test_a_removed_mount_leaves_those_that_it_stood_on_open(tmp_path: Path) -> None:
    """Closing closes its own layers, and nothing that others use."""
    with storage(tmp_path, {"home": MEMORY, "work": at("home:w")}) as opened:
        opened.node("work:f").write_text("text")
        opened.remove_mount("work")
        assert opened.node("home:w/f").read_text() == "text"


def test_a_mount_added_later_stands_on_open_ones_only(tmp_path: Path) -> None:
    """What it names must be there."""
    with storage(tmp_path, {"home": MEMORY}) as opened:
        spec = MountSpec(name="w", type="relative", options=RelativeOptions(path=MountPath("home", "w")))
        opened.add_mount(spec)
        late = RelativeOptions(path=MountPath("other", "w"))
        with pytest.raises(ConfigError, match="there is no mount 'other'"):
            opened.add_mount(MountSpec(name="late", type="relative", options=late))
        opened.add_mount(MountSpec(name="other", type="memory", options=MemoryOptions()))
        opened.add_mount(MountSpec(name="late", type="relative", options=late))
        assert opened.users_of("other") == ("late",)


def test_a_later_configuration_may_name_open_mounts(tmp_path: Path) -> None:
    """As mounts that its own stand on, and as the main one; in a file as in Python data."""
    with storage(tmp_path, {"home": MEMORY}) as opened:
        opened.configure([{"name": "work", "type": "relative", "path": "home:w"}])
        later = tmp_path / "later.yaml"
        later.write_text("mounts: {deep: {type: relative, path: 'work:x'}}\nmain: home\n")
        opened.configure(later)
        opened.node("deep:f").write_text("text")
        assert opened.node("w/x/f").read_text() == "text"
        with pytest.raises(ConfigError, match="did you mean 'work'"):
            opened.configure([{"name": "more", "type": "relative", "path": "wrok:"}])


def test_a_configuration_that_fails_leaves_no_mount(tmp_path: Path) -> None:
    """Those that were opened for it are closed again, those before it stay."""
    with storage(tmp_path, {"old": MEMORY}) as opened:
        opened.node("old:f").write_text("text")
        with pytest.raises(NotADirectoryError):
            opened.configure(
                {"mounts": {"bad": at("home:f"), "home": {"type": "local", "path": str(file_in(tmp_path))}}}
            )
        assert opened.mount_names() == ["old"]
        assert opened.node("old:f").read_text() == "text"


def file_in(folder: Path) -> Path:
    """A folder with a file `f`."""
    folder = folder / "home"
    folder.mkdir()
    (folder / "f").write_text("a file")
    return folder


def test_what_is_believed_of_a_member_is_believed_no_longer_here(tmp_path: Path) -> None:
    """The shortest `ttl` of the mounts that a storage is made of, unless one is written."""
    mounts = {
        "home": {**MEMORY, "ttl": 7},
        "work": at("home:w"),
        "deep": at("work:x"),
        "own": at("home:w", ttl=3),
    }
    with storage(tmp_path, mounts) as opened:
        assert [opened.tree(name).ttl for name in mounts] == [7, 7, 7, 3]
