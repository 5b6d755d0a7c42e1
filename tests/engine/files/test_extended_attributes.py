"""Extended attributes over a store: they survive every way of saving, and reading them costs no requests."""

import errno
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path

import pytest

from tests.engine.files.trees import content_of, put, store_tree
from tests.fakes import ObjectStore
from vfs.engine.backend import AbilityT, KeepsXattrs
from vfs.engine.cache.entries import LARGEST_XATTRS
from vfs.engine.entries import Attributes, Entry
from vfs.engine.errors import CapabilityNotSupported, NotFound
from vfs.engine.files import commits
from vfs.engine.files.drafts import Replacement
from vfs.engine.files.store_tree import StoreTree

GIVEN = {"user.colour": b"red\0\xff", "user.empty": b""}


class AskedStore(ObjectStore):
    """Notes what is asked about entries and extended attributes too."""

    def stat(self, key: str) -> Entry:
        self.requests.append("stat")
        return super().stat(key)

    def get_xattr(self, key: str, name: str) -> bytes:
        self.requests.append("get xattr")
        return super().get_xattr(key, name)

    def list_xattrs(self, key: str) -> list[str]:
        self.requests.append("list xattrs")
        return super().list_xattrs(key)


class SilentStore(AskedStore):
    """Keeps extended attributes, and does not tell them with its entries."""

    def stat(self, key: str) -> Entry:
        return replace(super().stat(key), xattrs=None)


class PlainStore(ObjectStore):
    """Keeps no extended attributes."""

    def ability(self, wanted: type[AbilityT]) -> AbilityT | None:
        return None if wanted is KeepsXattrs else super().ability(wanted)


