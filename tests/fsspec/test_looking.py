"""Looking through `vfs://`: mounts are the first folders, listings tell all, nothing is asked twice."""

import os
from datetime import UTC, datetime

import pytest

import vfs
from tests.fsspec.watched import WatchedStorage
from tests.stacks import stack_of
from vfs.fsspec import VfsFileSystem
from vfs.testing.names import ODD_NAMES


def test_the_root_holds_the_mounts(fs: VfsFileSystem) -> None:
    """They are its folders, and it cannot be written to."""
    assert fs.ls("vfs://", detail=False) == ["local", "memory", "packed", "watched"]
    assert {known["type"] for known in fs.ls("")} == {"directory"}
    assert fs.info("vfs://")["type"] == fs.info("memory")["type"] == "directory"
    with pytest.raises(vfs.IsADirectory):
        fs.pipe_file("vfs://", b"x")
    with pytest.raises(vfs.AlreadyExists):
        fs.mkdir("memory")
    fs.makedirs("memory", exist_ok=True)
    fs.makedirs("", exist_ok=True)


def test_an_unknown_mount_is_not_there(fs: VfsFileSystem) -> None:
    """It is told by its name, with the nearest one there is; a name with a colon is no other mount's path."""
    with pytest.raises(vfs.NotFound, match=r"there is no mount 'memry'.*memory"):
        fs.cat_file("vfs://memry/a")
    fs.pipe_file("memory/b/c", b"x")
    assert not fs.exists("vfs://memory:b/c")


def test_a_path_is_the_same_with_and_without_its_protocol(fs: VfsFileSystem) -> None:
    """And with slashes too many at either end."""
    fs.pipe_file("vfs://memory/a/b", b"x")
    for written in ("memory/a/b", "vfs://memory/a/b", "/memory/a/b", "vfs:///memory/a/b", "vfs::memory/a/b"):
        assert fs.info(written)["name"] == "memory/a/b"
    assert fs.unstrip_protocol("memory/a/b") == "vfs://memory/a/b"


def test_details_are_those_of_the_entry(fs: VfsFileSystem, storage: vfs.StorageManager) -> None:
    """The same from `info` and from `ls`."""
    result = storage.node("memory:d/f").write_bytes(b"12345", metadata={"author": "me"})
    storage.node("local:d/f").write_bytes(b"123")
    known = fs.info("memory/d/f")
    assert (known["size"], known["type"], known["islink"]) == (5, "file", False)
    assert (known["ETag"], known["metadata"]) == (result.etag, {"author": "me"})
    assert fs.ls("memory/d") == [known]
    assert fs.ls("memory/d/f") == [known]
    assert fs.info("local/d/f")["mode"] & 0o400
    now = datetime.now(UTC)
    assert abs((fs.modified("local/d/f") - now).total_seconds()) < 60


def test_symlinks_are_told_as_what_they_are(fs: VfsFileSystem, storage: vfs.StorageManager) -> None:
    """They are not followed."""
    storage.tree("local").make_symlink("link", "target")
    known = fs.info("local/link")
    assert (known["type"], known["islink"]) == ("link", True)
    assert not fs.isfile("local/link")


def test_a_listing_is_one_request(fs: VfsFileSystem, watched: WatchedStorage) -> None:
    """With details, and what follows asks nothing more."""
    for number in range(50):
        watched.write(f"d/{number}", b"x" * number)
    watched.requests.clear()
    assert sum(known["size"] for known in fs.ls("watched/d")) == sum(range(50))
    assert watched.requests == ["list d"]
    assert fs.exists("watched/d/7")
    assert fs.info("watched/d/8")["size"] == 8
    assert not fs.exists("watched/d/absent")
    assert watched.requests == ["list d"]


def test_looking_asks_once(fs: VfsFileSystem, watched: WatchedStorage) -> None:
    """`exists` and `info` are one question, and the second of them none."""
    watched.write("f", b"x")
    watched.requests.clear()
    assert fs.exists("watched/f")
    assert fs.info("watched/f")["size"] == 1
    assert fs.isfile("watched/f")
    assert watched.requests == ["stat f"]


