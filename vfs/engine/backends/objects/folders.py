"""Folders of a bucket: markers, and prefixes that only the keys of files show.

A marker is an empty object `folder/`. Some stores (SeaweedFS) make a real directory of it and drop its user
metadata, but keep its content type: there the attributes are parameters of the media type.
"""

import contextlib
import errno
import threading
import time
from collections.abc import Mapping
from dataclasses import replace
from urllib.parse import quote, unquote

from vfs.engine import paths
from vfs.engine.backends.objects.attributes import encode, entry_of, plain_entry_of
from vfs.engine.backends.objects.bucket import Bucket
from vfs.engine.backends.objects.stored import ALWAYS, Condition, NewObject, StoredObject
from vfs.engine.entries import NO_XATTRS, Attributes, Entry, EntryKind
from vfs.engine.errors import (
    AlreadyExists,
    Conflict,
    DirectoryNotEmpty,
    NotADirectory,
    NotFound,
    PermissionDenied,
)

FOLDER_TYPE = "application/x-directory"

_LOCKS = 64

_ATTEMPTS = 5

_IMPLIED_ETAGS = frozenset({'"d41d8cd98f00b204e9800998ecf8427e-0"', '""'})
"""What SeaweedFS tells, by HEAD and by listing, for a directory without a marker: no object can have them.
The directory lasts for minutes after its last child went; no other store has any."""

ROOT_MARKER = ".vfs-root"
"""Where the root of a bucket keeps its attributes, as it can have no marker. Reserved, and never listed."""


