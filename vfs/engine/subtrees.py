"""Acts on an entry with all that is below it, across trees: copying a file, moving, deleting."""

from collections.abc import Iterator
from contextlib import suppress
from dataclasses import replace

from vfs.engine import paths
from vfs.engine.backend import STREAM_CHUNK, Buffer, OpenFile
from vfs.engine.capabilities import Capability
from vfs.engine.entries import Attributes, Entry, EntryKind, WriteResult
from vfs.engine.errors import (
    AlreadyExists,
    DirectoryNotEmpty,
    InvalidPath,
    NotADirectory,
    NotFound,
)
from vfs.engine.files.drafts import Replacement
from vfs.engine.files.tree import FileTree
from vfs.engine.mount_errors import naming_mount

Place = tuple[FileTree, str]
"""A tree and a key in it."""


def copy_file(source: Place, target: Place, *, overwrite: bool) -> WriteResult:
    """Stream a file to another place, with its metadata and attributes as far as they are kept there."""
    tree, key = source
    with naming_mount(tree.name, key):
        entry = tree.stat(key)
        file = tree.open(key)
    try:
        wanted = Replacement(
            target[1],
            overwrite,
            metadata=_metadata(entry, target[0]),
            attributes=_attributes(entry, target[0]),
        )
        with naming_mount(target[0].name, target[1]):
            return target[0].replace(wanted, _pieces(tree, key, file))
    finally:
        file.close()


def _pieces(tree: FileTree, key: str, file: OpenFile) -> Iterator[Buffer]:
    offset = 0
    while True:
        with naming_mount(tree.name, key):
            piece = file.read(offset, STREAM_CHUNK)
        if not len(piece):
            return
        offset += len(piece)
        yield piece


def _metadata(entry: Entry, target: FileTree) -> dict[str, str]:
    return dict(entry.metadata) if Capability.USER_METADATA in target.capabilities else {}


def _attributes(entry: Entry, target: FileTree) -> Attributes | None:
    if Capability.POSIX_ATTRIBUTES not in target.capabilities:
        return None
    return replace(entry.attributes, xattrs=_xattrs(entry, target))


def _xattrs(entry: Entry, target: FileTree) -> dict[str, bytes] | None:
    """What programs keep with a file; other names mean something to one system only."""
    if entry.xattrs is None or Capability.USER_METADATA not in target.capabilities:
        return None
    return {name: value for name, value in entry.xattrs.items() if name.startswith("user.")}


def move_across(source: Place, target: Place, *, overwrite: bool) -> None:
    """Copy an entry, a folder with all that it holds, to another tree; then delete it here.

    Nothing is deleted before everything is copied. A folder takes the place of an empty folder only.
    """
    tree, key = source
    if not key:
        raise InvalidPath("the root of a mount cannot be moved", key, mount=tree.name)
    if not tree.stat(key).is_folder:
        _copy_entry(source, target, overwrite=overwrite)
        tree.delete(key)
        return
    _make_target_folder(source, target, overwrite=overwrite)
    for below, entry in _below(tree, key):
        place = target[0], target[1] + below[len(key) :]
        if entry.is_folder:
            place[0].make_directory(place[1], attributes=_folder_attributes(tree, below, target[0]))
        else:
            _copy_entry((tree, below), place, overwrite=False)
    delete_tree(tree, key)


def _copy_entry(source: Place, target: Place, *, overwrite: bool) -> None:
    """Copy what is no folder; a symlink or a special file replaces nothing."""
    tree, key = source
    entry = tree.stat(key)
    if entry.kind is EntryKind.FILE:
        copy_file(source, target, overwrite=overwrite)
    elif entry.kind is EntryKind.SYMLINK:
        target[0].make_symlink(target[1], tree.read_symlink(key), attributes=_attributes(entry, target[0]))
    else:
        target[0].make_special(
            target[1], entry.mode or 0, entry.rdev, attributes=_attributes(entry, target[0])
        )


def _make_target_folder(source: Place, target: Place, *, overwrite: bool) -> None:
    tree, key = target
    with naming_mount(tree.name, key):
        try:
            tree.make_directory(key, attributes=_folder_attributes(*source, tree))
        except AlreadyExists:
            if not overwrite:
                raise
            if not tree.stat(key).is_folder:
                raise NotADirectory(path=key) from None
            if next(tree.list(key), None) is not None:
                raise DirectoryNotEmpty(path=key) from None


def _folder_attributes(tree: FileTree, key: str, target: FileTree) -> Attributes | None:
    """Those of a folder that is to be filled yet: its time will be that of the filling."""
    attributes = _attributes(tree.stat(key), target)
    return attributes and replace(attributes, atime_ns=None, mtime_ns=None)


def _below(tree: FileTree, key: str) -> Iterator[tuple[str, Entry]]:
    """Everything below a folder, each folder before what it holds."""
    folders = [key]
    for folder in folders:
        for entry in tree.list(folder):
            below = paths.join(folder, entry.name)
            if entry.is_folder:
                folders.append(below)
            yield below, entry


def delete_tree(tree: FileTree, key: str) -> None:
    """Delete a folder and everything below it, symlinks themselves; what others delete meanwhile is no error.

    Raises NotFound or NotADirectory for the folder itself.
    """
    folders = [key]
    for folder in folders:
        with suppress(*(() if folder == key else (NotFound,))):
            for entry in [*tree.list(folder)]:
                below = paths.join(folder, entry.name)
                if entry.is_folder:
                    folders.append(below)
                    continue
                with suppress(NotFound):
                    tree.delete(below)
    for folder in reversed(folders):
        with suppress(NotFound):
            tree.remove_directory(folder)
