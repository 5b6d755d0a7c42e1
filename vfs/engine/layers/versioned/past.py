"""Old versions, told and read."""

import threading

from cachetools import LRUCache

from vfs.engine.backend import Backend, Buffer
from vfs.engine.entries import Entry, Version
from vfs.engine.errors import Conflict, IsADirectory, NotADirectory, NotFound, PermissionDenied
from vfs.engine.layers.mapped_keys import in_own_keys
from vfs.engine.layers.versioned.archive import Archive
from vfs.engine.layers.versioned.places import content_place
from vfs.engine.layers.versioned.records import Record, state_of

REMEMBERED = 10_000
"""Records of versions that were told of or read, so that reading on asks for none."""


class OldContents:
    """The versions of one store's files."""

    def __init__(self, inner: Backend, archive: Archive) -> None:
        self._inner = inner
        self._archive = archive
        self._lock = threading.Lock()
        self._known: LRUCache[tuple[str, str], Record] = LRUCache(REMEMBERED)

    def versions(self, key: str) -> list[Version]:
        """See `KeepsVersions`."""
        return [record.version(is_latest=stands) for record, stands in self._told(key)]

    def found(self, key: str, version: str) -> Record:
        """The record of a version with a content. Raises NotFound."""
        with self._lock:
            known = self._known.get((key, version))
        if known is None:
            known = next((record for record, _ in self._told(key) if record.id == version), None)
        if known is None or known.is_marker:
            raise NotFound(f"there is no version {version}", key)
        return known

    def read(self, key: str, version: str, start: int, end: int | None, if_match: str | None) -> Buffer:
        """One request for what is kept; for the version that stands at its key, three."""
        record = self.found(key, version)
        told = record.version(is_latest=False).etag
        if if_match is not None and if_match != told:
            raise Conflict("that version is another one", key)
        with in_own_keys({"": key}):
            try:
                return self._inner.read(content_place(record.content), start, end)
            except NotFound:
                return self._read_standing(key, record, start, end)

    def forget(self, key: str, version: str) -> None:
        """See `KeepsVersions.delete_version`."""
        for record, stands in self._told(key):
            if record.id == version:
                if stands:
                    raise PermissionDenied("the present version goes when the file is deleted", key)
                self._archive.forgotten(key, record)
                with self._lock:
                    self._known.pop((key, version), None)
                return
        raise NotFound(f"there is no version {version}", key)

    def _read_standing(self, key: str, record: Record, start: int, end: int | None) -> Buffer:
        """A version that is not kept yet; Conflict and what it was replaced by: it is kept now."""
        entry = self._standing(key)
        if entry is not None and state_of(entry) == record.state:
            try:
                return self._inner.read(key, start, end, if_match=entry.etag)
            except (Conflict, NotFound, IsADirectory):
                pass  # it was replaced in this moment, and so kept
        try:
            return self._inner.read(content_place(record.content), start, end)
        except NotFound:
            with self._lock:
                self._known.pop((key, record.id), None)
            raise NotFound(f"the version {record.id} is gone", key) from None

    def _told(self, key: str) -> list[tuple[Record, bool]]:
        told = self._archive.versions(key, self._standing(key))
        with self._lock:
            for record, _ in told:
                self._known[key, record.id] = record
        return told

    def _standing(self, key: str) -> Entry | None:
        try:
            entry = self._inner.stat(key)
        except (NotFound, NotADirectory):
            return None
        return entry if entry.is_file else None
