"""Finding what lies below a node: files, folders, what fits a pattern, and how much there is."""

from collections.abc import Iterator
from contextlib import suppress
from typing import Self

from vfs.engine import paths
from vfs.engine.entries import Entry, EntryKind, TreeInfo
from vfs.engine.errors import NotADirectory, NotFound
from vfs.engine.mount_errors import naming_mount
from vfs.engine.nodes.folders import NodeFolders
from vfs.engine.nodes.live import telling_place
from vfs.engine.patterns import PathPattern, States, name_filter


class NodeFinding(NodeFolders):
    """A place that may be a folder with many things in it."""

    __slots__ = ()

    def files(
        self, *, recursive: bool = False, pattern: str | None = None, max_depth: int | None = None
    ) -> Iterator[Self]:
        """The regular files of this folder, and with `recursive` of all below, as the listings come.

        `pattern` (`*.csv`) is of the name. `max_depth` 0 means this folder, 1 those in it too, and so on; it
        goes before `recursive`. Raises ValueError at once; NotFound, NotADirectory with the first node.
        """
        return (self._at(key) for key, _ in self._files(recursive, pattern, max_depth))

    def _files(
        self, recursive: bool, pattern: str | None, max_depth: int | None
    ) -> Iterator[tuple[str, Entry]]:
        depth = _depth(max_depth, None if recursive else 0)
        fits = name_filter(pattern)
        return ((key, entry) for key, entry in self._below(depth) if entry.is_file and fits(entry.name))

    def folders(
        self, *, recursive: bool = False, pattern: str | None = None, max_depth: int | None = None
    ) -> Iterator[Self]:
        """The folders in this one, and with `recursive` all below; arguments as in `files`.

        The pattern chooses what is given, not where is looked.
        """
        depth = _depth(max_depth, None if recursive else 0)
        fits = name_filter(pattern)
        return (self._at(key) for key, entry in self._walked(depth) if entry.is_folder and fits(entry.name))

    def glob(self, pattern: str) -> Iterator[Self]:
        """What stands below this folder and fits a pattern, in the manner of `pathlib`, as listings come.

        `*`, `?` and `[...]` are within a name, `**` is any number of folders; symlinks are not followed.
        Only folders that the pattern leads to are listed. Raises ValueError, InvalidPath at once.
        """
        return self._matching(PathPattern(pattern))

    @telling_place
    def tree_info(self, max_depth: int | None = None) -> TreeInfo:
        """How many regular files there are below this folder, their bytes, and the newest change of one.

        `max_depth` as in `files`. Raises NotFound, NotADirectory, ValueError.
        """
        count, total = 0, 0
        newest: int | None = None
        for key, entry in self._below(_depth(max_depth, None)):
            if entry.is_file:
                count += 1
                total += self._true_size(key, entry)
                newest = max(newest or 0, entry.mtime_ns) if entry.mtime_ns is not None else newest
        return TreeInfo(count, total, newest)

    def _true_size(self, key: str, entry: Entry) -> int:
        """A listing may show stored sizes, where contents are stored as other bytes."""
        if entry.complete or self._tree.backend.lists_sizes:
            return entry.size
        return self._tree.stat(key).size

    def _below(self, depth: int | None) -> Iterator[tuple[str, Entry]]:
        """All below, to a depth; folders that only the keys of files show may be left out."""
        if depth is not None:
            yield from self._walked(depth)
            return
        with naming_mount(self._mount, self._key):
            yield from self._tree.transfers.sweep(self._key, remembering=True)

    def _walked(self, depth: int | None) -> Iterator[tuple[str, Entry]]:
        """All below, by a listing for each folder; those that vanish meanwhile are left out."""
        waiting = [(self._key, 0)]
        with naming_mount(self._mount, self._key):
            while waiting:
                folder, level = waiting.pop()
                for entry in self._listed(folder):
                    below = paths.join(folder, entry.name)
                    if entry.is_folder and (depth is None or level < depth):
                        waiting.append((below, level + 1))
                    yield below, entry

    def _listed(self, folder: str) -> Iterator[Entry]:
        try:
            yield from self._tree.list(folder)
        except (NotFound, NotADirectory):
            if folder == self._key:
                raise

    def _matching(self, pattern: PathPattern) -> Iterator[Self]:
        waiting = [(self._key, pattern.start)]
        with naming_mount(self._mount, self._key):
            while waiting:
                folder, states = waiting.pop()
                for name, is_folder in self._candidates(folder, pattern, states):
                    key = paths.join(folder, name)
                    inside, is_sought = pattern.after(states, name, is_folder=is_folder)
                    if is_sought:
                        yield self._at(key)
                    if inside:
                        waiting.append((key, inside))

    def _candidates(self, folder: str, pattern: PathPattern, states: States) -> Iterator[tuple[str, bool]]:
        """Names in a folder, and whether each is one.

        A pattern may lead to where nothing is. Where the names are known nothing is listed, and one that
        only leads on is not asked for: what comes after it will be.
        """
        names = pattern.names(states)
        if names is None:
            with suppress(NotFound, NotADirectory):
                for entry in self._tree.list(folder):
                    yield entry.name, entry.is_folder
            return
        for name in names:
            _, is_sought = pattern.after(states, name, is_folder=True)
            kind = self._tree.kind(paths.join(folder, name)) if is_sought else EntryKind.FOLDER
            if kind is not None:
                yield name, kind is EntryKind.FOLDER


def _depth(wanted: int | None, otherwise: int | None) -> int | None:
    """How many levels below the first are meant; None is all."""
    if wanted is not None and wanted < 0:
        raise ValueError(f"max_depth counts from 0, not from {wanted}")
    return otherwise if wanted is None else wanted