@pytest.fixture(autouse=True)
def _small_parts(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(commits, "SINGLE_WRITE", 16)


@pytest.fixture
def store() -> AskedStore:
    return AskedStore()


@pytest.fixture
def tree(store: ObjectStore, tmp_path: Path) -> Iterator[StoreTree]:
    with store_tree(store, tmp_path) as tree:
        yield tree


def edit(tree: StoreTree, key: str, offset: int = 0) -> None:
    """Write a byte and save it."""
    handle = tree.open(key, write=True)
    handle.write(offset, b"X")
    handle.flush()
    handle.close()


@pytest.mark.parametrize("size", [10, 100])
def test_an_edit_does_not_lose_extended_attributes(tree: StoreTree, store: AskedStore, size: int) -> None:
    """Neither where the file is sent whole, nor where it goes in parts."""
    store.write("a", b"-" * size, attributes=Attributes(xattrs=GIVEN))

    edit(tree, "a", 3)

    assert bytes(store.read("a")) == b"---X".ljust(size, b"-")
    assert store.stat("a").xattrs == GIVEN
    assert {name: tree.get_xattr("a", name) for name in tree.list_xattrs("a")} == GIVEN


def test_a_file_that_leaves_while_it_is_written_keeps_extended_attributes(
    tree: StoreTree, store: AskedStore
) -> None:
    """Those set while parts of it were on their way, too."""
    handle = tree.create("a")
    handle.write(0, b"x" * 100)
    tree.set_xattr("a", "user.colour", b"red")
    handle.write(100, b"y" * 100)
    handle.flush()
    handle.close()

    assert store.stat("a").xattrs == {"user.colour": b"red"}
    assert bytes(store.read("a")) == b"x" * 100 + b"y" * 100


def test_attributes_removed_while_parts_leave_are_gone(tree: StoreTree, store: AskedStore) -> None:
    """What the upload was told when it began is put right when it is complete."""
    handle = tree.create("a", attributes=Attributes(xattrs=GIVEN))
    handle.write(0, b"x" * 100)
    handle.set_attributes(Attributes(xattrs={}))
    handle.flush()
    handle.close()

    assert store.requests[-1] == "complete"
    assert store.stat("a").xattrs == {}
    assert tree.list_xattrs("a") == []


def test_an_attribute_removed_stays_removed(tree: StoreTree, store: AskedStore) -> None:
    """The edits after that do not bring it back."""
    store.write("a", b"x", attributes=Attributes(xattrs=GIVEN))
    handle = tree.open("a", write=True)
    handle.write(0, b"y")
    tree.remove_xattr("a", "user.colour")
    handle.write(1, b"z")
    handle.flush()
    handle.close()

    assert store.stat("a").xattrs == {"user.empty": b""}
    assert tree.list_xattrs("a") == ["user.empty"]


def test_a_new_whole_content_keeps_extended_attributes(tree: StoreTree, store: AskedStore) -> None:
    """As mode and metadata are kept; other ones can be given along."""
    store.write("a", b"old", attributes=Attributes(xattrs=GIVEN))

    tree.replace(Replacement("a"), b"new")
    assert store.stat("a").xattrs == GIVEN

    tree.replace(Replacement("a", attributes=Attributes(xattrs={})), b"newer")
    assert store.stat("a").xattrs == {}


def test_a_conflict_copy_has_the_extended_attributes(tree: StoreTree, store: AskedStore) -> None:
    """They are kept with the bytes that lost."""
    store.write("a", b"old", attributes=Attributes(xattrs=GIVEN))
    handle = tree.open("a", write=True)
    handle.write(0, b"ours")
    store.write("a", b"theirs")
    with pytest.raises(OSError, match="conflict"):
        handle.flush()
    handle.close()

    [copy] = [entry for entry in store.list("") if entry.name != "a"]
    assert copy.xattrs == GIVEN


def test_a_journalled_file_keeps_its_extended_attributes(tmp_path: Path) -> None:
    """A process that dies before the store had the file leaves them to the next one."""
    store = ObjectStore()
    store.write("a", b"0123", attributes=Attributes(xattrs=GIVEN))
    with store_tree(store, tmp_path, "disk") as tree:
        tree.stat("a")
        store.down.set()
        handle = tree.open("a", write=True)
        handle.truncate(0)
        handle.write(0, b"new")
        handle.flush()
        handle.close()
        assert [file.key for file in tree.unsent()] == ["a"]
    store.down.clear()

    with store_tree(store, tmp_path, "disk") as tree:
        tree.flush()

    assert bytes(store.read("a")) == b"new"
    assert store.stat("a").xattrs == GIVEN


def test_attributes_of_what_is_remembered_are_read_without_a_request(
    tree: StoreTree, store: AskedStore
) -> None:
    """File managers and `ls` ask for every file that they show."""
    store.write("d/a", b"x", attributes=Attributes(xattrs=GIVEN))
    store.write("d/b", b"x")
    list(tree.list("d"))
    put(tree, "d/new", b"x")
    store.requests.clear()

    assert sorted(tree.list_xattrs("d/a")) == sorted(GIVEN)
    assert tree.get_xattr("d/a", "user.colour") == GIVEN["user.colour"]
    for key in ("d/b", "d/new"):
        assert tree.list_xattrs(key) == []
        with pytest.raises(NotFound) as caught:
            tree.get_xattr(key, "user.colour")
        assert caught.value.errno == errno.ENODATA
    assert store.requests == []


def test_what_was_set_is_read_at_once(tree: StoreTree, store: AskedStore) -> None:
    """Nothing remembered hides a change, on files, on open files and on folders."""
    store.write("a", b"x")
    tree.make_directory("d")
    handle = tree.open("a")
    for key in ("a", "d", ""):
        assert tree.list_xattrs(key) == []
        tree.set_xattr(key, "user.colour", b"red")
        assert tree.get_xattr(key, "user.colour") == b"red"
        tree.remove_xattr(key, "user.colour")
        assert tree.list_xattrs(key) == []
    handle.close()


def test_big_attributes_are_kept_and_not_remembered(tree: StoreTree, store: AskedStore) -> None:
    """What is remembered is bounded: they are asked for again, and survive an edit all the same."""
    big = b"x" * (LARGEST_XATTRS + 1)
    store.write("a", b"x", attributes=Attributes(xattrs={"user.big": big}))
    for _ in range(2):
        store.requests.clear()
        assert tree.get_xattr("a", "user.big") == big
        assert store.requests == ["stat"]

    edit(tree, "a")

    assert store.stat("a").xattrs == {"user.big": big}


def test_a_store_that_does_not_tell_them_is_asked(tmp_path: Path) -> None:
    """An entry without extended attributes is no entry that has none."""
    store = SilentStore()
    store.write("a", b"x", attributes=Attributes(xattrs=GIVEN))
    with store_tree(store, tmp_path) as tree:
        assert tree.get_xattr("a", "user.colour") == GIVEN["user.colour"]
        assert sorted(tree.list_xattrs("a")) == sorted(GIVEN)
    assert store.requests == ["write", "stat", "get xattr", "list xattrs"]


def test_a_store_without_extended_attributes_has_none(tmp_path: Path) -> None:
    """Listing them is empty, reading and setting is refused, and files are edited as ever."""
    store = PlainStore()
    with store_tree(store, tmp_path) as tree:
        put(tree, "a", b"x")
        edit(tree, "a")
        assert tree.list_xattrs("a") == []
        with pytest.raises(CapabilityNotSupported):
            tree.get_xattr("a", "user.colour")
        with pytest.raises(CapabilityNotSupported):
            tree.set_xattr("a", "user.colour", b"red")
        assert content_of(tree, "a") == b"X"
