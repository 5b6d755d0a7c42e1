"""Folders: making them, going through them, finding what lies below, deleting."""

from typing import Self

from vfs.aio.iteration import AsyncIteration, mapped
from vfs.aio.nodes.place import AsyncPlace
from vfs.aio.pending import Pending
from vfs.aio.threads import changing, reading
from vfs.engine.entries import TreeInfo


class AsyncFolders(AsyncPlace):
    """A place that may be a folder."""

    __slots__ = ()

    def mkdir(self, *, parents: bool = False, exist_ok: bool = False) -> Pending[None]:
        return changing(self._node.mkdir, parents=parents, exist_ok=exist_ok)

    def iter_children(self) -> AsyncIteration[Self]:
        return mapped(self._of, self._node.iter_children())

    def children(self) -> Pending[list[Self]]:
        return reading(lambda: [self._of(node) for node in self._node.children()])

    def walk(self, top_down: bool = True) -> AsyncIteration[tuple[Self, list[str], list[str]]]:
        return mapped(lambda found: (self._of(found[0]), *found[1:]), self._node.walk(top_down), at_once=1)

    def delete(self, *, recursive: bool = False, missing_ok: bool = False) -> Pending[None]:
        return changing(self._node.delete, recursive=recursive, missing_ok=missing_ok)

    def clear(self) -> Pending[None]:
        return changing(self._node.clear)

    def files(
        self, *, recursive: bool = False, pattern: str | None = None, max_depth: int | None = None
    ) -> AsyncIteration[Self]:
        found = self._node.files(recursive=recursive, pattern=pattern, max_depth=max_depth)
        return mapped(self._of, found)

    def folders(
        self, *, recursive: bool = False, pattern: str | None = None, max_depth: int | None = None
    ) -> AsyncIteration[Self]:
        found = self._node.folders(recursive=recursive, pattern=pattern, max_depth=max_depth)
        return mapped(self._of, found)

    def glob(self, pattern: str) -> AsyncIteration[Self]:
        return mapped(self._of, self._node.glob(pattern))

    def tree_info(self, max_depth: int | None = None) -> Pending[TreeInfo]:
        return reading(self._node.tree_info, max_depth)
