"""Histories of files, asked of the storage and believed for a while, in bounded memory."""

import threading
from collections.abc import Callable, Iterator, Sequence
from contextlib import suppress

from cachetools import TTLCache

from vfs.engine import paths
from vfs.engine.backend import Backend, KeepsVersions
from vfs.engine.entries import Version
from vfs.engine.errors import NotADirectory, NotFound
from vfs.engine.histories import History, SweepsVersions, at

REMEMBERED_VERSIONS = 50_000
REMEMBERED_MOMENTS = 100_000

SETTLED = 600.0
"""Seconds for which is believed what a file was at some moment: only deleting a version changes that."""


class Histories:
    """What files of a storage were. Thread-safe; `believed` is in seconds."""

    def __init__(
        self, inner: Backend, keeps: KeepsVersions, believed: float, clock: Callable[[], float]
    ) -> None:
        self._inner = inner
        self._keeps = keeps
        self._lock = threading.Lock()
        self._changes = 0
        self._files: TTLCache[str, tuple[Version, ...]] = TTLCache(
            REMEMBERED_VERSIONS, believed, timer=clock, getsizeof=lambda versions: len(versions) + 1
        )
        settled = SETTLED if believed else 0.0
        self._moments: TTLCache[tuple[str, int], Version | None] = TTLCache(
            REMEMBERED_MOMENTS, settled, timer=clock
        )
        self._folders: TTLCache[tuple[str, int], bool] = TTLCache(REMEMBERED_MOMENTS, settled, timer=clock)
        """Those that held a file at a moment."""

    def of(self, key: str) -> tuple[Version, ...]:
        """Every version of a file, oldest first; () for one that never was."""
        with self._lock:
            known = self._files.get(key)
            since = self._changes
        if known is not None:
            return known
        found = tuple(self._keeps.list_versions(key))
        with self._lock:
            if since == self._changes and len(found) < REMEMBERED_VERSIONS:
                self._files[key] = found
        return found

    def at(self, key: str, moment: int) -> Version | None:
        """What a file was at a moment, in nanoseconds; None where there was none."""
        with self._lock:
            if (key, moment) in self._folders:
                return None
            if (key, moment) in self._moments:
                return self._moments[key, moment]
        return at(self.of(key), moment)

    def inside(self, folder: str, *, deep: bool = False) -> Iterator[History]:
        """What is or was in a folder, or anywhere below it.

        Where the storage has no sweep of versions: what is there now, a request for each file.
        """
        sweeps = self._inner.ability(SweepsVersions)
        if sweeps is not None:
            yield from sweeps.sweep_versions(folder, deep=deep)
            return
        waiting = [folder]
        while waiting:
            place = waiting.pop()
            # A folder that is gone has nothing in it now.
            with suppress(NotFound, NotADirectory):
                for entry in self._inner.list(place):
                    key = paths.join(place, entry.name)
                    if entry.is_folder:
                        waiting += [key] if deep else []
                    yield History(key, () if entry.is_folder else self.of(key), entry.is_folder)

    def folders_now(self, folder: str) -> frozenset[str]:
        """The names of the folders that are in a folder now; none where it is gone itself."""
        with suppress(NotFound, NotADirectory):
            return frozenset(entry.name for entry in self._inner.list(folder) if entry.is_folder)
        return frozenset()

    def files_at(self, folder: str, moment: int, *, deep: bool = False) -> Iterator[tuple[str, Version]]:
        """The files that were in a folder, or anywhere below it, and what they were; each is remembered."""
        for history in self.inside(folder, deep=deep):
            version = None if history.is_folder else self._seen(history.key, history.versions, moment)
            if version is not None:
                yield history.key, version

    def folders_at(self, folder: str, moment: int) -> Iterator[tuple[str, Version | None]]:
        """What was in a folder: files with what they were, and folders that held any, with None."""
        for history in self.inside(folder):
            if not history.is_folder:
                version = self._seen(history.key, history.versions, moment)
                if version is not None:
                    yield history.key, version
            elif self.held_files(history.key, moment):
                yield history.key, None

    def held_files(self, folder: str, moment: int) -> bool:
        """Whether anywhere below a folder there was a file; stops at the first."""
        with self._lock:
            if (folder, moment) in self._folders:
                return True
        if next(self.files_at(folder, moment, deep=True), None) is None:
            return False
        with self._lock:
            self._folders[folder, moment] = True
        return True

    def _seen(self, key: str, versions: Sequence[Version], moment: int) -> Version | None:
        found = at(versions, moment)
        with self._lock:
            self._moments[key, moment] = found
        return found

    def forget(self, key: str) -> None:
        """A file was changed."""
        with self._lock:
            self._changes += 1
            self._files.pop(key, None)

    def forget_all(self) -> None:
        """Many files were changed, or a version is gone."""
        with self._lock:
            self._changes += 1
            self._files.clear()
            self._moments.clear()
            self._folders.clear()
