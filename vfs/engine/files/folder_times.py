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
        self._changed: LRUCache[str, tuple[int, int]] = LRUCache(REMEMBERED_FOLDERS)
        """When a folder was changed; and up to which time what the store says of that is our own doing."""

    def touch(self, folder: str) -> None:
        now = time.time_ns()
        with self._lock:
            self._changed[folder] = (now, now)

    def stored_inside(self, folder: str, shown: int | None) -> None:
        """A file was stored whose name the folder had: that changed nothing, `shown` is its time still.

        Many stores take it for one, and would have the folder change again while somebody reads it.
        """
        with self._lock:
            changed, _ = self._changed.get(folder, (shown, 0))
            if changed is not None:
                self._changed[folder] = (changed, time.time_ns())

    def given(self, folder: str, entry: Entry) -> None:
        """Somebody set the folder's attributes; a time set by hand holds until the next change."""
        if entry.is_folder:
            with self._lock:
                self._changed.pop(folder, None)

    def on(self, folder: str, entry: Entry) -> Entry:
        """The entry with the store's time, if somebody else changed the folder since, else with ours."""
        known = self._changed.get(folder) if entry.is_folder else None
        if known is None:
            return entry
        changed, until = known
        if entry.mtime_ns is not None and entry.mtime_ns > until:
            return entry
        ctime_ns = entry.ctime_ns if (entry.ctime_ns or 0) > until else changed
        return replace(entry, mtime_ns=changed, ctime_ns=ctime_ns)
