"""Folders of a container: one blob tells a file from a folder, and one condition guards both."""

import contextlib
import errno
import time
from collections.abc import Mapping

from vfs.engine import paths
from vfs.engine.backends.azure.bucket import AzureBucket
from vfs.engine.backends.azure.keys import blob_of
from vfs.engine.backends.azure.stored import is_marker
from vfs.engine.backends.objects.folders import FOLDER_TYPE, Folders
from vfs.engine.backends.objects.stored import ALWAYS, Condition, StoredObject
from vfs.engine.entries import NO_XATTRS, Attributes, Entry, EntryKind
from vfs.engine.errors import (
    AlreadyExists,
    Conflict,
    DirectoryNotEmpty,
    NotADirectory,
    NotFound,
    PermissionDenied,
)


class BlobFolders(Folders):
    """Finds, makes, changes and removes folders; fewer requests than where markers stand beside files."""

    _bucket: AzureBucket

    def entry(self, key: str) -> Entry:
        """The folder at a key: a HEAD for one with a marker, a listing too for another. Raises NotFound."""
        if not key:
            return self._root()
        try:
            return self.entry_of(key, self.read_marker(key))
        except NotFound:
            return self.implied(key)

    def implied(self, key: str) -> Entry:
        """The folder that only what is below shows: one listing. Raises NotFound."""
        if not self._bucket.blob_listing.first(self._keys.marker_key(key), key, 1):
            raise NotFound(path=key)
        self._known.saw_folder(key, marker=False)
        return Entry(paths.name_of(key), EntryKind.FOLDER, xattrs=NO_XATTRS)

    def entry_of(self, key: str, marker: StoredObject) -> Entry:
        self._known.saw_folder(key, marker=True)
        return super().entry_of(key, marker)

    def make(self, key: str, attributes: Attributes | None) -> Entry:
        """Make a marker where nothing is: one listing request and one PUT. Raises AlreadyExists."""
        prefix = self._keys.marker_key(key)
        metadata = self._new_metadata(attributes)
        if not key or self._bucket.blob_listing.first(prefix, key, 1) or not self._write_new(key, metadata):
            raise AlreadyExists(path=key)
        return self.entry_of(
            key, StoredObject(0, "", time.time_ns(), metadata, {"content-type": FOLDER_TYPE})
        )

    def remove(self, key: str) -> None:
        """Remove an empty folder: a HEAD, a listing, a DELETE. Raises as `Backend.remove_directory` does."""
        paths.check_key(key)
        if not key:
            raise PermissionDenied("the root cannot be removed", key, errno=errno.EBUSY)
        prefix = self._keys.marker_key(key)
        marker = self._marker_etag(key)
        below = self._bucket.blob_listing.first(prefix, key, 2)
        if any(listed.object_key != prefix for listed in below):
            raise DirectoryNotEmpty(path=key)
        if marker is None and not below:
            raise NotFound(path=key)
        self.keep(paths.parent(key))
        # Other tools make a blob of the folder's name with a slash at its end.
        for listed in below:
            self._delete(listed.object_key, key, listed.etag)
        if marker is not None:
            self._delete(blob_of(prefix), key, marker)
        self._known.forget(key)

    def keep(self, key: str) -> None:
        """See that a folder lasts when what is in it goes; a real one does by itself."""
        if not self._bucket.namespace.is_hierarchical:
            super().keep(key)

    def keep_if_there(self, key: str) -> None:
        if not self._bucket.namespace.is_hierarchical:
            super().keep_if_there(key)

    def write_marker(self, key: str, metadata: Mapping[str, str], condition: Condition = ALWAYS) -> None:
        namespace = self._bucket.namespace
        marker = self._marker_key(key)
        if not namespace.is_hierarchical or not marker.endswith("/"):
            return super().write_marker(key, metadata, condition)
        if not condition.absent:
            with contextlib.suppress(NotFound):
                return namespace.change_directory(blob_of(marker), key, metadata)
        namespace.make_directory(blob_of(marker), key, metadata)
        self._known.saw_folder(key, marker=True)
        return None

    def _delete(self, blob: str, key: str, etag: str) -> None:
        try:
            self._bucket.blobs.delete(blob, key, if_match=etag)
        except NotFound:
            return

    def _marker_etag(self, key: str) -> str | None:
        """The ETag of a marker. Raises NotADirectory where a file is in its place."""
        try:
            found = self._bucket.blobs.head(blob_of(self._keys.marker_key(key)), key)
        except NotFound:
            return None
        if not is_marker(found):
            raise NotADirectory(path=key)
        return found.etag

    def _write_new(self, key: str, metadata: Mapping[str, str]) -> bool:
        """Store a marker where no blob is; False if one was there."""
        try:
            self.write_marker(key, metadata, Condition(absent=True))
        except Conflict:
            return False
        return True
