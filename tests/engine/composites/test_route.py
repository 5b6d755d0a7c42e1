"""One tree whose files lie in several mounts, by their names: the backend contract, and what lies where."""

import os
from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.engine.composites.flaky import Flaky
from vfs.engine.backend import Backend, Copies, KeepsAttributes, KeepsSymlinks, KeepsXattrs
from vfs.engine.backends.local import LocalBackend, LocalOptions
from vfs.engine.backends.memory import MemoryBackend
from vfs.engine.capabilities import Capability
from vfs.engine.composites.route import RouteBackend, RouteOptions
from vfs.engine.composites.route.options import path_pattern
from vfs.engine.entries import Attributes
from vfs.engine.errors import (
    AlreadyExists,
    CapabilityNotSupported,
    DirectoryNotEmpty,
    InvalidPath,
    IsADirectory,
    NotADirectory,
    NotFound,
    PermissionDenied,
)
from vfs.engine.layers.acts import Act
from vfs.engine.layers.readonly import ReadOnlyLayer
from vfs.engine.partial_moves import MovesSome
from vfs.storage import StorageManager
from vfs.testing.backend import BackendContract
from vfs.testing.limits import content, names


def options(routes: dict[str, str]) -> RouteOptions:
    written = [{"pattern": pattern, "mount": mount} for pattern, mount in routes.items()]
    return RouteOptions.model_validate({"routes": written, "default": "home"})


TYPICAL = options({"*.jpg": "photos", "logs/**": "photos"})

SPLIT = options({"*[02468acegikmoqsuwy]": "photos", "new/**": "photos"})
"""Half of the names the suite uses go elsewhere than the other half."""


class TestRoute(BackendContract):
    @pytest.fixture
    def backend(self) -> Backend:
        return RouteBackend(TYPICAL, {"home": MemoryBackend(), "photos": MemoryBackend()})


class TestRouteByTheLastCharacter(BackendContract):
    @pytest.fixture
    def backend(self) -> Backend:
        return RouteBackend(SPLIT, {"home": MemoryBackend(), "photos": MemoryBackend()})


class TestRouteOverAFolder(BackendContract):
    etag_survives_attribute_changes = False

    @pytest.fixture
    def backend(self, tmp_path: Path) -> Iterator[Backend]:
        local = LocalBackend(LocalOptions(path=tmp_path))
        yield RouteBackend(SPLIT, {"home": local, "photos": MemoryBackend()})
        local.close()


class Routed:
    """A route over two storages that tell what they are asked."""

    def __init__(self, routes: RouteOptions = TYPICAL) -> None:
        self.home, self.photos = Flaky(MemoryBackend()), Flaky(MemoryBackend())
        self.route = RouteBackend(routes, {"home": self.home, "photos": self.photos})


@pytest.fixture
def routed() -> Routed:
    return Routed()


@pytest.mark.parametrize(
    ("pattern", "fitting", "other"),
    [
        ("*.jpg", ["a.jpg", "d/e/a.jpg"], ["a.jpg/x", "ajpg", "a.JPG"]),
        ("/*.jpg", ["a.jpg"], ["d/a.jpg"]),
        ("logs/**", ["logs/a", "logs/a/b"], ["logs", "xlogs/a", "d/logs/a"]),
        ("**/logs/*", ["logs/a", "d/logs/a"], ["logs/a/b"]),
        ("a/**/b", ["a/b", "a/x/b", "a/x/y/b"], ["b", "ab"]),
        ("a/*/b", ["a/x/b"], ["a/b", "a/x/y/b"]),
        ("[ab]?.x", ["a1.x", "d/b2.x"], ["c1.x", "a.x", "a12.x"]),
        ("[!a]*", ["b", "d/b"], ["a", "d/a1"]),
    ],
)
def test_patterns_fit_whole_keys(pattern: str, fitting: list[str], other: list[str]) -> None:
    """Without a slash the name alone, at any depth."""
    found = path_pattern(pattern)
    assert [key for key in fitting + other if found.fits(key)] == fitting


