"""Selection: which files of a tree are meant, by patterns on their paths and by the caller's own word."""

import re
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from vfs.engine.copying.inventory import Listed


@dataclass(frozen=True, slots=True)
class Selection:
    """What is left out, patterns first, then `filter`, which is asked of files only.

    A pattern without a slash is for names at any depth, one with a slash for paths from the top. `*` and `?`
    stop at slashes, `**` does not, `[...]` is one of some characters. A pattern that fits a folder fits all
    that is in it. `include` is what comes in at all; `exclude` goes before it.
    """

    include: Sequence[str] = ()
    exclude: Sequence[str] = ()
    filter: Callable[["Listed", str], bool] | None = None
    """Given an entry and its path from the top."""
    _included: re.Pattern[str] | None = field(init=False, repr=False)
    _excluded: re.Pattern[str] | None = field(init=False, repr=False)

    def __post_init__(self) -> None:
        object.__setattr__(self, "_included", _compiled(self.include))
        object.__setattr__(self, "_excluded", _compiled(self.exclude))

    @property
    def is_everything(self) -> bool:
        return not self.include and not self.exclude and self.filter is None

    def admits(self, found: "Listed", path: str) -> bool:
        """Whether an entry at a path from the top is meant; a folder stands for itself, not for its files."""
        if self._excluded is not None and self._excluded.fullmatch(path):
            return False
        if self._included is not None and (found.is_folder or not self._included.fullmatch(path)):
            return False
        return found.is_folder or self.filter is None or self.filter(found, path)


def _compiled(patterns: Sequence[str]) -> re.Pattern[str] | None:
    """One expression for paths that any of the patterns fits."""
    if not patterns:
        return None
    return re.compile("|".join(map(_translated, patterns)), re.DOTALL)


def _translated(pattern: str) -> str:
    anchored = "/" in pattern.rstrip("/")
    words = pattern.strip("/").split("/")
    prefix = "" if anchored else "(?:.*/)?"
    return f"(?:{prefix}{_joined(words)}(?:/.*)?)"


def _joined(words: Sequence[str]) -> str:
    """The path of some words; `**` alone between slashes is any number of folders, none included."""
    found = ""
    for index, word in enumerate(words):
        last = index == len(words) - 1
        if word == "**":
            found += ".*" if last else "(?:.*/)?"
        else:
            found += _word(word) + ("" if last else "/")
    return found


_TOKEN = re.compile(r"\*+|\?|\[!?\]?[^\]]*\]|.", re.DOTALL)


def _word(word: str) -> str:
    return "".join(map(_token, _TOKEN.findall(word)))


def _token(token: str) -> str:
    if token == "*":  # noqa: S105 - no password
        return "[^/]*"
    if token.startswith("**"):
        return ".*"
    if token == "?":  # noqa: S105
        return "[^/]"
    if len(token) > 1:
        return _one_of(token)
    return re.escape(token)


def _one_of(token: str) -> str:
    inside = token[1:-1]
    negated = inside.startswith("!")
    characters = re.sub(r"([\\\[\]^&~|])", r"\\\1", inside[1:] if negated else inside)
    return f"[^/{characters}]" if negated else f"[{characters}]"