def test_listed_sizes_are_those_of_the_contents(fs: VfsFileSystem) -> None:
    """Also where what is stored has another size, so that who reads only a file's end finds it."""
    data = b"the same again and again " * 1000
    for number in range(5):
        fs.pipe_file(f"packed/d/{number}", data)
    fresh = stack_of(fs.storage, "packed")
    fresh._sizes.clear()
    assert {known["size"] for known in fs.ls("packed/d")} == {len(data)}


def test_finding_walks_the_tree(fs: VfsFileSystem) -> None:
    """Files below a folder, of all mounts from the root, by pattern."""
    for path in ("memory/a/1.txt", "memory/a/b/2.txt", "local/3.txt"):
        fs.pipe_file(path, b"x")
    assert fs.find("memory/a") == ["memory/a/1.txt", "memory/a/b/2.txt"]
    assert fs.find("") == ["local/3.txt", "memory/a/1.txt", "memory/a/b/2.txt"]
    assert fs.find("memory/a/1.txt", detail=True)["memory/a/1.txt"]["size"] == 1
    assert fs.find("memory/absent") == []
    assert fs.glob("memory/**/*.txt") == ["memory/a/1.txt", "memory/a/b/2.txt"]
    assert fs.glob("*/3.txt") == ["local/3.txt"]


def test_a_tree_is_found_in_one_sweep(fs: VfsFileSystem, watched: WatchedStorage) -> None:
    """With its folders or without, however deep, and by pattern."""
    for key in ("d/a", "d/sub/b", "d/sub/deep/er/c"):
        watched.write(key, b"x" * len(key))
    watched.make_directory("d/empty")
    watched.requests.clear()
    files = ["watched/d/a", "watched/d/sub/b", "watched/d/sub/deep/er/c"]
    folders = ["watched/d", "watched/d/empty", "watched/d/sub", "watched/d/sub/deep", "watched/d/sub/deep/er"]
    assert fs.find("watched/d") == files
    assert watched.requests == ["sweep d"]
    assert fs.du("watched/d") == 3 + 7 + 15
    assert fs.find("watched/d", withdirs=True) == sorted([*files, *folders])
    assert fs.glob("watched/d/**/c") == ["watched/d/sub/deep/er/c"]
    assert fs.find("watched/d/a") == ["watched/d/a"]
    assert fs.find("watched/d/a/below") == fs.find("watched/e") == []
    fs.pipe_file("watched/d/unsent", b"x")
    assert fs.find("watched/d") == sorted([*files, "watched/d/unsent"])
    assert not [request for request in watched.requests if request.startswith("list")]


def test_what_cannot_be_seen_is_not_taken_for_absent(
    fs: VfsFileSystem, watched: WatchedStorage, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A store that does not answer makes no question come out as no, and no tree come out empty."""

    def down(key: str) -> None:
        raise vfs.BackendUnavailable("the store does not answer", key)

    monkeypatch.setattr(watched, "stat", down)
    monkeypatch.setattr(watched, "list", down)
    monkeypatch.setattr(watched, "sweep", down)
    for ask in (fs.exists, fs.isfile, fs.isdir, fs.find, fs.du, lambda path: list(fs.walk(path))):
        with pytest.raises(vfs.BackendUnavailable, match=r"watched:d: the store does not answer"):
            ask("watched/d")


@pytest.mark.parametrize("name", ODD_NAMES, ids=ascii)
def test_an_odd_name_is_a_plain_name(fs: VfsFileSystem, name: str, tmp_path: str) -> None:
    """Every act on one file is on that file, though its name looks like a pattern that others match."""
    path = f"memory/d/{name}"
    fs.pipe_file("memory/d/a1", b"bystander")
    fs.pipe_file(path, b"content")
    assert path in fs.ls("memory/d", detail=False)
    assert fs.cat(path) == fs.cat_file(path) == b"content"
    assert fs.cat([path]) == {path: b"content"}
    fs.copy(path, "memory/copies/one")
    fs.copy(path, "memory/copies/")
    assert set(fs.ls("memory/copies", detail=False)) == {"memory/copies/one", f"memory/copies/{name}"}
    fs.get(path, os.fspath(tmp_path) + "/fetched")
    fs.mv(path, "memory/moved")
    assert fs.cat_file("memory/moved") == b"content"
    fs.mv("memory/moved", path)
    fs.rm(path)
    assert fs.find("memory/d") == ["memory/d/a1"]
