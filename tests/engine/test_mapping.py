"""A folder as a mapping of keys to bytes, on each kind of mount."""

from itertools import islice

import pytest

from vfs.engine.errors import InvalidPath, PermissionDenied
from vfs.engine.mapping import FolderMapping
from vfs.engine.nodes import StorageNode
from vfs.storage import StorageManager
from vfs.testing.names import ODD_NAMES


@pytest.fixture
def mapping(storage: StorageManager, root: StorageNode) -> FolderMapping:
    """A folder that is not there yet."""
    return storage.mapping(f"{root.mount}:some/folder")


def test_it_is_a_mapping(mapping: FolderMapping) -> None:
    """Of keys with slashes to bytes, as a dict is."""
    assert (len(mapping), bool(mapping), list(mapping)) == (0, False, [])
    mapping["a/b"] = b"1"
    mapping["c"] = b"2"
    assert dict(mapping) == {"a/b": b"1", "c": b"2"}
    assert mapping == {"a/b": b"1", "c": b"2"}
    assert (len(mapping), bool(mapping)) == (2, True)
    assert "a/b" in mapping
    assert mapping.pop("c") == b"2"
    mapping.update({"d": b"3", "a/b": b"4"})
    assert sorted(mapping.items()) == [("a/b", b"4"), ("d", b"3")]
    assert mapping.setdefault("d", b"5") == b"3"
    del mapping["d"]
    assert list(mapping.keys()) == ["a/b"]


def test_words_of_object_stores(mapping: FolderMapping) -> None:
    """put, get, exists, delete and keys, with KeyError for what is not there."""
    mapping.put("key", b"data")
    assert mapping.get("key") == b"data"
    assert mapping.exists("key")
    assert list(mapping.keys()) == ["key"]
    mapping.delete("key")
    assert not mapping.exists("key")
    with pytest.raises(KeyError, match="key"):
        mapping.get("key")
    with pytest.raises(KeyError, match="key"):
        mapping.delete("key")
    assert mapping.get("key", None) is None
    assert mapping.get("key", b"else") == b"else"


@pytest.mark.parametrize("key", ["", "/a", "a/", "a//b", "../a", "a/../b", ".", "nul\0", "x" * 256])
def test_what_is_no_path_is_no_key(mapping: FolderMapping, key: str) -> None:
    """It is never there, never another key's value, and cannot be stored."""
    mapping["a/b"] = b"1"
    assert key not in mapping
    with pytest.raises(KeyError):
        mapping[key]
    with pytest.raises(KeyError):
        del mapping[key]
    with pytest.raises(InvalidPath):
        mapping[key] = b"2"
    assert dict(mapping) == {"a/b": b"1"}


def test_folders_are_no_keys(mapping: FolderMapping) -> None:
    """Neither those on the way to a key nor empty ones."""
    mapping["a/b"] = b"1"
    mapping.node("empty").mkdir()
    for key in ("a", "empty", "a/b/c"):
        assert key not in mapping
        with pytest.raises(KeyError):
            mapping[key]
        with pytest.raises(KeyError):
            del mapping[key]
    assert list(mapping) == ["a/b"]
    assert mapping.node("empty").is_dir()


def test_other_folders_are_not_in_it(mapping: FolderMapping, root: StorageNode) -> None:
    """Not those whose names begin alike either."""
    (root / "some/folder2/x").write_bytes(b"")
    (root / "some/y").write_bytes(b"")
    mapping["z"] = b""
    assert list(mapping) == ["z"]


def test_any_name_is_a_key(mapping: FolderMapping) -> None:
    """None of its characters means anything; but SeaweedFS takes a backslash for a slash."""
    is_seaweed = mapping.folder.mount == "s3"
    names = [name for name in ODD_NAMES if not (is_seaweed and "\\" in name)]
    for number, name in enumerate(names):
        mapping[name] = bytes([number])
    assert {key: mapping[key] for key in mapping} == {name: bytes([n]) for n, name in enumerate(names)}


def test_clear_leaves_nothing_but_the_folder(mapping: FolderMapping, root: StorageNode) -> None:
    """And clearing what is not there is no error."""
    mapping.clear()
    mapping["a/b/c"] = mapping["d"] = b""
    mapping.node("empty").mkdir()
    mapping.clear()
    assert list(mapping) == []
    assert mapping.folder.children() == []
    assert mapping.folder.is_dir()


def test_a_whole_mount_is_a_mapping(storage: StorageManager, root: StorageNode) -> None:
    """Its root can be cleared too."""
    whole = storage.mapping(f"{root.mount}:")
    whole["a/b"] = b"1"
    assert dict(whole) == {"a/b": b"1"}
    whole.clear()
    assert root.children() == []


def test_keys_come_as_they_are_listed(storage: StorageManager) -> None:
    """The first of many is here before the rest is asked for, and stands for none other's cost."""
    mapping = storage.mapping("memory:")
    for number in range(2000):
        mapping[f"{number:04}"] = b""
    assert len(list(islice(mapping, 3))) == 3
    assert len(mapping) == 2000


def test_other_failures_are_told(storage: StorageManager) -> None:
    """KeyError means absent, and nothing else."""
    locked = storage.mapping("locked:")
    with pytest.raises(PermissionDenied):
        locked["a"] = b""
    with pytest.raises(KeyError):
        locked["a"]
