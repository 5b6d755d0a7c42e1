"""What changed from version to version of a file: read once, compared once, and kept at hand for a while."""

import threading

from cachetools import LRUCache

from vfs.engine.backend import Backend
from vfs.engine.diffs import MOST_LINES, not_compared, unified_diff
from vfs.engine.layers.versions_dir.names import NamedVersion

KEPT_BYTES = 16 << 20

LARGEST = 1 << 20
"""Bytes of a version that is compared: `ls -l` of all changes of a file compares every version."""


class Changes:
    """Reads two whole versions for each pair that is not at hand. Thread-safe."""

    def __init__(self, inner: Backend) -> None:
        self._inner = inner
        self._lock = threading.Lock()
        self._known: LRUCache[tuple[str, str, str], bytes] = LRUCache(
            KEPT_BYTES, lambda data: len(data) + 500
        )

    def between(self, key: str, old: NamedVersion, new: NamedVersion) -> bytes:
        """A unified diff of two versions of a file. Raises as reading does."""
        pair = (key, old.version.id, new.version.id)
        with self._lock:
            known = self._known.get(pair)
        if known is not None:
            return known
        made = self._compared(key, old, new)
        with self._lock:
            if len(made) < KEPT_BYTES // 2:
                self._known[pair] = made
        return made

    def _compared(self, key: str, old: NamedVersion, new: NamedVersion) -> bytes:
        names = f"{key} {old.stem}", f"{key} {new.stem}"
        if max(old.version.size, new.version.size) > LARGEST:
            return not_compared(*names, f"versions of more than {LARGEST} bytes are not compared")
        before, after = (bytes(self._inner.read(key, version=side.version.id)) for side in (old, new))
        if max(before.count(b"\n"), after.count(b"\n")) >= MOST_LINES:
            return not_compared(*names, f"versions of more than {MOST_LINES} lines are not compared")
        return unified_diff(before, after, *names)