@pytest.mark.parametrize("pattern", ["", "/", "a**", "a/../b"])
def test_a_pattern_that_fits_nothing_is_refused(pattern: str) -> None:
    """When the configuration is read."""
    with pytest.raises(ValueError):
        options({pattern: "photos"})


def test_the_first_pattern_that_fits_decides() -> None:
    """In the order written; what fits none is the default's."""
    members = {name: MemoryBackend() for name in ("home", "photos", "cold")}
    route = RouteBackend(options({"old/*.jpg": "cold", "*.jpg": "photos"}), members)
    for key in ("old/a.jpg", "a.jpg", "new/a.jpg", "old/a.txt"):
        route.write(key, key.encode())
    assert content(members["cold"], "old/a.jpg") == b"old/a.jpg"
    assert names(members["photos"], "new") == ["a.jpg"]
    assert names(members["photos"]) == ["a.jpg", "new"]
    assert names(members["home"], "old") == ["a.txt"]
    assert names(route, "old") == ["a.jpg", "a.txt"]


def test_file_names_are_no_patterns(routed: Routed) -> None:
    """Only what the configuration says is one."""
    for name in ("*", "[a].jpg", "?.jpg", "**", "*.jpg"):
        routed.route.write(name, name.encode())
    assert names(routed.photos) == ["*.jpg", "?.jpg", "[a].jpg"]
    assert names(routed.home) == ["*", "**"]


def test_a_file_in_the_wrong_member_is_not_there(routed: Routed) -> None:
    """It is not listed, not read and not removed, and its name is free."""
    routed.home.write("d/a.jpg", b"wrong")
    routed.photos.write("d/b.txt", b"wrong")
    assert names(routed.route, "d") == []
    for key in ("d/a.jpg", "d/b.txt"):
        with pytest.raises(NotFound):
            routed.route.stat(key)
        with pytest.raises(NotFound):
            routed.route.delete(key)
    routed.route.write("d/a.jpg", b"right", overwrite=False)
    assert content(routed.home, "d/a.jpg") == b"wrong"
    with pytest.raises(DirectoryNotEmpty):
        routed.route.remove_directory("d")


def test_folders_are_where_any_member_has_them(routed: Routed) -> None:
    """Told once, and removed from all."""
    routed.route.write("d/a.jpg", b"x")
    routed.home.make_directory("d")
    routed.photos.make_directory("only")
    assert names(routed.route) == ["d", "only"]
    with pytest.raises(AlreadyExists):
        routed.route.make_directory("only")
    with pytest.raises(IsADirectory):
        routed.route.write("only", b"x")
    with pytest.raises(DirectoryNotEmpty):
        routed.route.remove_directory("d")
    routed.route.delete("d/a.jpg")
    for name in ("d", "only"):
        routed.route.remove_directory(name)
    assert names(routed.home) == names(routed.photos) == []


def test_nothing_is_made_below_a_file_of_another_member(routed: Routed) -> None:
    """Neither files nor folders."""
    routed.route.write("f", b"a file")
    with pytest.raises(NotADirectory):
        routed.route.write("f/deep/a.jpg", b"x")
    with pytest.raises(NotADirectory):
        routed.route.make_directory("f/x.jpg")
    with pytest.raises(NotFound):
        routed.route.read("f/deep/a.jpg")


def test_a_listing_lists_each_member_once(routed: Routed) -> None:
    """However many entries there are."""
    for number in range(50):
        routed.route.write(f"d/{number}.txt", b"x")
        routed.route.write(f"d/{number}.jpg", b"x")
    routed.home.asked.clear()
    routed.photos.asked.clear()
    assert len(names(routed.route, "d")) == 100
    assert routed.home.asked == routed.photos.asked == [(Act.LIST, ("d",))]


