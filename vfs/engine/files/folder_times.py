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
        self._changed: LRUCache[str, tuple[int, int | None, int]] = LRUCache(REMEMBERED_FOLDERS)
        """Mtime and ctime of a folder; and up to which time what the store says of them is our own doing."""

    def touch(self, folder: str) -> None:
        now = time.time_ns()
        with self._lock:
            self._changed[folder] = (now, now, now)

    def stored_inside(self, folder: str, shown: Entry | None) -> None:
        """A file was stored whose name the folder had: that changed nothing, `shown` has its times still.

        Many stores take it for one, and would have the folder change again while somebody reads it.
        """
        with self._lock:
            known = self._changed.get(folder)
            if known is not None:
                self._changed[folder] = (*known[:2], time.time_ns())
            elif shown is not None and shown.mtime_ns is not None:
                self._changed[folder] = (shown.mtime_ns, shown.ctime_ns, time.time_ns())

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
        mtime_ns, ctime_ns, until = known
        if entry.mtime_ns is not None and entry.mtime_ns > until:
            return entry
        if ctime_ns is None or (entry.ctime_ns or 0) > until:
            ctime_ns = entry.ctime_ns
        return replace(entry, mtime_ns=mtime_ns, ctime_ns=ctime_ns)
