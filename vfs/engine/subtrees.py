"""Acts on a folder with all that is below it."""

from collections.abc import Iterator
from contextlib import suppress

from vfs.engine import paths
from vfs.engine.errors import NotFound
from vfs.engine.files.tree import FileTree


def delete_tree(tree: FileTree, key: str) -> None:
    """Delete a folder and everything below it. Raises as `clear_folder` does."""
    clear_folder(tree, key)
    with suppress(NotFound):
        tree.remove_directory(key)


def clear_folder(tree: FileTree, key: str) -> None:
    """Delete everything below a folder, symlinks themselves; what others delete meanwhile is no error.

    One sweep finds all, and files go many to a request where the storage can. Raises NotFound or
    NotADirectory for the folder itself.
    """
    folders = {key}
    tree.transfers.remove(_files_of(tree, key, folders))
    for folder in sorted(folders - {key}, key=lambda folder: folder.count("/"), reverse=True):
        with suppress(NotFound):
            tree.remove_directory(folder)


def _files_of(tree: FileTree, key: str, folders: set[str]) -> Iterator[str]:
    """All below a folder but folders, which are noted, those too that only the keys of others show."""
    for below, entry in tree.transfers.sweep(key):
        above = below if entry.is_folder else paths.parent(below)
        while above not in folders:
            folders.add(above)
            above = paths.parent(above)
        if not entry.is_folder:
            yield below
