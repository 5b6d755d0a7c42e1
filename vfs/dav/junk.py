"""Junk: the files that desktops scatter (`._*`, `.DS_Store`), stored as all others, hidden, or diverted."""

import re

from vfs.config import settings_from
from vfs.config.webdav import JunkPolicy
from vfs.engine import FileTree, StorageManager

_JUNK = re.compile(
    r"\._.*|\.DS_Store|\.Spotlight-V100|\.Trashes|\.TemporaryItems|\.fseventsd|\.apdisk"
    r"|\.metadata_never_index.*|Thumbs\.db|ehthumbs\.db|desktop\.ini",
    re.DOTALL | re.IGNORECASE,
)


def is_junk(name: str) -> bool:
    """Whether a desktop, and no person, gave a file this name."""
    return _JUNK.fullmatch(name) is not None


class Junk:
    """What becomes of such files: a policy, and where they go when they are diverted."""

    def __init__(self, policy: JunkPolicy = "store", folder: str = "") -> None:
        """`folder` is where diverted files are kept, by their whole paths. Raises what opening it does."""
        self._policy = policy
        self._kept: StorageManager | None = None
        if policy == "divert":
            mount = {"type": "local", "path": folder, "create": True}
            self._kept = StorageManager(settings_from({"mounts": {"diverted": mount}}))

    @property
    def is_stored(self) -> bool:
        """Whether such files are as all others."""
        return self._policy == "store"

    def hides(self, path: str) -> bool:
        """Whether nothing is ever at a path; no storage is asked."""
        return self._policy == "hide" and _holds_junk(path)

    def tree(self, path: str) -> FileTree | None:
        """Where the files of a path are kept apart, by whole path; None for those that are not."""
        return self._kept.tree("diverted") if self._kept is not None and _holds_junk(path) else None

    def forget(self, path: str) -> None:
        """What stood at a path is gone, and what was diverted below it."""
        if self._kept is not None:
            self._kept.node("diverted:", path).delete(recursive=True, missing_ok=True)

    def moved(self, path: str, target: str) -> None:
        """A folder has another path, and so has what was diverted below it."""
        if self._kept is not None and (source := self._kept.node("diverted:", path)).exists():
            self.forget(target)
            source.move_to(self._kept.node("diverted:", target))

    def close(self) -> None:
        if self._kept is not None:
            self._kept.close()


def _holds_junk(path: str) -> bool:
    return any(is_junk(name) for name in path.split("/"))
