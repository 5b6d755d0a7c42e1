"""Selection: which files of a tree are meant, by patterns on their paths and by the caller's own word."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass, field

from vfs.engine.copying.inventory import Listed
from vfs.engine.patterns import PathPattern


@dataclass(frozen=True, slots=True)
class Selection:
    """What is left out, patterns first, then `filter`, which is asked of files only.

    A pattern without a slash is for names at any depth, one with a slash, in front too, for paths from the
    top; see `PathPattern`. One that fits a folder fits all that is in it. `include` is what comes in at all;
    `exclude` goes before it. Raises ValueError for what is no pattern.
    """

    include: Sequence[str] = ()
    exclude: Sequence[str] = ()
    filter: Callable[[Listed, str], bool] | None = None
    """Given an entry and its path from the top."""
    _included: Sequence[PathPattern] = field(init=False, repr=False)
    _excluded: Sequence[PathPattern] = field(init=False, repr=False)

    def __post_init__(self) -> None:
        object.__setattr__(self, "_included", tuple(map(_pattern, self.include)))
        object.__setattr__(self, "_excluded", tuple(map(_pattern, self.exclude)))

    @property
    def is_everything(self) -> bool:
        return not self.include and not self.exclude and self.filter is None

    def admits(self, found: Listed, path: str) -> bool:
        """Whether an entry at a path from the top is meant; a folder stands for itself, not for its files."""
        if _any_fits(self._excluded, path):
            return False
        if self._included and (found.is_folder or not _any_fits(self._included, path)):
            return False
        return found.is_folder or self.filter is None or self.filter(found, path)


def _pattern(written: str) -> PathPattern:
    is_a_name = bool(written.strip("/")) and "/" not in written.rstrip("/")
    return PathPattern(f"**/{written}" if is_a_name else written)


def _any_fits(patterns: Sequence[PathPattern], path: str) -> bool:
    return any(_fits(pattern, path) for pattern in patterns)


def _fits(pattern: PathPattern, path: str) -> bool:
    """Whether this is the pattern of the path, or of a folder on the way to it."""
    states = pattern.start
    for name in path.split("/"):
        states, is_sought = pattern.after(states, name, is_folder=True)
        if is_sought:
            return True
    return False
