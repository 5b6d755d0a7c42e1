"""What a node tells of its place without asking the storage, and which places there cannot be."""

import pytest

from vfs.engine.capabilities import Capability
from vfs.engine.errors import InvalidPath, NotFound
from vfs.engine.nodes import StorageNode
from vfs.storage import StorageManager


@pytest.fixture
def node(storage: StorageManager) -> StorageNode:
    return storage.node("memory:reports/2026/sales.tar.gz")


def test_names(node: StorageNode) -> None:
    """Every name is a property of the path alone."""
    assert (node.mount, node.path) == ("memory", "reports/2026/sales.tar.gz")
    assert node.fullpath == str(node) == "memory:reports/2026/sales.tar.gz"
    assert repr(node) == "StorageNode('memory:reports/2026/sales.tar.gz')"
    assert node.name == node.basename == "sales.tar.gz"
    assert (node.stem, node.suffix, node.ext) == ("sales.tar", ".gz", "gz")
    assert node.splitext() == ("reports/2026/sales.tar", ".gz")
    assert node.parent.path == "reports/2026"
    assert node.dirname == "memory:reports/2026"


def test_names_of_the_root(storage: StorageManager) -> None:
    """The root has no name and is its own parent."""
    root = storage.node("memory:")
    assert (root.fullpath, root.name, root.stem, root.suffix) == ("memory:", "", "", "")
    assert root.parent == root


@pytest.mark.parametrize("name", [".bashrc", "Makefile", "ends."])
def test_names_without_a_suffix(storage: StorageManager, name: str) -> None:
    """A leading or a trailing dot makes none."""
    node = storage.node("memory:d", name)
    assert (node.stem, node.suffix, node.ext) == (name, "", "")
    assert node.splitext() == (f"d/{name}", "")


@pytest.mark.parametrize(
    ("name", "expected"),
    [
        ("a.txt", "text/plain"),
        ("A.PNG", "image/png"),
        ("data:x.png", "image/png"),
        ("a.tar.gz", "application/gzip"),
        ("a.unheard-of", "application/octet-stream"),
        ("none", "application/octet-stream"),
    ],
)
def test_mimetype(storage: StorageManager, name: str, expected: str) -> None:
    """It is that of the bytes as they are stored; a packed file is not what is packed in it."""
    assert storage.node("memory:").child(name).mimetype == expected


def test_ways_to_one_place(storage: StorageManager) -> None:
    """Children, `/`, parts and a path written at once are one place, with one hash."""
    ways = [
        storage.node("memory:a/b/c"),
        storage.node("memory", "a", "b/c"),
        storage.node("memory:/a//b/./c/"),
        storage.node("memory:a").child("b", "c"),
        storage.node("memory:") / "a" / "b" / "c",
        storage.node("memory:a/b/x").parent / "c",
    ]
    assert len(set(ways)) == 1


def test_other_places_differ(storage: StorageManager) -> None:
    """Another path, another mount and another storage are other places; a string is no node."""
    node = storage.node("memory:a")
    assert node != storage.node("memory:b")
    assert node != storage.node("local:a")
    assert node != "memory:a"
    with StorageManager([{"name": "memory", "type": "memory"}]) as another:
        assert node != another.node("memory:a")


def test_nodes_sort_by_path(storage: StorageManager) -> None:
    """So that lists of them can be shown."""
    names = ["b", "a/b", "a"]
    assert [node.path for node in sorted(storage.node("memory", name) for name in names)] == ["a", "a/b", "b"]


@pytest.mark.parametrize("path", ["../x", "a/../../x", "a/..", "nul\0", "x" * 256])
def test_impossible_places_are_refused_at_once(storage: StorageManager, path: str) -> None:
    """No node leads out of its mount, however it is made."""
    with pytest.raises(InvalidPath):
        storage.node(f"memory:{path}")
    with pytest.raises(InvalidPath):
        storage.node("memory", path)
    with pytest.raises(InvalidPath):
        storage.node("memory:a").child(path)
    with pytest.raises(InvalidPath):
        storage.node("memory:a") / path


def test_an_unknown_mount_is_refused_at_once(storage: StorageManager) -> None:
    """The message names the nearest mount there is."""
    with pytest.raises(NotFound, match=r"'memroy'.*'memory'"):
        storage.node("memroy:a")
    with pytest.raises(NotFound, match="no main one"):
        storage.node("a/b")


def test_paths_without_a_mount_are_in_the_main_one() -> None:
    """Where there is a main mount, a colon alone tells a mount's name from a folder's."""
    data = {"mounts": {"one": {"type": "memory"}, "two": {"type": "memory"}}, "main": "one"}
    with StorageManager(data) as storage:
        assert storage.node("a/b").fullpath == "one:a/b"
        assert storage.node("two").fullpath == "one:two"
        assert storage.node("two:").fullpath == "two:"
        assert storage.node().fullpath == "one:"


def test_capabilities_are_those_of_the_whole_stack(storage: StorageManager) -> None:
    """Layers included."""
    assert Capability.WRITE in storage.node("memory:").capabilities
    assert Capability.WRITE not in storage.node("locked:").capabilities
    assert Capability.READONLY in storage.node("locked:").capabilities
