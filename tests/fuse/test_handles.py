"""Open files and folder snapshots."""

from tests.fuse.trees import DictTree
from vfs.engine.entries import Entry, EntryKind
from vfs.fuse.handles import LISTING_STEP, FileHandle, FolderHandle, OpenFiles
from vfs.fuse.inodes import Inode


def listed(handle: FolderHandle, tree: DictTree) -> list[str]:
    while not handle.complete:
        more = handle.read_on(tree, "")
        handle.extend(more, complete=not more)
    return [entry.name for entry in handle.entries]


def test_a_folder_is_listed_step_by_step() -> None:
    """A reader who stops after the first entries costs one step, not the folder."""
    tree = DictTree(entries={str(n): Entry(str(n), EntryKind.FILE) for n in range(3 * LISTING_STEP)})
    handle = FolderHandle(Inode(1, EntryKind.FOLDER, tree))
    handle.restart()
    handle.extend(handle.read_on(tree, ""), complete=False)
    assert (len(handle.entries), tree.steps) == (LISTING_STEP, LISTING_STEP)
    assert len(listed(handle, tree)) == 3 * LISTING_STEP


def test_rewinding_shows_the_folder_as_it_is_then() -> None:
    """A restarted listing has what was added since."""
    tree = DictTree(entries={"a": Entry("a", EntryKind.FILE)})
    handle = FolderHandle(Inode(1, EntryKind.FOLDER, tree))
    handle.restart()
    assert listed(handle, tree) == ["a"]
    tree.entries["b"] = Entry("b", EntryKind.FILE)
    handle.restart()
    assert listed(handle, tree) == ["a", "b"]


def test_open_files_are_found_by_inode_until_closed() -> None:
    """A handle for writing is told from one for reading."""
    inode = Inode(2, EntryKind.FILE, DictTree())
    files = OpenFiles()
    reader = FileHandle(inode, file=None, writable=False)
    first = files.add(reader)
    assert (files.any_of(inode), files.any_of(inode, writable=True)) == (reader, None)
    assert files.is_only_read(inode)
    writer = FileHandle(inode, file=None, writable=True)
    second = files.add(writer)
    assert (files.any_of(inode, writable=True), files.is_only_read(inode)) == (writer, False)
    files.pop(first)
    files.pop(second)
    assert (files.any_of(inode), files.is_only_read(inode), len(files)) == (None, False, 0)
