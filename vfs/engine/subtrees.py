"""Acts on a folder with all that is below it."""

from contextlib import suppress

from vfs.engine import paths
from vfs.engine.errors import NotFound
from vfs.engine.files.tree import FileTree


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
