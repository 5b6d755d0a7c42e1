"""OpenFiles: which keys of a mount have a shared file now."""

import threading
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager

from vfs.engine import paths
from vfs.engine.entries import Entry
from vfs.engine.files.shared import SharedFile


class OpenFiles:
    """Shared files by key. Thread-safe; every call is short and none waits for storage."""

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._by_key: dict[str, SharedFile] = {}

    def get(self, key: str) -> SharedFile | None:
        return self._by_key.get(key)

    def take(self, key: str) -> SharedFile | None:
        """The shared file at a key with one more handle, None where there is none."""
        with self._lock:
            file = self._by_key.get(key)
            if file is not None:
                file.handles += 1
            return file

    def add(self, file: SharedFile) -> SharedFile:
        """Enter a file with one handle; the one that was quicker, should there be one."""
        with self._lock:
            present = self._by_key.setdefault(file.key, file)
            present.handles += 1
            return present

    def supplant(self, file: SharedFile) -> None:
        """Enter a file with one handle in the place of any other at its key; that one's handles keep it."""
        with self._lock:
            self._by_key[file.key] = file
            file.handles += 1

    def retain(self, file: SharedFile) -> None:
        """One handle more on a file that has some."""
        with self._lock:
            file.handles += 1

    def give_back(self, file: SharedFile) -> bool:
        """One handle less; True when that was the last and the file has left the table."""
        with self._lock:
            file.handles -= 1
            if file.handles > 0:
                return False
            if self._by_key.get(file.key) is file:
                del self._by_key[file.key]
            return True

    def detach(self, key: str) -> SharedFile | None:
        """Take a file out of the table; its handles keep it."""
        with self._lock:
            return self._by_key.pop(key, None)

    def put_back(self, file: SharedFile) -> SharedFile | None:
        """Enter a file again that was detached; one that was opened at its key meanwhile leaves the table."""
        with self._lock:
            other = self._by_key.get(file.key)
            self._by_key[file.key] = file
            return other

    def moved(self, source: str, target: str) -> None:
        """The file at `source`, or those below it, have other keys now."""
        with self._lock:
            for key in [k for k in self._by_key if k == source or paths.is_below(k, source)]:
                file = self._by_key.pop(key)
                file.key = target + key[len(source) :]
                self._by_key[file.key] = file

    def below(self, folder: str) -> list[SharedFile]:
        with self._lock:
            return [file for key, file in self._by_key.items() if paths.is_below(key, folder)]

    def unsent_inside(self, folder: str) -> dict[str, SharedFile]:
        """Those whose parent is this folder and that have bytes which the store has not, by name."""
        with self._lock:
            inside = [file for key, file in self._by_key.items() if key and paths.parent(key) == folder]
        return {paths.name_of(file.key): file for file in inside if file.is_dirty and not file.unlinked}

    def all(self) -> list[SharedFile]:
        with self._lock:
            return list(self._by_key.values())


def laid_over(stored: Iterator[Entry], unsent: dict[str, SharedFile]) -> Iterator[Entry]:
    """A store's listing of a folder, with the files in it that are open here as they are now."""
    for entry in stored:
        file = unsent.pop(entry.name, None)
        yield file.stat() if file is not None else entry
    for file in unsent.values():
        yield file.stat()


class KeyLocks:
    """One lock a key, made when first wanted and dropped with its last user."""

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._held: dict[str, tuple[threading.RLock, list[int]]] = {}

    @contextmanager
    def holding(self, *keys: str) -> Iterator[None]:
        """Hold the locks of all these keys, in sorted order, so that no two callers wait for each other."""
        with ExitStack() as stack:
            for key in sorted(set(keys)):
                stack.enter_context(self._holding_one(key))
            yield

    @contextmanager
    def _holding_one(self, key: str) -> Iterator[None]:
        with self._lock:
            lock, users = self._held.setdefault(key, (threading.RLock(), [0]))
            users[0] += 1
        try:
            with lock:
                yield
        finally:
            with self._lock:
                users[0] -= 1
                if users[0] == 0:
                    del self._held[key]
