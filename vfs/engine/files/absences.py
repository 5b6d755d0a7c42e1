"""Names that are asked for in vain: after a few in one folder, one listing answers for all the others."""

import threading

from cachetools import TTLCache

MISSES_BEFORE_LISTING = 3
"""A program that looks for one file in many folders (a search path) should not have them all listed."""

WATCHED_FOLDERS = 10_000


class Absences:
    """How often a name was missing, by folder. Thread-safe."""

    def __init__(self, ttl: float) -> None:
        self._lock = threading.Lock()
        self._misses: TTLCache[str, int] = TTLCache(WATCHED_FOLDERS, ttl)  # pyright: ignore[reportAttributeAccessIssue]

    def missed(self, folder: str) -> bool:
        """Count one; True when the folder should be listed now, which is once in `ttl` seconds."""
        with self._lock:
            count = self._misses.get(folder, 0) + 1
            if count <= MISSES_BEFORE_LISTING:
                self._misses[folder] = count
            return count == MISSES_BEFORE_LISTING
