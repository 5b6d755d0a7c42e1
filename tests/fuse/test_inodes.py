"""Inode numbers: who keeps which, and when they are let go."""

import pytest

from tests.fuse.trees import DictTree
from vfs.engine.entries import Entry, EntryKind
from vfs.fuse.inodes import ROOT, Inode, InodeTable


@pytest.fixture
def table() -> InodeTable:
    return InodeTable(Inode(ROOT, EntryKind.FOLDER, DictTree(), is_mount=True))


def file(name: str, file_id: str | None = None, nlink: int = 1) -> Entry:
    return Entry(name, EntryKind.FILE, file_id=file_id, nlink=nlink)


def folder(name: str) -> Entry:
    return Entry(name, EntryKind.FOLDER)


def seen(table: InodeTable, parent: Inode, entry: Entry) -> Inode:
    """The entry as the kernel looks it up."""
    inode = table.resolve(parent, entry.name, entry)
    inode.lookups += 1
    return inode


def test_a_name_keeps_its_number(table: InodeTable) -> None:
    """The same entry seen twice is one inode."""
    assert seen(table, table.root, file("a")) is seen(table, table.root, file("a"))


def test_a_key_is_the_way_from_the_mount(table: InodeTable) -> None:
    """Names are joined from the root of the mount down."""
    inner = seen(table, seen(table, table.root, folder("d")), folder("e"))
    assert (inner.key(), inner.key("f"), table.root.key()) == ("d/e", "d/e/f", "")


def test_renaming_a_folder_moves_everything_below(table: InodeTable) -> None:
    """Only the folder's own link changes; what is below has its new key at once."""
    old, target = seen(table, table.root, folder("old")), seen(table, table.root, folder("t"))
    inside = seen(table, old, file("f"))
    table.move(table.root, "old", target, "new")
    assert (inside.key(), table.find(table.root, "t/new/f"), table.find(table.root, "old")) == (
        "t/new/f",
        inside,
        None,
    )


def test_renaming_over_a_file_leaves_that_one_without_a_name(table: InodeTable) -> None:
    """The replaced inode lives on for those who hold it, at no key."""
    new, old = seen(table, table.root, file("new")), seen(table, table.root, file("old"))
    table.move(table.root, "new", table.root, "old")
    assert (new.key(), old.key(), table[old.number]) == ("old", None, old)


def test_renaming_an_unknown_file_over_a_known_one_forgets_the_known_name(table: InodeTable) -> None:
    """The kernel need not have looked the source up for the target to be gone."""
    old = seen(table, table.root, file("old"))
    table.move(table.root, "never-seen", table.root, "old")
    assert (old.key(), table.find(table.root, "old")) == (None, None)


def test_exchanging_swaps_names(table: InodeTable) -> None:
    """Both inodes live, each at the other's key, also where only one of them is known."""
    one, two = seen(table, table.root, file("1")), seen(table, table.root, folder("2"))
    table.exchange(table.root, "1", table.root, "2")
    assert (one.key(), two.key()) == ("2", "1")
    table.exchange(table.root, "2", table.root, "unknown")
    assert (one.key(), table.find(table.root, "2")) == ("unknown", None)


def test_hard_links_are_one_inode(table: InodeTable) -> None:
    """Two names with one file id share a number, and losing one name keeps the other."""
    first = seen(table, table.root, file("a", "1:5", nlink=2))
    second = seen(table, table.root, file("b", "1:5", nlink=2))
    assert first is second
    table.detach(first, table.root, "a")
    assert first.key() == "b"


def test_a_file_with_one_link_seen_elsewhere_was_renamed(table: InodeTable) -> None:
    """A rename behind our back keeps the inode and drops the old name."""
    inode = seen(table, table.root, file("a", "1:5"))
    assert seen(table, table.root, file("b", "1:5")) is inode
    assert (inode.key(), table.find(table.root, "a")) == ("b", None)


def test_another_file_id_at_a_name_is_another_inode(table: InodeTable) -> None:
    """A file replaced behind our back gets a number of its own."""
    old = seen(table, table.root, file("a", "1:5"))
    new = seen(table, table.root, file("a", "1:6"))
    assert (new is not old, old.key(), new.key()) == (True, None, "a")


def test_a_file_id_given_to_a_new_file_is_not_the_unlinked_one(table: InodeTable) -> None:
    """File systems use inode numbers again as soon as a file is gone; ours may still be held."""
    old = seen(table, table.root, file("a", "1:5"))
    table.detach(old, table.root, "a")
    assert seen(table, table.root, file("b", "1:5")) is not old


def test_another_kind_at_a_name_is_another_inode(table: InodeTable) -> None:
    """A folder where a file was never keeps the file's number: the kernel would call it broken."""
    assert seen(table, table.root, file("a")) is not seen(table, table.root, folder("a"))


def test_a_forgotten_inode_is_gone(table: InodeTable) -> None:
    """Memory follows what the kernel holds."""
    inode = seen(table, table.root, file("a"))
    inode.lookups += 2
    table.forget(inode.number, 2)
    assert len(table) == 2
    table.forget(inode.number, 1)
    assert (len(table), table.find(table.root, "a")) == (1, None)
    with pytest.raises(KeyError):
        table[inode.number]


def test_a_forgotten_folder_stays_while_something_below_is_known(table: InodeTable) -> None:
    """The way to an open file leads through its folders, however few lookups they have."""
    outer = seen(table, table.root, folder("d"))
    inner = seen(table, outer, file("f"))
    table.forget(outer.number, 1)
    assert inner.key() == "d/f"
    table.forget(inner.number, 1)
    assert len(table) == 1


def test_forgetting_a_very_deep_tree_does_not_recurse(table: InodeTable) -> None:
    """As deep as a path can be, folders first: one forget lets go of all of them."""
    chain = [table.root]
    for depth in range(2000):
        chain.append(seen(table, chain[-1], folder(str(depth))))
    for inode in chain[1:]:
        table.forget(inode.number, 1)
    assert len(table) == 1


def test_what_changed_is_not_believed() -> None:
    """A change ends the freshness of what was learned before it."""
    inode = Inode(2, EntryKind.FILE, DictTree())
    inode.learn(file("a"), 60)
    assert 59 < inode.freshness <= 60
    inode.changed()
    assert inode.freshness == 0