def test_what_acts_cost(routed: Routed) -> None:
    """Reading asks one member; writing asks the others whether a folder is in the way."""
    routed.route.write("d/e/a.jpg", b"x")
    for member in (routed.home, routed.photos):
        member.asked.clear()
    routed.route.read("d/e/a.jpg")
    routed.route.stat("d/e/a.jpg")
    assert (len(routed.home.asked), len(routed.photos.asked)) == (0, 2)
    routed.route.write("d/e/b.txt", b"x")
    assert (len(routed.home.asked), len(routed.photos.asked)) == (1, 3)
    routed.route.write("d/e/a.jpg", b"x")
    assert [act for act, _ in routed.home.asked] == [Act.WRITE, Act.STAT, Act.STAT]
    assert [act for act, _ in routed.photos.asked[3:]] == [Act.WRITE]


def test_a_copy_from_one_member_to_another_keeps_everything(routed: Routed) -> None:
    """Bytes, metadata, mode, times and extended attributes; a symlink stays one."""
    attributes = Attributes(mode=0o640, mtime_ns=10**18, xattrs={"user.x": b"1"})
    routed.route.write("f", bytes(3 << 20), metadata={"colour": "red"}, attributes=attributes)
    copies, links = routed.route.ability(Copies), routed.route.ability(KeepsSymlinks)
    assert copies is not None
    assert links is not None
    copies.copy("f", "f.jpg")
    stored = routed.photos.stat("f.jpg")
    assert stored.size == 3 << 20
    assert stored.metadata == {"colour": "red"}
    assert (stored.mode, stored.mtime_ns, stored.xattrs) == (0o640, 10**18, {"user.x": b"1"})
    links.make_symlink("link", "f")
    copies.copy("link", "link.jpg")
    copies.copy("link", "f.jpg")
    assert links.read_symlink("link.jpg") == links.read_symlink("f.jpg") == "f"
    with pytest.raises(AlreadyExists):
        copies.copy("link", "f.jpg", overwrite=False)


def test_attributes_of_a_folder_stay_when_another_member_gets_it(routed: Routed) -> None:
    """They are kept where the folder's own key leads, also when it was first made elsewhere."""
    routed.route.write("d/a.jpg", b"x")
    assert names(routed.home) == []
    keeps, xattrs = routed.route.ability(KeepsAttributes), routed.route.ability(KeepsXattrs)
    assert keeps is not None
    assert xattrs is not None
    keeps.set_attributes("d", Attributes(mode=0o700))
    xattrs.set_xattr("d", "user.x", b"1")
    routed.route.write("d/b.txt", b"x")
    assert routed.route.stat("d").mode == 0o700
    assert xattrs.get_xattr("d", "user.x") == b"1"


def test_a_member_that_is_readonly_stays_as_it_is() -> None:
    """Its files are read among the others; every change of them is EROFS."""
    archive = MemoryBackend()
    archive.write("logs/old", b"text")
    members = {"home": MemoryBackend(), "photos": ReadOnlyLayer(archive)}
    route = RouteBackend(TYPICAL, members)
    assert Capability.READONLY not in route.capabilities
    assert Capability.POSIX_ATTRIBUTES in route.capabilities
    keeps = route.ability(KeepsAttributes)
    assert keeps is not None
    route.write("f", b"x")
    assert content(route, "logs/old") == b"text"
    for refused in (
        lambda: route.write("logs/new", b"x"),
        lambda: route.delete("logs/old"),
        lambda: route.remove_directory("logs"),
        lambda: keeps.set_attributes("logs/old", Attributes(mode=0o600)),
    ):
        with pytest.raises((PermissionDenied, DirectoryNotEmpty)):
            refused()
    readonly = RouteBackend(TYPICAL, {"home": ReadOnlyLayer(MemoryBackend()), "photos": members["photos"]})
    assert Capability.READONLY in readonly.capabilities
    assert readonly.ability(KeepsAttributes) is None


