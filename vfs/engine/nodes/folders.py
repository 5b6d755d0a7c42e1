"""Folders: making them, going through them, deleting with all that is below."""

import errno
from collections.abc import Iterator
from typing import Self

from vfs.engine import paths
from vfs.engine.errors import AlreadyExists, IsADirectory, NotADirectory, NotFound, PermissionDenied
from vfs.engine.mount_errors import naming_mount
from vfs.engine.nodes.live import telling_place
from vfs.engine.nodes.state import NodeState
from vfs.engine.subtrees import clear_folder, delete_tree


class NodeFolders(NodeState):
    """A place that may be a folder."""

    __slots__ = ()

    @telling_place
    def mkdir(self, *, parents: bool = False, exist_ok: bool = False) -> None:
        """Make a folder. Raises AlreadyExists; without `parents`, NotFound where the one above is missing."""
        above = paths.parent(self._key)
        if not parents and above and not self._tree.stat(above).is_folder:
            raise NotADirectory(path=self._key)
        try:
            self._tree.make_directory(self._key)
        except AlreadyExists:
            if not exist_ok or not self.is_dir():
                raise

    def iter_children(self) -> Iterator[Self]:
        """The nodes of a folder, as the listing comes."""
        with naming_mount(self._mount, self._key):
            for entry in self._tree.list(self._key):
                yield self._at(paths.join(self._key, entry.name))

    def children(self) -> list[Self]:
        """The nodes of a folder, sorted by name."""
        return sorted(self.iter_children())

    def walk(self, top_down: bool = True) -> Iterator[tuple[Self, list[str], list[str]]]:
        """As `pathlib.Path.walk`: each folder with the names of its folders and of all else, sorted.

        Top down, folders taken out of the list are not entered. Folders that vanish meanwhile are left out.
        """
        waiting: list[Self | tuple[Self, list[str], list[str]]] = [self]
        while waiting:
            node = waiting.pop()
            if isinstance(node, tuple):
                yield node
                continue
            try:
                folders, others = node._names()
            except NotFound:
                if node is self:
                    raise
                continue
            if top_down:
                yield node, folders, others
            else:
                waiting.append((node, folders, others))
            waiting += [node._at(paths.join(node.path, name)) for name in reversed(folders)]

    @telling_place
    def _names(self) -> tuple[list[str], list[str]]:
        folders: list[str] = []
        others: list[str] = []
        for entry in self._tree.list(self._key):
            (folders if entry.is_folder else others).append(entry.name)
        return sorted(folders), sorted(others)

    @telling_place
    def delete(self, *, recursive: bool = False, missing_ok: bool = False) -> None:
        """Delete a file, a symlink itself, or a folder, with all that is in it only if `recursive`.

        Raises NotFound unless `missing_ok`, DirectoryNotEmpty; PermissionDenied for the root of a mount.
        """
        if not self._key:
            raise PermissionDenied("the root of a mount cannot be deleted", "", errno=errno.EBUSY)
        try:
            self._tree.delete(self._key)
        except IsADirectory:
            if recursive:
                delete_tree(self._tree, self._key)
            else:
                self._tree.remove_directory(self._key)
        except NotFound:
            if not missing_ok:
                raise

    @telling_place
    def clear(self) -> None:
        """Delete everything in this folder; the folder stays. Raises NotFound, NotADirectory."""
        clear_folder(self._tree, self._key)
