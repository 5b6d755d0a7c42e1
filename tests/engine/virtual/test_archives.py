"""ZIP archives of nodes, folders and joined nodes."""

import errno
import io
import os
import tracemalloc
import zipfile
from pathlib import Path

import pytest

from vfs import InvalidPath, NotFound, PermissionDenied, StorageManager, StorageNode
from vfs.engine.entries import Entry, EntryKind
from vfs.engine.virtual.archives import Member, zip_pieces


def contents(archive: bytes) -> dict[str, bytes]:
    """The members by name, every checksum compared."""
    with zipfile.ZipFile(io.BytesIO(archive)) as opened:
        assert opened.testzip() is None
        return {name: opened.read(name) for name in opened.namelist()}


def test_a_file_and_a_folder_are_archived(root: StorageNode) -> None:
    """A file under its name; a folder with all below by their paths from there, odd names and all."""
    odd = ["a*.txt", "a[1].txt", "?", "two words", "line\nend", "\N{SNOWMAN}"]
    for name in odd:
        (root / "folder" / "in" / name).write_text(name)
    (root / "folder" / "empty").mkdir(parents=True)
    assert contents((root / "folder/in/?").zip()) == {"?": b"?"}
    found = contents((root / "folder").zip(compression="store"))
    assert {name: data for name, data in found.items() if not name.endswith("/")} == {
        f"in/{name}": name.encode() for name in odd
    }
    assert found["empty/"] == b""


def test_joined_nodes_are_members_each(storage: StorageManager) -> None:
    """Equal names get a number; a folder is below its own name, a diff is one as well."""
    for path in ("memory:a/x.txt", "sqlite:b/x.txt", "local:folder/deep/y"):
        storage.node(path).write_text(path)
    diff = storage.diffnode("memory:a/x.txt", "sqlite:b/x.txt")
    joined = storage.iternode("memory:a/x.txt", "sqlite:b/x.txt", "local:folder", diff)
    found = contents(joined.zip())
    assert found.pop("x.txt.diff").startswith(b"--- memory:a/x.txt")
    assert {name: data for name, data in found.items() if name[-1] != "/"} == {
        "x.txt": b"memory:a/x.txt",
        "x (2).txt": b"sqlite:b/x.txt",
        "folder/deep/y": b"local:folder/deep/y",
    }


def test_an_archive_goes_to_a_node_or_a_file(storage: StorageManager, tmp_path: Path) -> None:
    """The same bytes; a node in the folder itself is left out of it, a stream that cannot seek will do."""
    folder = storage.node("local:stuff")
    (folder / "a").write_text("a" * 1000)
    size = folder.zip("local:stuff/all.zip")
    assert size == folder.zip(folder / "all.zip") == (folder / "all.zip").size()
    assert contents((folder / "all.zip").read_bytes()) == {"a": b"a" * 1000}
    with (tmp_path / "out").open("wb") as file:
        assert storage.iternode(folder / "a").zip(file) == file.tell()
    reader, writer = os.pipe()
    with os.fdopen(writer, "wb") as pipe:
        (folder / "a").zip(pipe)
    with os.fdopen(reader, "rb") as pipe:
        assert contents(pipe.read()) == {"a": b"a" * 1000}
    with pytest.raises(PermissionDenied) as caught:
        folder.zip("locked:all.zip")
    assert caught.value.errno == errno.EROFS


def test_times_modes_and_symlinks_are_kept(storage: StorageManager, tmp_path: Path) -> None:
    """As other programs unpack them: `unzip`, or here Python's own reading of the attributes."""
    folder = tmp_path / "files" / "f"
    folder.mkdir(parents=True)
    (folder / "run").write_text("#!/bin/sh\n")
    (folder / "run").chmod(0o750)
    os.utime(folder / "run", (1_000_000_000, 1_000_000_000))
    (folder / "link").symlink_to("run")
    os.mkfifo(folder / "pipe")
    (tmp_path / "all.zip").write_bytes(storage.node("local:f").zip())
    with zipfile.ZipFile(tmp_path / "all.zip") as archive:
        infos = {info.filename: info for info in archive.infolist()}
        assert archive.read("link") == b"run"
    assert infos["run"].external_attr >> 16 == 0o100750
    assert infos["link"].external_attr >> 28 == 0o12
    assert int.from_bytes(infos["run"].extra[5:9], "little") == 1_000_000_000
    assert set(infos) == {"run", "link"}


def test_times_that_the_format_cannot_tell_are_the_nearest() -> None:
    """Before 1980, after 2107, or none at all."""
    for mtime, year in ((None, 1980), (0, 1980), (10**9 * 10**10, 2107), (-5 * 10**18, 1980)):
        entry = Entry("a", EntryKind.FILE, mtime_ns=mtime)
        archive = b"".join(zip_pieces([Member("a", entry, lambda: iter(()))]))
        assert zipfile.ZipFile(io.BytesIO(archive)).infolist()[0].date_time[0] == year


def test_a_failure_leaves_no_archive(storage: StorageManager) -> None:
    """What stood at the target stays: a part is missing, or a name is no text."""
    target = storage.node("local:all.zip")
    target.write_text("old")
    storage.node("memory:a").write_text("a")
    with pytest.raises(NotFound, match="memory:none"):
        storage.iternode("memory:a", "memory:none").zip(target)
    storage.node("memory:odd", os.fsdecode(b"\xff")).write_text("a")
    with pytest.raises(InvalidPath, match="not UTF-8"):
        storage.node("memory:odd").zip(target)
    assert target.read_text() == "old"


def test_a_big_archive_is_never_held(storage: StorageManager) -> None:
    """64 MiB in two files go into an archive of another mount while Python holds a fraction of them."""
    block = os.urandom(1 << 20)
    for name in "ab":
        storage.node("local:big", name).write_bytes(block for _ in range(32))
    tracemalloc.start()
    try:
        assert storage.node("local:big").zip("sqlite:big.zip", compression="store") > 64 << 20
        assert tracemalloc.get_traced_memory()[1] < 40 << 20
    finally:
        tracemalloc.stop()
    with zipfile.ZipFile(storage.node("sqlite:big.zip").open("rb")) as archive:
        assert archive.testzip() is None
