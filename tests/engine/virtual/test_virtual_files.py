"""Files in mounts that are made of other files: what they hold, where they are seen, and what is refused."""

import errno
import hashlib
import os
from collections.abc import Callable, Iterator
from contextlib import suppress
from pathlib import Path
from typing import Any

import pytest

import vfs
from tests.engine.nodes import KINDS
from vfs import (
    AlreadyExists,
    ConfigError,
    NotFound,
    PermissionDenied,
    StorageError,
    StorageManager,
    StorageNode,
)
from vfs.engine.changes import Change, ChangeKind

CHAPTERS = ("home:intro.md", "home:chapters/*.md", "other:end.md")


def opened(folder: Path, kind: str, virtual: dict[str, Any]) -> StorageManager:
    """A mount `home` of a kind and a mount `other`, with these virtual files."""
    homes: dict[str, dict[str, Any]] = {
        "local": {"type": "local", "path": str(folder / "home"), "create": True},
        "memory": {"type": "memory"},
        "sqlite": {"type": "sqlite", "path": str(folder / "home.db")},
        "journalled": {"type": "memory", "durability": "disk"},
    }
    mounts = {
        "home": homes[kind],
        "other": {"type": "memory"},
        "view": {"type": "relative", "path": "home:"},
    }
    settings = {
        "mounts": mounts,
        "virtual": virtual,
        "state": str(folder / "state"),
        "cache": {"directory": None},
    }
    return StorageManager(settings)