def test_files_renamed_to_another_member_go_there(tmp_path: Path) -> None:
    """Whole folders too, each file to where its new name leads; nothing stays behind."""
    mounts = {
        "all": {
            "type": "route",
            "routes": [{"pattern": "*.jpg", "mount": "photos"}, {"pattern": "cold/**", "mount": "cold"}],
            "default": "home",
        },
        "home": {"type": "memory"},
        "photos": {"type": "memory"},
        "cold": {"type": "memory"},
    }
    config = {"mounts": mounts, "state": os.fspath(tmp_path / "state"), "cache": {"directory": None}}
    with StorageManager(config) as storage:
        tree = storage.tree("all")
        for key in ("d/a.jpg", "d/b.txt", "d/e/c.txt"):
            storage.node(f"all:{key}").write_text(key)
        tree.rename("d/b.txt", "d/b.jpg")
        assert storage.node("photos:d/b.jpg").read_text() == "d/b.txt"
        assert not storage.node("home:d/b.txt").exists()
        tree.rename("d", "cold")
        assert storage.node("all:cold/e/c.txt").read_text() == "d/e/c.txt"
        assert storage.node("photos:cold/a.jpg").read_text() == "d/a.jpg"
        assert storage.node("cold:cold/e/c.txt").exists()
        for mount in ("all", "home", "photos", "cold"):
            assert not storage.node(f"{mount}:d").exists(), mount
        storage.node("photos:cold/a.jpg").write_text("changed below")
        assert storage.node("all:cold/a.jpg").read_text() == "changed below"


def test_a_file_renamed_inside_a_member_is_not_copied() -> None:
    """Alone or with its folder, in one act of its member; the others' files are copied."""
    members = {"home": Flaky(MemoryBackend()), "photos": Flaky(MemoryBackend())}
    route = RouteBackend(options({"cold/**": "photos"}), members)
    moves = route.ability(MovesSome)
    assert moves is not None
    route.write("a", b"one")
    route.write("b", b"two")
    members["home"].asked.clear()
    assert moves.can_move("a", "b")
    moves.move_file("a", "b")
    assert content(route, "b") == b"one"
    assert Act.MOVE in {act for act, _ in members["home"].asked}
    assert not moves.can_move("b", "cold/b")
    with pytest.raises(CapabilityNotSupported):
        moves.move_file("b", "cold/b")
    route.make_directory("d")
    for source, target, error in (
        ("d", "e", IsADirectory),
        ("b", "d", IsADirectory),
        ("absent", "d", NotFound),
        ("b", "b/c", InvalidPath),
    ):
        with pytest.raises(error):
            moves.move_file(source, target)


def test_a_tree_renames_files_inside_a_member_in_one_act(tmp_path: Path) -> None:
    """No byte is read, whether the file is renamed or its folder."""
    routes = [{"pattern": "*.jpg", "mount": "photos"}]
    mounts = {
        "home": {"type": "memory"},
        "photos": {"type": "memory"},
        "all": {
            "type": "route",
            "routes": routes,
            "default": "home",
            "layers": [{"type": "prefix", "prefix": "p"}],
        },
    }
    config = {"mounts": mounts, "state": os.fspath(tmp_path / "state"), "cache": {"directory": None}}
    with StorageManager(config) as storage:
        storage.node("all:d/f").write_text("text")
        storage.node("all:d/a.jpg").write_text("photo")
        etags = {key: storage.tree("home").backend.stat(f"p/{key}").etag for key in ("d/f",)}
        storage.tree("all").rename("d", "e")
        storage.tree("all").rename("e/f", "e/g")
        assert storage.tree("home").backend.stat("p/e/g").etag == etags["d/f"]
        assert storage.node("photos:p/e/a.jpg").read_text() == "photo"
        assert not storage.node("all:d").exists()
