"""Patterns of names and paths: of one name, and of a path as `glob` means it."""

import fnmatch
import re
from collections.abc import Callable, Iterable, Set

from vfs.engine import paths

_MAGIC = frozenset("*?[")
_ANY_DEPTH = "**"

States = frozenset[int]
"""How much of a path pattern the way to a folder has used up: the parts that may come next, by number."""


def name_filter(pattern: str | None) -> Callable[[str], bool]:
    """Whether a name fits a pattern of `*`, `?` and `[...]`, case included; None fits all."""
    if pattern is None:
        return lambda _: True
    matches = re.compile(fnmatch.translate(pattern)).match
    return lambda name: matches(name) is not None


class PathPattern:
    """A pattern of a path below a folder: names, `*`, `?` and `[...]` in names, `**` for any folders.

    Whoever walks a tree asks with each name which parts may come next, so that every folder is looked into
    once and none in vain.
    """

    def __init__(self, pattern: str) -> None:
        """Raises ValueError for nothing, or `**` beside other characters; InvalidPath for what is no name."""
        self._parts = [part for part in pattern.split("/") if part not in {"", "."}]
        if not self._parts:
            raise ValueError(f"unacceptable pattern: {pattern!r}")
        for part in self._parts:
            if _ANY_DEPTH in part and part != _ANY_DEPTH:
                raise ValueError(f"** stands for whole folders, between slashes: {pattern!r}")
            if not _is_magic(part):
                paths.check_name(part, pattern)
        self._fits = [name_filter(part) if _is_magic(part) else part.__eq__ for part in self._parts]
        self.start: States = self._closed([0])

    def names(self, states: States) -> Set[str] | None:
        """The names that can come next, where these are few and known; None where they must be listed."""
        parts = {self._parts[state] for state in states}
        return None if any(_is_magic(part) for part in parts) else parts

    def after(self, states: States, name: str, *, is_folder: bool) -> tuple[States, bool]:
        """The states inside an entry of this name, and whether the entry itself is one that is sought."""
        inside: set[int] = set()
        is_sought = False
        for state in states:
            any_depth = self._parts[state] == _ANY_DEPTH
            if not any_depth and not self._fits[state](name):
                continue
            is_last = state + 1 == len(self._parts)
            is_sought = is_sought or is_last
            if any_depth:
                inside.add(state)
            elif not is_last:
                inside.add(state + 1)
        return self._closed(inside) if is_folder else frozenset(), is_sought

    def fits(self, key: str) -> bool:
        """Whether this is the pattern of a key, the whole of it."""
        states, is_sought = self.start, False
        for name in key.split("/"):
            states, is_sought = self.after(states, name, is_folder=True)
        return is_sought

    def _closed(self, states: Iterable[int]) -> States:
        """With what may come at once after `**`, which can stand for no folder."""
        found = set(states)
        for state in range(len(self._parts) - 1):
            if state in found and self._parts[state] == _ANY_DEPTH:
                found.add(state + 1)
        return frozenset(found)


def _is_magic(part: str) -> bool:
    return not _MAGIC.isdisjoint(part)
