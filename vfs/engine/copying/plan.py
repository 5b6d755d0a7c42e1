"""The plan of a copy: what would be done with each entry, told lazily from one sweep of each side."""

from collections.abc import Callable, Iterator
from contextlib import suppress
from dataclasses import dataclass, replace
from itertools import islice

from cachetools import LRUCache

from vfs.engine import paths
from vfs.engine.copying.inventory import Inventory, Listed
from vfs.engine.copying.options import CopyOptions, Place
from vfs.engine.errors import NotADirectory, NotFound
from vfs.engine.files.tree import FileTree
from vfs.engine.mount_errors import naming_mount

SWEPT_AT_MOST = 50_000
"""Entries of a target that are swept without knowing whether the source goes there."""

LOOKED_INTO = 50_000
"""Folders of a bigger target that are remembered to have been listed."""


@dataclass(frozen=True, slots=True)
class Step:
    """One entry of the source, where it would go, what is listed there, and why it is left alone."""

    source: Listed
    target: str
    present: Listed | None
    skipped: str | None = None
    compared: bool = False
    """Whether it is left alone if the contents turn out to be equal."""


class Plan:
    """What is to be done to make a target's tree like a source's. For one thread."""

    def __init__(self, source: Place, target: Place, options: CopyOptions, there: Inventory) -> None:
        """`there` is empty; `take_stock` fills it."""
        self._source = source
        self._target = target
        self._options = options
        self._there = there
        self._is_known = True
        self._looked_into: LRUCache[str, bool] = LRUCache(LOOKED_INTO)

    def take_stock(self) -> bool:
        """Learn what stands at the target; whether that is a folder yet. Raises NotADirectory.

        A big target is not gone through for a small source, unless it is to be a mirror: beyond some entries
        only those of its folders are listed that the source has too.
        """
        found = swept(self._target)
        try:
            for entry in found if self._options.delete else islice(found, SWEPT_AT_MOST):
                self._there.add_below(self._target.key, entry)
            self._is_known = next(found, None) is None
        except NotFound:
            return False
        return True

    def _present(self, key: str) -> Listed | None:
        if not self._is_known:
            self._look_into(paths.parent(key))
        return self._there.get(key)

    def _look_into(self, folder: str) -> None:
        """List a folder of the target, if the one above shows that it is there."""
        if folder in self._looked_into or not self._is_in_target(folder):
            return
        self._looked_into[folder] = True
        if folder != self._target.key and self._present(folder) is None:
            return
        with suppress(NotFound, NotADirectory), naming_mount(self._target.tree.name, folder):
            for found in listed(self._target.tree, folder):
                self._there.add(found)

    def _is_in_target(self, folder: str) -> bool:
        return folder == self._target.key or paths.is_below(folder, self._target.key)

    def found(self) -> Iterator[tuple[Listed, bool]]:
        """Everything below the source, as the sweep comes, and whether the selection admits it."""
        for found in swept(self._source):
            self._there.see(self._place_of(found))
            yield found, self._options.selection.admits(found, relative(found.key, self._source.key))

    def step(self, found: Listed) -> Step:
        """What is to be done with one of them."""
        key = self._place_of(found)
        return self._step(found, key, self._present(key))

    def step_of_file(self, found: Listed) -> Step:
        """The one step where the source is no folder: one question to the target."""
        with naming_mount(self._target.tree.name, self._target.key):
            try:
                present = Listed.of(self._target.key, self._target.tree.stat(self._target.key))
            except NotFound:
                present = None
        return self._step(found, self._target.key, present)

    def _place_of(self, found: Listed) -> str:
        return paths.join(self._target.key, relative(found.key, self._source.key))

    def _step(self, found: Listed, key: str, present: Listed | None) -> Step:
        if found.is_folder:
            return Step(found, key, present)
        rule = self._options.skip
        reason = rule.reason(found, key, present)
        compared = reason is None and rule.asks_content(found, present)
        return Step(found, key, present, reason, compared)

    def extraneous(self, *, folders: bool) -> Iterator[Listed]:
        """The files, or the folders, deepest first, that stand at the target and that the source has not.

        To be asked for when all that was found was gone through. What the selection leaves out stays out.
        """
        for found in self._there.unseen():
            path = relative(found.key, self._target.key)
            if found.is_folder is folders and self._options.selection.admits(found, path):
                yield found


def swept(place: Place) -> Iterator[Listed]:
    """Everything below a folder, with true sizes. Raises NotFound, NotADirectory, naming the place."""
    sized = _sizing(place.tree)
    with naming_mount(place.tree.name, place.key):
        for key, entry in place.tree.transfers.sweep(place.key):
            yield sized(Listed.of(key, entry))


def listed(tree: FileTree, folder: str) -> Iterator[Listed]:
    """The entries of one folder, with true sizes. Raises NotFound, NotADirectory."""
    sized = _sizing(tree)
    for entry in tree.list(folder):
        key = paths.join(folder, entry.name)
        yield sized(Listed.of(key, entry))


def _sizing(tree: FileTree) -> Callable[[Listed], Listed]:
    """What asks for sizes that listings do not tell."""
    if tree.backend.lists_sizes:
        return lambda found: found

    def sized(found: Listed) -> Listed:
        return found if found.sure else replace(found, size=tree.stat(found.key).size)

    return sized


def relative(key: str, top: str) -> str:
    """The path of a key below `top`, from there."""
    return key[len(top) + 1 :] if top else key
