"""FolderTimes: when the folders of a store were changed through us.

Object stores keep no time for that, and writing one at every new file would double the requests. What is
known here lasts as long as the process and is bounded; after that a folder shows what the store says.
"""

import threading
import time
from dataclasses import replace

from cachetools import LRUCache

from vfs.engine.entries import Entry

REMEMBERED_FOLDERS = 50_000


class FolderTimes:
    """Nanoseconds of the last change by folder. Thread-safe."""

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._changed: LRUCache[str, int] = LRUCache(REMEMBERED_FOLDERS)

    def touch(self, folder: str) -> None:
        with self._lock:
            self._changed[folder] = time.time_ns()

    def given(self, folder: str, entry: Entry) -> None:
        """Somebody set the folder's attributes; a time set by hand holds until the next change."""
        if entry.is_folder:
            with self._lock:
                self._changed.pop(folder, None)

    def on(self, folder: str, entry: Entry) -> Entry:
        """The entry with the newer of the store's time and ours."""
        changed = self._changed.get(folder) if entry.is_folder else None
        if changed is None or (entry.mtime_ns is not None and entry.mtime_ns >= changed):
            return entry
        return replace(entry, mtime_ns=changed, ctime_ns=max(changed, entry.ctime_ns or 0))