@pytest.fixture(params=KINDS)
def storage(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[StorageManager]:
    """With a handbook of files in two mounts, and a diff of two of them."""
    virtual = {
        "home:books/handbook.md": {"concat": list(CHAPTERS), "separator": "\n"},
        "home:change.diff": {"diff": ["home:intro.md", "other:end.md"]},
    }
    with opened(tmp_path, request.param, virtual) as storage:
        storage.node("home:intro.md").write_text("intro")
        storage.node("home:chapters/2.md").write_text("two")
        storage.node("home:chapters/1.md").write_text("one")
        storage.node("home:chapters/1.txt").write_text("no")
        storage.node("other:end.md").write_text("end")
        storage.flush()
        yield storage


@pytest.fixture
def handbook(storage: StorageManager) -> StorageNode:
    return storage.node("home:books/handbook.md")


WHOLE = b"intro\none\ntwo\nend"


def test_parts_are_joined_in_order(handbook: StorageNode) -> None:
    """Files of a pattern by their paths, parts of two mounts, the separator between every two."""
    assert handbook.read_bytes() == WHOLE
    assert handbook.size() == len(WHOLE)
    assert handbook.is_file()
    for start in range(len(WHOLE) + 1):
        assert handbook.read_bytes(start, start + 5) == WHOLE[start : start + 5]
    with handbook.open("rb") as file:
        file.seek(-3, os.SEEK_END)
        assert file.read() == b"end"


def test_it_is_in_the_listings_of_its_folder(handbook: StorageNode, storage: StorageManager) -> None:
    """The folder too, which nobody has made; sizes are those of the contents."""
    assert "books" in [node.name for node in storage.node("home:").children()]
    assert [(node.name, node.size()) for node in handbook.parent.children()] == [("handbook.md", len(WHOLE))]
    assert handbook.parent.is_dir()
    found = {node.path: node.size() for node in storage.node("home:").files(recursive=True)}
    assert found["books/handbook.md"] == len(WHOLE)
    assert found["change.diff"] == storage.node("home:change.diff").size()
    assert storage.node("view:books/handbook.md").read_bytes() == WHOLE


def test_a_changed_part_changes_the_whole(handbook: StorageNode, storage: StorageManager) -> None:
    """At once, whether it is written, made, or deleted; the ETag follows, and all who show it are told."""
    told: list[Change] = []
    etags = {handbook.etag()}
    acts: list[tuple[Callable[[], object], bytes]] = [
        (lambda: storage.node("home:chapters/1.md").write_text("ONE"), b"intro\nONE\ntwo\nend"),
        (lambda: storage.node("home:chapters/3.md").write_text("3"), b"intro\nONE\ntwo\n3\nend"),
        (lambda: storage.node("home:chapters/2.md").delete(), b"intro\nONE\n3\nend"),
        (lambda: storage.node("other:end.md").write_text("END"), b"intro\nONE\n3\nEND"),
        (lambda: storage.node("view:intro.md").write_text("new"), b"new\nONE\n3\nEND"),
        (lambda: storage.node("home:chapters").delete(recursive=True), b"new\nEND"),
    ]
    storage.changes.subscribe(told.append)
    for act, whole in acts:
        told.clear()
        act()
        storage.flush()
        assert ("home", handbook.path) in {(change.mount, change.key) for change in told}
        assert ("view", handbook.path) in {(change.mount, change.key) for change in told}
        assert handbook.read_bytes() == storage.node("view:books/handbook.md").read_bytes() == whole
        assert handbook.size() == len(whole)
        etags.add(handbook.etag())
    assert len(etags) == len(acts) + 1


def test_who_has_it_open_reads_one_state(handbook: StorageNode, storage: StorageManager) -> None:
    """The one that was opened, or Conflict that names the part: never a mix."""
    for size in (100_000, 200_000):
        storage.node("home:intro.md").write_bytes(b"x" * 1_500_000)
        storage.node("other:end.md").write_bytes(b"1" * size)
        storage.flush()
        with handbook.open("rb") as file:
            assert file.read(10) == b"x" * 10
            storage.node("other:end.md").write_bytes(b"2" * size)
            file.seek(-size, os.SEEK_END)
            with suppress(vfs.Conflict):
                assert file.read() == b"1" * size
        assert handbook.read_bytes()[-size:] == b"2" * size


def test_a_diff_follows_its_files(storage: StorageManager) -> None:
    """Computed when it is asked for, and again when a file changed."""
    diff = storage.node("home:change.diff")
    assert diff.read().splitlines()[2:] == [
        "@@ -1 +1 @@",
        "-intro",
        "\\ No newline at end of file",
        "+end",
        "\\ No newline at end of file",
    ]
    assert diff.size() == len(diff.read_bytes())
    storage.node("other:end.md").write_bytes(b"\0")
    assert diff.read() == "Binary files home:intro.md and other:end.md differ\n"
    storage.node("other:end.md").write_text("intro")
    assert diff.read() == ""


def test_every_change_is_refused(handbook: StorageNode, storage: StorageManager) -> None:
    """With EROFS and at once, by whatever act; what it is made of is as it was."""
    acts: list[Callable[[], object]] = [
        lambda: handbook.write_text("no"),
        lambda: handbook.open("w"),
        lambda: handbook.open("r+"),
        lambda: handbook.open("a"),
        handbook.delete,
        lambda: handbook.move_to("home:elsewhere"),
        lambda: storage.node("home:intro.md").move_to(handbook),
        lambda: storage.node("home:intro.md").copy_to(handbook),
        lambda: storage.tree("home").truncate(handbook.path, 1),
        lambda: storage.tree("home").create(handbook.path),
        lambda: storage.node("view:books/handbook.md").write_text("no"),
    ]
    for act in acts:
        with pytest.raises(PermissionDenied) as caught:
            act()
        assert caught.value.errno == errno.EROFS
    with pytest.raises(StorageError):
        (handbook / "below").write_text("no")
    with pytest.raises(NotFound):
        (handbook / "below").read_text()
    for act in (lambda: handbook.parent.delete(), lambda: handbook.parent.move_to("home:papers")):
        with pytest.raises(StorageError) as caught_for_folder:
            act()
        assert caught_for_folder.value.errno in {errno.ENOTEMPTY, errno.EBUSY}
    assert handbook.read_bytes() == WHOLE


def test_its_folder_takes_files(handbook: StorageNode, storage: StorageManager) -> None:
    """Though nobody made it before; and a mount with virtual files is as it was for all others."""
    beside = handbook.parent / "beside"
    beside.write_text("1")
    assert {node.name for node in handbook.parent.iter_children()} == {"beside", "handbook.md"}
    beside.move_to("home:books/other")
    storage.node("home:books/other").delete()
    assert [node.name for node in handbook.parent.iter_children()] == ["handbook.md"]
    handbook.copy_to("home:copy.md")
    storage.node("home:books").copy_to("other:books")
    assert (
        storage.node("home:copy.md").read_bytes()
        == storage.node("other:books/handbook.md").read_bytes()
        == WHOLE
    )


def test_a_missing_part_is_named(handbook: StorageNode, storage: StorageManager) -> None:
    """When it is read or asked for, not when its folder is listed; and it is whole again when the part is."""
    storage.node("other:end.md").delete()
    for act in (handbook.read_bytes, handbook.size, handbook.stat):
        with pytest.raises(
            StorageError, match=r"home:books/handbook\.md: its part other:end.md is missing"
        ) as caught:
            act()
        assert caught.value.errno == errno.EIO
    assert [node.name for node in handbook.parent.iter_children()] == ["handbook.md"]
    storage.node("other:end.md").write_text("end")
    assert handbook.read_bytes() == WHOLE


def test_it_is_stored_nowhere(handbook: StorageNode, storage: StorageManager) -> None:
    """It has no path on this machine, so that programs get a copy; no versions, no stored hash."""
    assert handbook.resolved_path is None
    assert handbook.native_path() == handbook.path
    with handbook.local_path(mode="r") as copy:
        assert Path(copy).read_bytes() == WHOLE
    assert handbook.same_content(handbook)
    assert handbook.md5hash() == hashlib.md5(WHOLE).hexdigest()
    assert (handbook.get_metadata(), handbook.version_count()) == ({}, 0)
    assert storage.mapping("home:books")["handbook.md"] == WHOLE
    assert storage.tree("home").list_xattrs("books") == storage.tree("home").list_xattrs(handbook.path) == []


def test_published_files_come_and_go(storage: StorageManager) -> None:
    """Joined nodes, diffs, patterns; only where nothing else stands, and told to who watches."""
    told: list[Change] = []
    storage.changes.subscribe(told.append)
    odd = [storage.node("other:", name) for name in ("a*.txt", "a[1].txt", "?")]
    for node in odd:
        node.write_text(node.name)
    whole = storage.publish(storage.iternode(*odd, separator="\n"), "home:odd/all.txt")
    assert whole.read() == "a*.txt\na[1].txt\n?"
    assert ("home", "odd/all.txt", ChangeKind.CREATED) in {(c.mount, c.key, c.kind) for c in told}
    storage.publish(storage.diffnode(odd[0], odd[1]), "home:odd/a.diff")
    assert storage.node("home:odd/a.diff").read().startswith("--- other:a*.txt\n+++ other:a[1].txt\n")
    storage.publish({"concat": ["home:odd/*"]}, "home:odd/sum")
    parts = (storage.node("home:odd/a.diff"), whole)
    assert storage.node("home:odd/sum").read_bytes() == b"".join(part.read_bytes() for part in parts)
    with pytest.raises(AlreadyExists):
        storage.publish(whole, "home:intro.md")
    with pytest.raises(ConfigError, match="publish"):
        storage.publish(storage.iternode(storage.diffnode("home:a", "home:b")), "home:odd/b")
    storage.withdraw("home:odd/sum")
    assert not storage.node("home:odd/sum").exists()
    with pytest.raises(NotFound):
        storage.withdraw("home:odd/sum")


def test_a_cycle_is_refused(storage: StorageManager) -> None:
    """Of whatever length, by a pattern too; by way of another mount it is an error, not a hang."""
    storage.publish({"concat": ["home:y"]}, "home:x")
    for parts in (["home:x"], ["home:?"], ["home:y"]):
        with pytest.raises(ConfigError, match="made of itself"):
            storage.publish({"concat": parts}, "home:y")
    storage.publish({"concat": ["view:y"]}, "home:y")
    for act in (storage.node("home:y").read_bytes, storage.node("home:x").size):
        with pytest.raises(StorageError, match="part of itself"):
            act()
    assert "y" in {node.name for node in storage.node("home:").iter_children()}


@pytest.mark.parametrize(
    ("virtual", "complaint"),
    [
        ({"home:a": {"concat": ["none:b"]}}, "there is no mount 'none'"),
        ({"none:a": {"concat": ["home:b"]}}, "there is no mount 'none'"),
        ({"home:a": {"concat": ["home:b"], "diff": ["home:b", "home:c"]}}, "either by concat or by diff"),
        ({"home:a": {"diff": ["home:b", "home:*"]}}, "not of patterns"),
        ({"home:a": {"concat": ["home:a"]}}, "made of itself: home:a -> home:a"),
        ({"home:a": {"concat": ["home:c"]}, "home:a/b": {"concat": ["home:c"]}}, "no folder"),
        ({"home:a": {"concat": ["b"]}}, "must name a mount"),
        ({"home:": {"concat": ["home:b"]}}, "must be a file in the mount"),
        ({"home:a": {"conact": ["home:b"]}}, "conact"),
    ],
)
def test_wrong_definitions_are_refused(tmp_path: Path, virtual: dict[str, Any], complaint: str) -> None:
    """Before anything is opened, by a message that says what is wrong."""
    with pytest.raises(ConfigError, match=complaint):
        opened(tmp_path, "memory", virtual)
    assert not (tmp_path / "state").exists()


def test_other_settings_bring_other_files(tmp_path: Path) -> None:
    """Without touching the mounts; what was published stays."""
    with opened(tmp_path, "memory", {"home:a": {"concat": ["home:x"]}}) as storage:
        storage.node("home:x").write_text("x")
        storage.publish(storage.node("home:x"), "home:c")
        assert storage.node("home:a").read() == "x"
        tree = storage.tree("home")
        state = {"state": str(tmp_path / "state"), "cache": {"directory": None}}
        storage.reconfigure(
            {"mounts": _mounts(), "virtual": {"home:b": {"concat": ["home:x", "home:x"]}}, **state}
        )
        assert storage.tree("home") is tree
        assert not storage.node("home:a").exists()
        assert storage.node("home:b").read() == "xx"
        assert storage.node("home:c").read() == "x"


def _mounts() -> dict[str, dict[str, Any]]:
    return {
        "home": {"type": "memory"},
        "other": {"type": "memory"},
        "view": {"type": "relative", "path": "home:"},
    }
