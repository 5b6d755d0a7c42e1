"""Mounts whose contents are stored as other bytes behave as any mount: through open files and listings."""

import os
import random
from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.engine.layers.test_encrypt import KEY
from vfs.config import settings_from
from vfs.engine.errors import InvalidPath, NotFound, PermissionDenied
from vfs.engine.files.tree import FileTree
from vfs.engine.manager import StorageManager

MEBIBYTE = 1 << 20

STACKS: dict[str, list[object]] = {
    "base64": ["base64"],
    "buffer": ["buffer"],
    "encrypt": [{"type": "encrypt", "key": KEY}],
    "gzip": ["gzip"],
    "text": [{"type": "text", "stored": "utf-16", "shown": "latin-1"}],
    "gzip, encrypt, base64, spread and logged": [
        "hash_prefix",
        "url_encode",
        {"type": "prefix", "prefix": "below/here"},
        "base64",
        {"type": "encrypt", "key": KEY},
        "gzip",
        "retry",
        "log",
    ],
}


def manager(folder: Path, layers: list[object], storage: str = "sqlite", **options: object) -> StorageManager:
    mount = {"type": storage, "path": os.fspath(folder / "store"), "layers": layers, **options}
    return StorageManager(
        settings_from(
            {"mounts": {"m": mount}, "cache": {"directory": None}, "state": os.fspath(folder / "state")}
        )
    )


@pytest.fixture(params=STACKS)
def layers(request: pytest.FixtureRequest) -> list[object]:
    return STACKS[request.param]


@pytest.fixture
def tree(tmp_path: Path, layers: list[object]) -> Iterator[FileTree]:
    with manager(tmp_path, layers) as storage:
        yield storage.tree("m")


def read(tree: FileTree, key: str) -> bytes:
    file = tree.open(key)
    try:
        return bytes(file.read(0, file.stat().size + 100))
    finally:
        file.close()


def write(tree: FileTree, key: str, at: int, data: bytes) -> None:
    file = tree.create(key)
    try:
        for start in range(0, len(data), 100_000):
            file.write(at + start, data[start : start + 100_000])
        file.flush()
    finally:
        file.close()


def test_a_file_is_written_edited_cut_and_renamed(tree: FileTree) -> None:
    """Every step reads back, its size told in the entry and in the listing."""
    expected = bytearray(random.Random(1).randbytes(3 * MEBIBYTE + 17))
    write(tree, "d/f", 0, bytes(expected))
    for at, data in ((MEBIBYTE - 3, b"edited"), (len(expected), b"appended"), (0, b"first")):
        write(tree, "d/f", at, data)
        expected[at : at + len(data)] = data
        assert read(tree, "d/f") == expected
    tree.truncate("d/f", 2 * MEBIBYTE)
    tree.rename("d/f", "d/g")
    tree.flush()
    assert read(tree, "d/g") == expected[: 2 * MEBIBYTE]
    assert [(entry.name, entry.size) for entry in tree.list("d")] == [("g", 2 * MEBIBYTE)]


def test_the_next_process_sees_the_same(tmp_path: Path, layers: list[object]) -> None:
    """Names, sizes and contents come from the store, and a seek reads the right place."""
    data = random.Random(2).randbytes(3 * MEBIBYTE)
    with manager(tmp_path, layers) as storage:
        for size in (0, 1, 65_536, len(data)):
            write(storage.tree("m"), f"d/{size}", 0, data[:size])
    with manager(tmp_path, layers) as storage:
        tree = storage.tree("m")
        file = tree.open(f"d/{len(data)}")
        for at in (2 * MEBIBYTE + 5, 70_000, 0):
            assert bytes(file.read(at, 1000)) == data[at : at + 1000]
        file.close()
        sizes = {entry.name: tree.stat(f"d/{entry.name}").size for entry in tree.list("d")}
        assert sizes == {str(size): size for size in (0, 1, 65_536, len(data))}
        assert {entry.name: entry.size for entry in tree.list("d") if entry.complete} == sizes


