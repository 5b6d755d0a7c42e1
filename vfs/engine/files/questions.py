"""Names that are asked for one by one: after a few in one folder, more is learned of it than was asked."""

# pyright: reportAttributeAccessIssue=false
# The stub of TTLCache loses its type parameters in its own constructor; mypy checks them.

import threading

from cachetools import TTLCache

QUESTIONS_BEFORE_LISTING = 3
"""A program that looks for one file in many folders (a search path) should not have them all listed."""

FIRST_WIDTH = 16
"""Entries completed by the first question for attributes in a listed folder; each further one doubles it."""

LARGEST_WIDTH = 500

WATCHED_FOLDERS = 10_000


class Questions:
    """How often the store was asked for single names, by folder, in the last `ttl` seconds. Thread-safe."""

    def __init__(self, ttl: float) -> None:
        self._lock = threading.Lock()
        self._names: TTLCache[str, int] = TTLCache(WATCHED_FOLDERS, ttl)
        self._widths: TTLCache[str, int] = TTLCache(WATCHED_FOLDERS, ttl)

    def asked(self, folder: str) -> bool:
        """Count one for a name; True when the folder should be listed now, which is once in `ttl` seconds."""
        with self._lock:
            count = self._names.get(folder, 0) + 1
            if count <= QUESTIONS_BEFORE_LISTING:
                self._names[folder] = count
            return count == QUESTIONS_BEFORE_LISTING

    def width(self, folder: str) -> int:
        """How many listed entries to complete, now that the attributes of one are wanted."""
        with self._lock:
            width = self._widths.get(folder, FIRST_WIDTH)
            self._widths[folder] = min(2 * width, LARGEST_WIDTH)
            return width
