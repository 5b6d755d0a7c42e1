"""`local_path`: a place as a path of this machine, and what becomes of what a program does there."""

import os
from pathlib import Path

import pytest

import vfs
from vfs.engine.changes import Change, ChangeKind
from vfs.engine.tools.local_files import LocalMode

NAMES = ("plain.txt", "a*.txt", "a[1].txt", "with space\nand line.txt", "-rf", "ü😀.txt", "n" * 251 + ".txt")


def test_a_file_is_read_by_its_path(root: vfs.StorageNode) -> None:
    """`r` has the bytes under the file's own name, on every kind of mount."""
    node = root / "folder/film.mp4"
    node.write_bytes(b"x" * (3 << 20) + b"end")
    with node.local_path() as path:
        assert path.read_bytes() == node.read_bytes()
        assert path.name == "film.mp4"


@pytest.mark.parametrize("name", NAMES)
def test_any_name_is_a_name(storage: vfs.StorageManager, name: str) -> None:
    """No character of a name means anything to the copy."""
    node = storage.node("memory:", name)
    node.write_text("content")
    with node.local_path("rw") as path:
        assert os.fsencode(path.name) == os.fsencode(name)
        path.write_text("changed")
    assert node.read() == "changed"
    assert storage.node("memory:").children() == [node]


def test_a_new_file_is_stored(root: vfs.StorageNode) -> None:
    """`w` is a free name in a folder that is there; the file stands with its folders when the block ends."""
    node = root / "new/folder/made.bin"
    with node.local_path("w") as path:
        assert not path.exists()
        path.write_bytes(b"made")
    assert node.read_bytes() == b"made"


def test_a_changed_file_is_stored(root: vfs.StorageNode) -> None:
    """`rw` has the file, takes the changed one back, and what goes with it stays."""
    node = root / "file"
    node.write_bytes(b"one two")
    with node.local_path("rw") as path, path.open("r+b") as file:
        file.seek(4)
        file.write(b"TWO")
    assert node.read_bytes() == b"one TWO"


def test_rw_where_nothing_is_is_a_free_name(storage: vfs.StorageManager) -> None:
    """And where nothing is made, nothing is stored."""
    node = storage.node("memory:none")
    with node.local_path("rw") as path:
        assert not path.exists()
    assert not node.exists()


@pytest.mark.parametrize("mode", ["w", "rw"])
def test_a_failed_block_stores_nothing(storage: vfs.StorageManager, mode: LocalMode) -> None:
    """The old file stays, and the copy is gone (the fixture looks)."""
    node = storage.node("sqlite:file")
    node.write_text("old")
    with pytest.raises(UnicodeEncodeError), node.local_path(mode) as path, path.open("w") as file:
        file.write("half\ud800")
    assert node.read() == "old"


def test_what_is_unchanged_is_not_sent(storage: vfs.StorageManager) -> None:
    """Neither a file that was only read, nor one that was written anew with the same bytes."""
    node = storage.node("sqlite:file")
    etag = node.write_text("same").etag
    with node.local_path("rw") as path:
        path.read_bytes()
    with node.local_path("rw") as path:
        path.unlink()
        path.write_text("same")
    assert node.etag() == etag


def test_a_change_of_equal_size_at_once_is_seen(storage: vfs.StorageManager) -> None:
    """A program that is quicker than the clock of the file system is not taken for one that did nothing."""
    node = storage.node("memory:file")
    for number in range(20):
        node.write_text("before")
        with node.local_path("rw") as path, path.open("r+") as file:
            file.write(f"{number:06}")
        assert node.read() == f"{number:06}"


def test_a_conflict_loses_nobodys_bytes(storage: vfs.StorageManager) -> None:
    """Who was first stays; what the program made is beside it, and the error says where."""
    node = storage.node("sqlite:file")
    node.write_text("old")

    def edit_too_late() -> None:
        with node.local_path("rw") as path:
            node.write_text("theirs")
            path.write_text("ours")

    with pytest.raises(vfs.Conflict, match=r"^sqlite:file: .* kept as file\.conflict-"):
        edit_too_late()
    (kept,) = storage.node("sqlite:").glob("file.conflict-*")
    assert (node.read(), kept.read()) == ("theirs", "ours")


def test_a_local_mount_gives_the_file_itself(storage: vfs.StorageManager) -> None:
    """No copy is made, and the fronts of the process are told what changed."""
    node = storage.node("local:file")
    node.write_text("old")
    told: list[Change] = []
    storage.changes.subscribe(told.append)
    with node.local_path("r") as path:
        assert str(path) == node.resolved_path
    with node.local_path("rw") as path:
        path.write_text("new")
    with storage.node("local:folder/made").local_path("w") as path:
        path.write_text("made")
    assert node.read() == "new"
    changes = [(change.key, change.kind) for change in told]
    assert changes == [
        ("file", ChangeKind.CONTENT),
        ("folder", ChangeKind.CREATED),
        ("folder/made", ChangeKind.CREATED),
    ]


def test_layers_see_what_is_written(tmp_path: Path) -> None:
    """Over a local folder with a layer, a change goes through the layer."""
    files = tmp_path / "files"
    mount = {"type": "local", "path": str(files), "create": True}
    with vfs.open({"mounts": {"packed": {**mount, "layers": ["gzip"]}}}) as storage:
        with storage.node("packed:file").local_path("w") as path:
            path.write_text("content")
        assert storage.node("packed:file").read() == "content"
        assert (files / "file").read_bytes().startswith(b"\x1f\x8b")


def test_what_is_in_the_way_is_said_at_once(storage: vfs.StorageManager) -> None:
    """A missing file, a folder, a read-only mount and a mode that is none, before anything is copied."""
    storage.node("memory:folder").mkdir()
    storage.node("local:folder").mkdir()
    cases = (
        ("memory:none", "r", vfs.NotFound),
        ("local:none", "r", vfs.NotFound),
        ("memory:folder", "rw", vfs.IsADirectory),
        ("local:folder", "w", vfs.IsADirectory),
        ("locked:new", "w", vfs.PermissionDenied),
        ("memory:none", "x", ValueError),
    )
    for place, mode, error in cases:
        with pytest.raises(error), storage.node(place).local_path(mode):  # type: ignore[arg-type]
            pytest.fail("the block ran")


def test_a_program_that_leaves_no_file_is_refused(storage: vfs.StorageManager, tmp_path: Path) -> None:
    """A folder, or a link to a file of this machine, is not stored."""
    secret = tmp_path / "secret"
    secret.write_text("of this machine")
    node = storage.node("memory:file")
    with pytest.raises(vfs.InvalidPath), node.local_path("w") as path:
        path.symlink_to(secret)
    with pytest.raises(vfs.InvalidPath), node.local_path("w") as path:
        path.mkdir()
    assert not node.exists()


def test_the_copy_is_for_its_user_alone(storage: vfs.StorageManager) -> None:
    """Nobody else enters its folder, and a copy to be read cannot be written."""
    node = storage.node("memory:file")
    node.write_text("content")
    with node.local_path() as path:
        assert path.stat().st_mode & 0o777 == 0o400
        assert path.parent.stat().st_mode & 0o077 == 0