@pytest.mark.parametrize(
    "layer", ["readonly", {"type": "permissions", "allow": "readonly"}], ids=["readonly", "permissions"]
)
def test_a_layer_that_refuses_changes_refuses_them_at_once(tmp_path: Path, layer: object) -> None:
    """Opening for writing fails: nothing is staged that could not be stored."""
    with manager(tmp_path, []) as storage:
        write(storage.tree("m"), "f", 0, b"content")
    with manager(tmp_path, [layer]) as storage:
        tree = storage.tree("m")
        with pytest.raises(PermissionDenied):
            tree.open("f", write=True)
        assert read(tree, "f") == b"content"


def test_nothing_is_removed_where_that_is_not_allowed(tmp_path: Path) -> None:
    """Writing, replacing and renaming work; deleting is refused through a tree too."""
    with manager(tmp_path, [{"type": "permissions", "allow": "readwrite"}]) as storage:
        tree = storage.tree("m")
        write(tree, "f", 0, b"content")
        write(tree, "f", 0, b"CON")
        tree.rename("f", "g")
        with pytest.raises(PermissionDenied):
            tree.delete("g")
        assert read(tree, "g") == b"CONtent"


def test_a_drop_box_takes_files(tmp_path: Path) -> None:
    """New names are looked up and written, many in one folder, though nothing can be listed or read."""
    with manager(tmp_path, ["writeonly"]) as storage:
        tree = storage.tree("m")
        for number in range(8):
            with pytest.raises(NotFound):
                tree.stat(f"box/{number}")
            write(tree, f"box/{number}", 0, b"dropped")
        with pytest.raises(PermissionDenied):
            list(tree.list("box"))
    with manager(tmp_path, []) as storage:
        assert len(list(storage.tree("m").list("box"))) == 8
        assert read(storage.tree("m"), "box/7") == b"dropped"


@pytest.mark.parametrize("durability", ["store", "disk"])
def test_a_drop_box_gives_nothing_out_that_is_here_still(tmp_path: Path, durability: str) -> None:
    """Neither what is being written, nor what was, whether it is unsent or in a cache; absent is absent."""
    with manager(tmp_path, ["writeonly"], durability=durability) as storage:
        tree = storage.tree("m")
        handle = tree.create("f")
        handle.write(0, b"dropped")
        assert handle.read_ready(0, 7) is None
        for _ in range(2):
            with pytest.raises(PermissionDenied):
                handle.read(0, 7)
            with pytest.raises(PermissionDenied):
                tree.open("f")
            handle.flush()
        with pytest.raises(NotFound):
            tree.open("absent")
        handle.close()
        with pytest.raises(PermissionDenied):
            storage.node("m:f").read_bytes()


def test_names_in_a_spread_store_are_asked_for_one_by_one(caplog: pytest.LogCaptureFixture) -> None:
    """A listing would go through the whole store: looking up absent names never makes one."""
    caplog.set_level("DEBUG", "vfs.calls")
    settings = {
        "mounts": {"m": {"type": "memory", "layers": ["log", "hash_prefix"]}},
        "cache": {"directory": None},
    }
    with StorageManager(settings_from(settings)) as storage:
        tree = storage.tree("m")
        write(tree, "d/f", 0, b"x")
        for number in range(8):
            with pytest.raises(NotFound):
                tree.stat(f"d/{number}")
        assert not [line for line in caplog.messages if line.startswith(("list ", "sweep "))]
        assert [entry.name for entry in tree.list("d")] == ["f"]
        assert [line for line in caplog.messages if line.startswith("sweep ")]


def test_a_misfit_is_refused_when_it_is_opened(tmp_path: Path) -> None:
    """Not when it is closed and nobody listens any more; folders are made and renamed as ever."""
    with manager(tmp_path, [{"type": "validate", "pattern": r".*\.txt"}]) as storage:
        tree = storage.tree("m")
        with pytest.raises(InvalidPath, match="does not match"):
            tree.create("d/f.jpg")
        write(tree, "d/f.txt", 0, b"content")
        with pytest.raises(InvalidPath, match="does not match"):
            tree.rename("d/f.txt", "d/f.jpg")
        tree.rename("d", "e")
        assert read(tree, "e/f.txt") == b"content"
        assert not tree.unsent()
