"""Read-only mounts: everything can be read, every change is EROFS, whatever the storage."""

import errno
import os
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from vfs.config import settings_from
from vfs.engine import backend as abilities
from vfs.engine.backend import Backend, KeepsSymlinks, KeepsXattrs, OpensInPlace
from vfs.engine.capabilities import WRITING, Capability
from vfs.engine.entries import Attributes, EntryKind
from vfs.engine.errors import PermissionDenied
from vfs.engine.files.tree import FileTree
from vfs.engine.manager import StorageManager
from vfs.engine.mounts import build_stack

STORAGES = ["local", "sqlite"]


def settings(folder: Path, storage: str, permissions: str) -> dict[str, object]:
    mount = {"type": storage, "path": os.fspath(folder / storage), "permissions": permissions}
    return {
        "mounts": {"m": mount},
        "cache": {"directory": None},
        "state": os.fspath(folder / "state"),
    }


@pytest.fixture(params=STORAGES)
def written(request: pytest.FixtureRequest, tmp_path: Path) -> tuple[Path, str]:
    """A storage that was filled while it could be written: a file, a folder, a symlink, an attribute."""
    storage = str(request.param)
    if storage == "local":
        (tmp_path / storage).mkdir()
    stack = build_stack(settings_from(settings(tmp_path, storage, "delete")).mounts[0])
    stack.write("folder/file", b"content")
    links, xattrs = stack.ability(KeepsSymlinks), stack.ability(KeepsXattrs)
    assert links
    assert xattrs
    links.make_symlink("link", "folder/file")
    xattrs.set_xattr("folder/file", "user.a", b"1")
    stack.close()
    return tmp_path, storage


@pytest.fixture
def stack(written: tuple[Path, str]) -> Iterator[Backend]:
    """The read-only stack over it."""
    stack = build_stack(settings_from(settings(*written, "readonly")).mounts[0])
    yield stack
    stack.close()


@pytest.fixture
def tree(written: tuple[Path, str]) -> Iterator[FileTree]:
    """The read-only tree over it."""
    with StorageManager(settings_from(settings(*written, "readonly"))) as manager:
        yield manager.tree("m")


def test_reading_is_as_before(stack: Backend) -> None:
    """Files, listings, symlinks and extended attributes can be read."""
    assert bytes(stack.read("folder/file", 1, 4)) == b"ont"
    assert [entry.name for entry in stack.list("folder")] == ["file"]
    links, xattrs = stack.ability(KeepsSymlinks), stack.ability(KeepsXattrs)
    assert links
    assert links.read_symlink("link") == "folder/file"
    assert xattrs
    assert xattrs.get_xattr("folder/file", "user.a") == b"1"
    assert "user.a" in xattrs.list_xattrs("folder/file")


BACKEND_CHANGES: dict[str, Callable[[Backend], object]] = {
    "write": lambda stack: stack.write("new", b""),
    "delete": lambda stack: stack.delete("folder/file"),
    "make_directory": lambda stack: stack.make_directory("new"),
    "remove_directory": lambda stack: stack.remove_directory("folder"),
    "make_symlink": lambda stack: stack.ability(KeepsSymlinks).make_symlink("new", "x"),  # type: ignore[union-attr]
    "set_xattr": lambda stack: stack.ability(KeepsXattrs).set_xattr("folder/file", "user.b", b""),  # type: ignore[union-attr]
    "remove_xattr": lambda stack: stack.ability(KeepsXattrs).remove_xattr("folder/file", "user.a"),  # type: ignore[union-attr]
}


@pytest.mark.parametrize("act", BACKEND_CHANGES)
def test_every_change_of_the_stack_is_refused(stack: Backend, act: str) -> None:
    """Each call that would change the store is PermissionDenied with EROFS."""
    with pytest.raises(PermissionDenied) as caught:
        BACKEND_CHANGES[act](stack)
    assert caught.value.errno == errno.EROFS


def test_abilities_that_only_write_are_gone(stack: Backend) -> None:
    """Nothing is left through which a caller could go round the layer."""
    for name in ("Copies", "Moves", "DeletesMany", "UploadsParts", "KeepsAttributes", "KeepsMetadata",
                 "KeepsHardLinks", "KeepsSpecialFiles"):  # fmt: skip
        assert stack.ability(getattr(abilities, name)) is None


