"""Skip strategies: which files that the target has already are left alone."""

from collections.abc import Callable
from dataclasses import dataclass
from enum import StrEnum

from vfs.engine.copying.inventory import Listed


class SkipStrategy(StrEnum):
    """When a file is not copied because of what stands at the target."""

    NEVER = "never"
    """Every file is copied, over what is there."""
    EXISTS = "exists"
    """When a file is there, whatever is in it."""
    SIZE = "size"
    """When it has the same size."""
    HASH = "hash"
    """When it has the same content: by the stores' own hashes if they are of one kind, else both are read."""
    CUSTOM = "custom"
    """When the caller's function says so."""


@dataclass(frozen=True, slots=True)
class SkipRule:
    """A strategy; `decide` is asked for CUSTOM, of the source and of the key that may be taken."""

    strategy: SkipStrategy = SkipStrategy.NEVER
    decide: Callable[[Listed, str], bool] | None = None

    def reason(self, source: Listed, target: str, present: Listed | None) -> str | None:
        """Why this file is left alone; None when it is to be copied, or only its content can tell."""
        if self.strategy is SkipStrategy.CUSTOM:
            return "custom" if self.decide is not None and self.decide(source, target) else None
        if present is None or present.is_folder:
            return None
        if self.strategy is SkipStrategy.EXISTS:
            return "exists"
        if self.strategy is SkipStrategy.SIZE and source.size == present.size:
            return "same size"
        return None

    def asks_content(self, source: Listed, present: Listed | None) -> bool:
        """Whether the contents are to be compared: for files of one size only."""
        if self.strategy is not SkipStrategy.HASH or present is None or present.is_folder:
            return False
        return source.size == present.size
