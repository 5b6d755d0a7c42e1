"""Files that are read once, as they are: what that costs, and what it must not miss."""

from dataclasses import replace
from pathlib import Path

import pytest

from tests.engine.files.trees import put
from tests.fakes import ObjectStore
from vfs.engine.cache.disk import DiskBlocks
from vfs.engine.errors import IsADirectory, NotFound
from vfs.engine.files import first_bytes
from vfs.engine.files.present_state import WholeFile
from vfs.engine.files.store_tree import StoreTree
from vfs.engine.files.tree import FileTree


def present(tree: FileTree, key: str) -> bytes:
    file = tree.open_present(key)
    try:
        content = bytes(file.read(0, 1 << 20))
        assert file.stat().size == len(content)
        assert bytes(file.read(1, 3)) == content[1:4]
        assert bytes(file.read(len(content), 5)) == b""
        return content
    finally:
        file.close()


@pytest.mark.parametrize("content", [b"", b"hello"])
def test_a_small_file_is_one_request_and_no_handle(
    tree: StoreTree, store: ObjectStore, content: bytes
) -> None:
    """With the entry that came along; the second time it is none."""
    store.write("a", content)
    store.requests.clear()
    file = tree.open_present("a")
    assert (isinstance(file, WholeFile), tree.uses.count, tree.files.all()) == (True, 0, [])
    assert (file.stat(), bytes(file.read(0, 100))) == (tree.stat("a"), content)
    file.close()
    assert present(tree, "a") == content
    assert store.requests == ["read"]


@pytest.mark.parametrize("limit", ["BEGINNING", "WHOLE"])
def test_a_bigger_file_is_opened_without_a_request_more(
    tree: StoreTree, store: ObjectStore, monkeypatch: pytest.MonkeyPatch, limit: str
) -> None:
    """Its first bytes are not fetched again."""
    monkeypatch.setattr(first_bytes, limit, 2)
    store.write("a", b"hello")
    store.requests.clear()
    file = tree.open_present("a")
    assert (store.requests, tree.uses.count) == (["read"], 1)
    assert bytes(file.read(0, 100)) == b"hello"
    file.close()
    assert (tree.uses.count, tree.files.all()) == (0, [])


def test_what_is_on_disk_is_read_from_there_once(tree: StoreTree, store: ObjectStore, tmp_path: Path) -> None:
    """And found in memory from then on, each time counted as one find."""
    disk = DiskBlocks(tmp_path / "disk", 1 << 30, keep_free=0)
    tree.context = replace(tree.context, disk=disk)
    store.write("a", b"hello")
    entry = tree.stat("a")
    disk.put(tree.context.content_id("a", entry), 0, memoryview(b"hello"))
    store.requests.clear()
    hits = []
    for _ in range(3):
        assert present(tree, "a") == b"hello"
        hits.append((tree.context.memory.statistics().hits, disk.statistics().hit_bytes))
    assert hits == [(0, 5), (1, 5), (2, 5)]
    assert store.requests == []


def test_what_is_being_written_is_seen_as_it_is(tree: StoreTree) -> None:
    """By somebody who has it open here, and has not sent it."""
    put(tree, "a", b"hello")
    assert present(tree, "a") == b"hello"
    writer = tree.open("a", write=True)
    writer.write(5, b", world")
    assert present(tree, "a") == b"hello, world"
    writer.flush()
    writer.close()
    assert present(tree, "a") == b"hello, world"


def test_what_another_machine_wrote_is_seen(tree: StoreTree, store: ObjectStore) -> None:
    """Where bytes are fetched, what is remembered of the file is not believed."""
    store.write("a", b"first")
    tree.stat("a")
    store.write("a", b"second, and longer")
    assert present(tree, "a") == b"second, and longer"
    store.write("a", b"third")
    tree.forget_entries()
    assert present(tree, "a") == b"third"


def test_what_is_no_file_is_refused(tree: StoreTree) -> None:
    """As when it is opened; nothing stays open."""
    tree.make_directory("folder")
    for key, error in (("folder", IsADirectory), ("none", NotFound), ("folder/none", NotFound)):
        with pytest.raises(error):
            tree.open_present(key)
    assert tree.uses.count == 0