def test_capabilities_tell(stack: Backend) -> None:
    """The stack says that it is read-only, and no longer that it can be written."""
    assert Capability.READONLY in stack.capabilities
    assert not stack.capabilities & (WRITING | {Capability.ATOMIC_WRITE, Capability.CONDITIONAL_WRITE})
    assert Capability.READ in stack.capabilities


def test_file_opened_in_place_cannot_be_changed(stack: Backend) -> None:
    """A descriptor for reading would still allow fchmod; the handle does not."""
    in_place = stack.ability(OpensInPlace)
    if in_place is None:
        assert stack.stat("folder/file").kind is EntryKind.FILE
        return
    for write, truncate in ((True, False), (False, True)):
        with pytest.raises(PermissionDenied):
            in_place.open_file("folder/file", write=write, truncate=truncate)
    with pytest.raises(PermissionDenied):
        in_place.create_file("new")
    handle = in_place.open_file("folder/file")
    try:
        assert bytes(handle.read(0, 100)) == b"content"
        with pytest.raises(PermissionDenied):
            handle.set_attributes(Attributes(mode=0o777))
        with pytest.raises(PermissionDenied):
            handle.write(0, b"x")
    finally:
        handle.close()


TREE_CHANGES: dict[str, Callable[[FileTree], object]] = {
    "open for writing": lambda tree: tree.open("folder/file", write=True),
    "open with truncation": lambda tree: tree.open("folder/file", truncate=True),
    "create": lambda tree: tree.create("new"),
    "delete": lambda tree: tree.delete("folder/file"),
    "rename": lambda tree: tree.rename("folder/file", "new"),
    "make_directory": lambda tree: tree.make_directory("new"),
    "remove_directory": lambda tree: tree.remove_directory("folder"),
    "set_attributes": lambda tree: tree.set_attributes("folder/file", Attributes(mode=0o600)),
    "truncate": lambda tree: tree.truncate("folder/file", 1),
    "make_symlink": lambda tree: tree.make_symlink("new", "x"),
    "make_link": lambda tree: tree.make_link("folder/file", "new"),
    "make_special": lambda tree: tree.make_special("new", 0o010644, 0),
    "set_xattr": lambda tree: tree.set_xattr("folder/file", "user.b", b""),
    "remove_xattr": lambda tree: tree.remove_xattr("folder/file", "user.a"),
}


@pytest.mark.parametrize("act", TREE_CHANGES)
def test_every_change_of_the_tree_is_refused_at_once(tree: FileTree, act: str) -> None:
    """Nothing is staged that could not be stored: the very first call says EROFS."""
    with pytest.raises(PermissionDenied) as caught:
        TREE_CHANGES[act](tree)
    assert caught.value.errno == errno.EROFS
    assert not tree.unsent()


def test_tree_is_read_as_before(tree: FileTree) -> None:
    """A read-only tree gives what the storage holds."""
    handle = tree.open("folder/file")
    assert bytes(handle.read(0, 100)) == b"content"
    with pytest.raises(PermissionDenied):
        handle.set_attributes(Attributes(mode=0o600))
    handle.close()
    present = tree.open_present("folder/file")
    assert (present.stat().size, bytes(present.read(0, 100))) == (7, b"content")
    present.close()
    assert tree.read_symlink("link") == "folder/file"
    assert tree.get_xattr("folder/file", "user.a") == b"1"
    assert {entry.name for entry in tree.list("")} == {"folder", "link"}


def test_every_act_of_a_tree_is_decided_upon() -> None:
    """A method that FileTree gains must be given a read-only meaning too."""
    from vfs.engine.files.read_only import ReadOnlyTree

    made_of_others = {"make_folders_above", "replace"}
    no_acts = {"announce", "required"}
    public = {name for name, value in vars(FileTree).items() if callable(value) and not name.startswith("_")}
    assert public - made_of_others - no_acts <= set(vars(ReadOnlyTree))
