"""Folders of nodes: making, listing, walking, deleting, moving within a mount and across."""

import itertools

import pytest

from tests.engine.nodes import KINDS
from vfs.engine.entries import EntryKind
from vfs.engine.errors import (
    AlreadyExists,
    DirectoryNotEmpty,
    InvalidPath,
    IsADirectory,
    NotADirectory,
    NotFound,
    PermissionDenied,
)
from vfs.engine.nodes import StorageNode
from vfs.storage import StorageManager


def contents(node: StorageNode) -> dict[str, str | None]:
    """Everything below a folder by its path from there; None for folders."""
    found: dict[str, str | None] = {}
    for folder, folders, others in node.walk():
        start = len(node.path) + bool(node.path)
        found |= {(folder / name).path[start:]: None for name in folders}
        found |= {(folder / name).path[start:]: (folder / name).read() for name in others}
    return found


def fill(folder: StorageNode) -> dict[str, str | None]:
    """Make a small tree; what `contents` says of it."""
    (folder / "empty").mkdir(parents=True)
    (folder / "a[1]*.txt").write_text("one")
    (folder / "sub" / "deep" / "b").write_text("two")
    return {"empty": None, "a[1]*.txt": "one", "sub": None, "sub/deep": None, "sub/deep/b": "two"}


def test_mkdir(root: StorageNode) -> None:
    """As pathlib's: the folder above must be there unless told to make it."""
    with pytest.raises(NotFound):
        (root / "a" / "b").mkdir()
    (root / "a" / "b").mkdir(parents=True)
    assert (root / "a" / "b").is_dir()
    (root / "a" / "c").mkdir()
    with pytest.raises(AlreadyExists):
        (root / "a").mkdir()
    (root / "a").mkdir(exist_ok=True)
    root.mkdir(exist_ok=True)
    (root / "file").write_text("")
    with pytest.raises(AlreadyExists):
        (root / "file").mkdir(exist_ok=True)
    with pytest.raises(NotADirectory):
        (root / "file" / "x").mkdir()


def test_children(root: StorageNode) -> None:
    """Nodes, sorted; those of a file or of nothing are an error."""
    fill(root)
    assert [child.name for child in root.children()] == ["a[1]*.txt", "empty", "sub"]
    assert {child.name for child in root.iter_children()} == {"a[1]*.txt", "empty", "sub"}
    assert (root / "empty").children() == []
    with pytest.raises(NotADirectory):
        root.child("a[1]*.txt").children()
    with pytest.raises(NotFound):
        (root / "absent").children()


def test_walk_both_ways(root: StorageNode) -> None:
    """Folders before what they hold, or after; a folder taken out of the list is not entered."""
    fill(root)
    down = [folder.path for folder, _, _ in root.walk()]
    assert down == ["", "empty", "sub", "sub/deep"]
    assert [folder.path for folder, _, _ in root.walk(top_down=False)] == ["empty", "sub/deep", "sub", ""]
    seen = []
    for folder, folders, _ in root.walk():
        seen.append(folder.path)
        folders[:] = [name for name in folders if name != "sub"]
    assert seen == ["", "empty"]


def test_delete(root: StorageNode) -> None:
    """A folder with entries only if told so, and never the root of a mount."""
    fill(root)
    root.child("a[1]*.txt").delete()
    (root / "empty").delete()
    with pytest.raises(DirectoryNotEmpty):
        (root / "sub").delete()
    (root / "sub").delete(recursive=True)
    assert root.children() == []
    with pytest.raises(NotFound):
        (root / "sub").delete(recursive=True)
    (root / "sub").delete(missing_ok=True)
    (root / "kept").write_text("x")
    for recursive in (False, True):
        with pytest.raises(PermissionDenied):
            root.delete(recursive=recursive)
    assert (root / "kept").exists()


def test_deleting_a_symlink_leaves_what_it_points_to(storage: StorageManager) -> None:
    """The link is an entry of its own."""
    for mount in ("local", "memory", "sqlite"):
        root = storage.node(f"{mount}:")
        expected = fill(root / "d")
        storage.tree(mount).make_symlink("link", "d")
        assert (root / "link").stat().kind is EntryKind.SYMLINK
        (root / "link").delete(recursive=True)
        assert contents(root / "d") == expected
        storage.tree(mount).make_symlink("d/up", "..")
        (root / "d").delete(recursive=True)
        assert root.children() == []


