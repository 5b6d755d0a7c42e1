"""Folders, copies, renames and deletions through `vfs://`."""

import time

import pytest

import vfs
from vfs.fsspec import VfsFileSystem


def test_folders_are_made_and_removed(fs: VfsFileSystem) -> None:
    """With those above or without, and only while empty."""
    fs.mkdir("memory/a/b")
    with pytest.raises(vfs.AlreadyExists):
        fs.mkdir("memory/a/b")
    with pytest.raises(vfs.NotFound):
        fs.mkdir("memory/x/y", create_parents=False)
    with pytest.raises(vfs.AlreadyExists):
        fs.makedirs("memory/a/b")
    with pytest.raises(vfs.DirectoryNotEmpty):
        fs.rmdir("memory/a")
    fs.rmdir("memory/a/b")
    assert fs.ls("memory/a") == []


def test_deleting_a_folder_must_be_said(fs: VfsFileSystem) -> None:
    """`rm` takes files and patterns; folders only when recursive, the root of a mount never."""
    fs.pipe({f"memory/d/{name}": b"x" for name in ("a1", "a2", "b", "sub/c")})
    with pytest.raises(vfs.IsADirectory):
        fs.rm("memory/d")
    fs.rm("memory/d/a*")
    assert fs.find("memory") == ["memory/d/b", "memory/d/sub/c"]
    fs.rm(["memory/d", "memory/d/sub"], recursive=True)
    assert not fs.exists("memory/d")
    with pytest.raises(vfs.PermissionDenied):
        fs.rm("memory", recursive=True)
    with pytest.raises(vfs.NotFound):
        fs.rm("memory/absent")


def test_deleting_to_a_depth_keeps_what_is_below(fs: VfsFileSystem) -> None:
    """Files down to there go, and folders that are empty then."""
    fs.pipe({"memory/d/a": b"x", "memory/d/sub/b": b"x"})
    fs.makedirs("memory/d/empty")
    fs.rm("memory/d", recursive=True, maxdepth=1)
    assert fs.find("memory", withdirs=True) == ["memory", "memory/d", "memory/d/sub", "memory/d/sub/b"]


def test_renaming_moves_a_folder_whole(fs: VfsFileSystem) -> None:
    """Within a mount and into another; to a path, or into a folder that is there."""
    fs.pipe({"memory/d/a": b"1", "memory/d/sub/b": b"2"})
    fs.mv("memory/d", "memory/e")
    assert fs.find("memory") == ["memory/e/a", "memory/e/sub/b"]
    fs.mv("memory/e", "local/f", recursive=True)
    assert fs.find("memory") == []
    assert fs.cat("local/f", recursive=True) == {"local/f/a": b"1", "local/f/sub/b": b"2"}
    fs.makedirs("memory/there")
    fs.mv("local/f", "memory/there")
    fs.mv("memory/there/f/a", "memory/new/")
    assert fs.find("memory") == ["memory/new/a", "memory/there/f/sub/b"]
    fs.mv("memory/new/a", "memory/new/a")
    assert fs.cat_file("memory/new/a") == b"1"


def test_patterns_and_lists_are_moved_one_by_one(fs: VfsFileSystem) -> None:
    """As fsspec does it."""
    fs.pipe({"memory/d/a1": b"1", "memory/d/a2": b"2", "memory/d/b": b"3"})
    fs.mv("memory/d/a*", "memory/e/")
    assert fs.find("memory") == ["memory/d/b", "memory/e/a1", "memory/e/a2"]


def test_copies_go_across_mounts(fs: VfsFileSystem, storage: vfs.StorageManager) -> None:
    """Files with their metadata, trees with all that is below."""
    storage.node("memory:d/f").write_bytes(b"x", metadata={"colour": "red"})
    fs.pipe_file("memory/d/sub/g", b"y")
    fs.copy("memory/d/f", "watched/f")
    assert storage.node("watched:f").get_metadata() == {"colour": "red"}
    fs.copy("memory/d", "local/d", recursive=True)
    assert fs.cat("local/d", recursive=True) == {"local/d/f": b"x", "local/d/sub/g": b"y"}


def test_touching_empties_or_stamps(fs: VfsFileSystem) -> None:
    """As asked."""
    fs.touch("local/f")
    fs.pipe_file("local/f", b"content")
    fs.storage.tree("local").set_attributes("f", vfs.Attributes(mtime_ns=10**18))
    fs.touch("local/f", truncate=False)
    assert abs(fs.info("local/f")["mtime"] - time.time()) < 60
    assert fs.cat_file("local/f") == b"content"
    fs.touch("local/f")
    assert fs.info("local/f")["size"] == 0


def test_what_a_storage_cannot_do_is_refused(fs: VfsFileSystem) -> None:
    """With the place in the error."""
    fs.pipe_file("memory/f", b"x")
    with pytest.raises(vfs.CapabilityNotSupported, match="memory:f"):
        fs.sign("memory/f")


def test_nodes_and_fsspec_see_one_another(fs: VfsFileSystem, storage: vfs.StorageManager) -> None:
    """What one writes the other reads at once."""
    fs.pipe_file("watched/f", b"from fsspec")
    assert storage.node("watched:f").read_bytes() == b"from fsspec"
    storage.node("watched:f").write_bytes(b"from a node")
    assert fs.cat_file("watched/f") == b"from a node"
    storage.node("watched:f").delete()
    assert not fs.exists("watched/f")