class Folders:
    """Finds, makes, changes and removes folders."""

    def __init__(self, bucket: Bucket) -> None:
        self._bucket = bucket
        self._keys = bucket.keys
        self._known = bucket.known
        self._objects = bucket.objects
        self._lock = threading.Lock()
        self._metadata_stick = bucket.markers_keep_metadata
        # SeaweedFS lets several of those win who make one marker "if none is there" at the same time.
        self._making = tuple(threading.Lock() for _ in range(_LOCKS))

    def entry(self, key: str) -> Entry:
        """The folder at a key: one listing request, and one more for its attributes if it has a marker whose
        attributes are not listed.

        Raises NotFound.
        """
        if not key:
            return self._root()
        marker = self._keys.marker_key(key)
        page = self._bucket.listing.page(marker, key, limit=1)
        if not page.objects:
            raise NotFound(path=key)
        has_marker = page.objects[0].object_key == marker
        self._known.saw_folder(key, marker=has_marker and not is_implied(page.objects[0].etag))
        if not has_marker:
            return Entry(paths.name_of(key), EntryKind.FOLDER, xattrs=NO_XATTRS)
        return self.entry_of(key, page.objects[0].stored or self.read_marker(key))

    def read_marker(self, key: str) -> StoredObject:
        """The marker with its metadata, wherever the store keeps them. Raises NotFound."""
        found = self._objects.head(self._marker_key(key), key)
        content_type, _, parameters = (found.content_type or "").partition(";")
        if content_type.strip() != FOLDER_TYPE or not parameters:
            return found
        return replace(found, metadata=_decode_parameters(parameters), headers={"content-type": FOLDER_TYPE})

    def completed(self, key: str) -> Entry:
        """The entry of a folder that is there: one request. Without a marker it has no attributes."""
        try:
            return self.entry_of(key, self.read_marker(key))
        except NotFound:
            return Entry(paths.name_of(key), EntryKind.FOLDER, xattrs=NO_XATTRS)

    def make(self, key: str, attributes: Attributes | None) -> Entry:
        """Make a marker where nothing is: one listing request and one PUT. Raises AlreadyExists."""
        object_key = self._keys.object_key(key)
        metadata = self._new_metadata(attributes)
        with self._making[hash(key) % len(self._making)]:
            if not key or self._is_taken(object_key, key) or not self._write_new(key, metadata):
                raise AlreadyExists(path=key)
        now = time.time_ns()
        return self.entry_of(key, StoredObject(0, "", now, metadata, {"content-type": FOLDER_TYPE}))

    def keep(self, key: str) -> None:
        """See that a folder lasts when what is in it goes: nothing to send once its marker is known."""
        if not key or self._known.has_marker(key):
            return
        self._write_new(key, {})
        self._known.saw_folder(key, marker=True)

    def keep_if_there(self, key: str) -> None:
        """The same for a folder that may not exist, and is not made then."""
        if not key or self._known.has_marker(key):
            return
        with contextlib.suppress(NotFound):
            self.entry(key)
            self.keep(key)

    def remove(self, key: str) -> None:
        """Remove an empty folder. Raises NotFound, NotADirectory, DirectoryNotEmpty, PermissionDenied."""
        paths.check_key(key)
        if not key:
            raise PermissionDenied("the root cannot be removed", key, errno=errno.EBUSY)
        marker = self._keys.marker_key(key)
        found = self._bucket.listing.page(marker, key, limit=2).objects
        if not found:
            self.refuse_file(key)
            raise NotFound(path=key)
        if len(found) > 1 or found[0].object_key != marker:
            raise DirectoryNotEmpty(path=key)
        self.keep(paths.parent(key))
        self._objects.delete(marker, key)
        self._known.forget(key)

    def refuse_file(self, key: str) -> None:
        """Raises NotADirectory if a file is there."""
        try:
            self._objects.head(self._keys.object_key(key), key)
        except NotFound:
            return
        raise NotADirectory(path=key)

    def write_marker(self, key: str, metadata: Mapping[str, str], condition: Condition = ALWAYS) -> None:
        """Store a marker with metadata. Raises Conflict unless the condition holds."""
        marker = self._marker_key(key)
        if metadata and self._metadata_stick is False:
            self._objects.put(marker, key, b"", _with_parameters(metadata), condition)
        else:
            new = NewObject(metadata, {"content-type": FOLDER_TYPE})
            self._objects.put(marker, key, b"", new, condition)
            if metadata and self._metadata_stick is None:
                self._see_whether_metadata_stick(marker, key, metadata)
        self._known.saw_folder(key, marker=True)

    def _write_new(self, key: str, metadata: Mapping[str, str]) -> bool:
        """Store a marker where none is; False if one was there."""
        for _ in range(_ATTEMPTS):
            with contextlib.suppress(Conflict):
                self.write_marker(key, metadata, Condition(absent=True))
                return True
            etag = self._marker_etag(key)
            if etag is not None and not is_implied(etag):
                return False
            if etag is not None:
                self.write_marker(key, metadata)
                return True
        return False

    def _marker_etag(self, key: str) -> str | None:
        try:
            return self._objects.head(self._marker_key(key), key).etag
        except NotFound:
            return None

    def _see_whether_metadata_stick(self, marker: str, key: str, metadata: Mapping[str, str]) -> None:
        if not marker.endswith("/"):
            return
        stick = bool(self._objects.head(marker, key).metadata)
        with self._lock:
            self._metadata_stick = stick
        if not stick:
            self._objects.put(marker, key, b"", _with_parameters(metadata))

    def _root(self) -> Entry:
        if not self._bucket.keeps_attributes:
            return Entry("", EntryKind.FOLDER)
        return self.completed("")

    def _marker_key(self, key: str) -> str:
        return self._keys.marker_key(key) or ROOT_MARKER

    def entry_of(self, key: str, marker: StoredObject) -> Entry:
        """The entry of a folder with this marker."""
        told = entry_of if self._bucket.keeps_attributes else plain_entry_of
        return told(paths.name_of(key), replace(marker, version_id=None), folder=True)

    def _new_metadata(self, attributes: Attributes | None) -> dict[str, str]:
        if not self._bucket.keeps_attributes:
            return {}
        return encode(attributes or Attributes(), EntryKind.FOLDER, time.time_ns())

    def _is_taken(self, object_key: str, key: str) -> bool:
        """Whether a file or a folder is there. The key itself comes first of all that begin with it."""
        found = self._bucket.listing.page(object_key, key, limit=1).objects
        if not found:
            return False
        first = found[0].object_key
        if first == object_key or first.startswith(f"{object_key}/"):
            return True
        return bool(self._bucket.listing.page(f"{object_key}/", key, limit=1).objects)


def is_implied(etag: str) -> bool:
    """Whether this is the ETag of a directory that nobody made a marker for."""
    return etag in _IMPLIED_ETAGS


def _with_parameters(metadata: Mapping[str, str]) -> NewObject:
    parameters = "".join(f"; {name}={quote(value, safe='')}" for name, value in metadata.items())
    return NewObject({}, {"content-type": FOLDER_TYPE + parameters})


def _decode_parameters(parameters: str) -> dict[str, str]:
    pairs = (parameter.strip().partition("=") for parameter in parameters.split(";"))
    return {name: unquote(value) for name, equals, value in pairs if equals}