def test_move_within_a_mount(root: StorageNode) -> None:
    """A file, a folder with all below it, onto a file, onto an empty folder; the new node comes back."""
    expected = fill(root / "d")
    moved = (root / "d").move_to(root / "new" / "e")
    assert (moved.path, contents(moved)) == ("new/e", expected)
    assert not (root / "d").exists()

    (root / "x").write_text("x")
    (root / "y").write_text("y")
    with pytest.raises(AlreadyExists):
        (root / "x").move_to(root / "y", overwrite=False)
    (root / "x").move_to(f"{root.mount}:y")
    assert (root / "y").read() == "x"
    assert not (root / "x").exists()
    with pytest.raises(IsADirectory):
        (root / "y").move_to(moved)
    with pytest.raises(NotADirectory):
        moved.move_to(root / "y")
    with pytest.raises(InvalidPath):
        moved.move_to(moved / "inside")


def test_moving_a_file_onto_itself_keeps_it(root: StorageNode) -> None:
    """Nothing happens."""
    node = root / "a"
    node.write_text("x")
    assert node.move_to(node) == node
    assert node.read() == "x"


@pytest.mark.parametrize(("here", "other"), list(itertools.permutations(KINDS, 2)))
def test_move_across_mounts(storage: StorageManager, here: str, other: str) -> None:
    """A file with its metadata, a folder with all below it; nothing stays behind."""
    root, there = storage.node(f"{here}:"), storage.node(f"{other}:there")
    (root / "file").write_text("x", metadata={"k": "v"})
    moved = (root / "file").move_to(there / "file")
    assert (moved.read(), moved.get_metadata()) == ("x", {"k": "v"})

    expected = fill(root / "d")
    assert contents((root / "d").move_to(there / "d")) == expected
    assert root.children() == []

    fill(root / "d")
    with pytest.raises(DirectoryNotEmpty):
        (root / "d").move_to(there / "d")
    with pytest.raises(NotADirectory):
        (root / "d").move_to(moved)
    with pytest.raises(AlreadyExists):
        (root / "d").move_to(there / "d", overwrite=False)
    assert contents(root / "d") == expected
    with pytest.raises(InvalidPath):
        root.move_to(there / "all")


def test_symlinks_move_across_as_links(storage: StorageManager) -> None:
    """Alone, and inside a folder."""
    tree = storage.tree("memory")
    tree.make_symlink("d/link", "../x")
    storage.node("memory:d").move_to("local:d")
    assert storage.tree("local").read_symlink("d/link") == "../x"


def test_copy_a_file(storage: StorageManager, root: StorageNode) -> None:
    """Within the mount and to another one; the source stays."""
    (root / "a").write_text("x", metadata={"k": "v"})
    for there in (root / "d" / "b", storage.node("memory:copies/b"), storage.node("local:copies/b")):
        assert (root / "a").copy_to(there).copied == 1
        assert (there.read(), there.get_metadata(), there.mtime()) == ("x", {"k": "v"}, (root / "a").mtime())
        with pytest.raises(AlreadyExists):
            (root / "a").copy_to(there, overwrite=False)
    assert (root / "a").read() == "x"
    with pytest.raises(InvalidPath):
        (root / "a").copy_to(root / "a")
    with pytest.raises(IsADirectory):
        (root / "a").copy_to(root / "d")


def test_a_copy_to_another_mount_has_what_programs_keep_with_the_file(storage: StorageManager) -> None:
    """Extended attributes of users go along; those of one system, and what a file had before, do not."""
    storage.node("memory:a").write_text("x")
    for name in ("user.colour", "security.label"):
        storage.tree("memory").set_xattr("a", name, b"red")
    for mount in ("sqlite", "journalled", "local"):
        target = storage.tree(mount)
        storage.node(f"{mount}:b").write_text("before")
        target.set_xattr("b", "user.old", b"1")
        storage.node("memory:a").copy_to(storage.node(f"{mount}:b"))
        assert target.list_xattrs("b") == ["user.colour"]
        assert target.get_xattr("b", "user.colour") == b"red"
