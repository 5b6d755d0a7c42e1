"""Following: what other front doors of this process remove or rename takes its locks and properties along."""

import logging
import threading
from collections import deque
from contextlib import AbstractContextManager

from vfs.dav import places
from vfs.dav.state.locks import SharedLockManager
from vfs.dav.state.properties import PropertyStore
from vfs.engine import Change, ChangeBus, ChangeKind, StorageError, acting_as

log = logging.getLogger("vfs.dav")


class Follower:
    """Applies changes in the order in which they were made: soon, and before who asks `catch_up`.

    Whoever changes a name waits for nothing here: it may be in the middle of an act of the kernel.
    """

    def __init__(self, changes: ChangeBus, locks: SharedLockManager, properties: PropertyStore) -> None:
        self._locks = locks
        self._properties = properties
        self._heard: deque[Change] = deque()
        self._news = threading.Event()
        self._turn = threading.Lock()
        self._is_over = False
        self._unsubscribe = changes.subscribe(self._hear)
        self._thread = threading.Thread(target=self._follow, name="vfs-dav-follow", daemon=True)
        self._thread.start()

    def ours(self) -> AbstractContextManager[None]:
        """Changes made inside are WebDAV's own, which looks after locks and properties by itself."""
        return acting_as(self)

    @property
    def is_behind(self) -> bool:
        """Whether `catch_up` would have something to do, or to wait for."""
        return bool(self._heard) or self._turn.locked()

    def catch_up(self) -> None:
        """Have what was changed before this call applied."""
        with self._turn:
            while self._heard:
                self._apply(self._heard.popleft())

    def close(self) -> None:
        """Apply what was heard, and hear nothing more."""
        self._unsubscribe()
        self._is_over = True
        self._news.set()
        self._thread.join()
        self.catch_up()

    def _hear(self, change: Change) -> None:
        # What is replaced keeps them, as with PUT. Creating says too little: files that only changed are
        # told so to mounts that show them.
        if change.kind is ChangeKind.DELETED and change.origin is not self:
            self._heard.append(change)
            self._news.set()

    def _follow(self) -> None:
        while not self._is_over:
            self._news.wait()
            self._news.clear()
            self.catch_up()

    def _apply(self, change: Change) -> None:
        place = _url(change.mount, change.key)
        try:
            self._locks.forget(place)
            if change.counterpart is None:
                if self._properties.knows(place):
                    self._properties.remove_properties(place)
                return
            target = _url(change.mount, change.counterpart)
            if self._properties.knows(place) or self._properties.knows(target):
                self._properties.move_properties(place, target, with_children=True)
        except StorageError as error:
            log.warning("locks and properties of %s may have stayed: %s", place, error)


def _url(mount: str, key: str) -> str:
    return places.quoted(f"/{mount}/{key}" if key else f"/{mount}")
