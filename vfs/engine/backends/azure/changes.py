"""Changes of metadata in a container: in place, for files and folders alike, and only of what was seen."""

import contextlib
import time
from collections.abc import Mapping
from dataclasses import replace

from vfs.engine.backends.azure.bucket import AzureBucket
from vfs.engine.backends.azure.objects import seen_as
from vfs.engine.backends.azure.stored import is_marker, marked
from vfs.engine.backends.objects.posix import MetadataChange, MetadataChanges
from vfs.engine.backends.objects.stored import NewObject, StoredObject
from vfs.engine.entries import Entry
from vfs.engine.errors import Conflict, NotFound

_ATTEMPTS = 10


class BlobChanges(MetadataChanges):
    """A HEAD, and one request that changes what it told, if that is still so."""

    _bucket: AzureBucket

    def change(self, key: str, change: MetadataChange) -> Entry:
        """The entry afterwards, of a file or a folder; a folder gets a marker if it has none."""
        if not key or self._bucket.namespace.is_hierarchical:
            return super().change(key, change)
        blob = self._places.object_key(key)
        for _ in range(_ATTEMPTS):
            try:
                found = self._bucket.blobs.head(blob, key)
            except NotFound:
                return super().change(key, change)
            marks = is_marker(found)
            seen = seen_as(f"{blob}/", key, found) if marks else found
            metadata = change(seen)
            with contextlib.suppress(Conflict, FileNotFoundError):
                rewrite = self._rewrite_folder if marks else self._rewrite
                return rewrite(blob, key, seen, metadata)
        raise Conflict("it is changed by others all the time", key)

    def _rewrite_folder(self, blob: str, key: str, found: StoredObject, metadata: Mapping[str, str]) -> Entry:
        whole = marked(NewObject(metadata, {})).metadata
        self._bucket.blobs.change_metadata(blob, key, whole, found.etag)
        return self._folders.entry_of(key, replace(found, metadata=metadata, modified_ns=time.time_ns()))
