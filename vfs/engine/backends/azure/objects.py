"""Objects of the tree as blobs: a marker `folder/` is the blob `folder` that says of itself that it is one.

So a file and a folder of one name are one blob, and what only expects the other finds nothing.
"""

from vfs.engine.backend import Buffer
from vfs.engine.backends.azure.blobs import Blobs
from vfs.engine.backends.azure.keys import blob_of
from vfs.engine.backends.azure.stored import is_marker, marked, unmarked
from vfs.engine.backends.objects.folders import FOLDER_TYPE
from vfs.engine.backends.objects.known import KnownPlaces
from vfs.engine.backends.objects.stored import ALWAYS, Condition, NewObject, Stored, StoredObject
from vfs.engine.errors import Conflict, NotFound

_ATTEMPTS = 10


class MarkedObjects:
    """`Objects` of a container."""

    def __init__(self, blobs: Blobs, known: KnownPlaces) -> None:
        self._blobs = blobs
        self._known = known

    def head(self, object_key: str, path: str, *, version: str | None = None) -> StoredObject:
        """Everything but the bytes. Raises NotFound, also for a blob of the other kind."""
        return seen_as(object_key, path, self._blobs.head(blob_of(object_key), path, version=version))

    def get(
        self,
        object_key: str,
        path: str,
        start: int = 0,
        end: int | None = None,
        *,
        version: str | None = None,
        if_match: str | None = None,
    ) -> tuple[StoredObject | None, Buffer]:
        """See `Objects.get`. No range begins within an empty blob, which may be a folder's: a HEAD tells."""
        blob = blob_of(object_key)
        stored, body = self._blobs.get(blob, path, start, end, version=version, if_match=if_match)
        if stored is None and start == 0:
            stored = self._blobs.head(blob, path, version=version)
        elif stored is None and self._known.file(path) is None:
            seen_as(object_key, path, self._blobs.head(blob, path, version=version))
        return None if stored is None else seen_as(object_key, path, stored), body

    def put(
        self, object_key: str, path: str, body: Buffer, new: NewObject, condition: Condition = ALWAYS
    ) -> Stored:
        told = marked(new) if object_key.endswith("/") else new
        return self._blobs.put(blob_of(object_key), path, body, told, condition)

    def delete(self, object_key: str, path: str, *, if_match: str | None = None) -> None:
        """Delete a blob of this kind, and no other that took its place; what is not there is no error."""
        blob = blob_of(object_key)
        known = None if object_key.endswith("/") else self._known.file(path)
        etag = if_match or (known.etag if known is not None else None)
        try:
            for _ in range(_ATTEMPTS):
                if etag is None:
                    etag = seen_as(object_key, path, self._blobs.head(blob, path)).etag
                try:
                    return self._blobs.delete(blob, path, if_match=etag)
                except Conflict:
                    if if_match is not None:
                        raise
                    etag = None
        except NotFound:
            return None
        raise Conflict("the file is changed by others all the time", path)


def seen_as(object_key: str, path: str, stored: StoredObject) -> StoredObject:
    """What was found, if it is of the kind that was looked for. Raises NotFound."""
    if is_marker(stored) is not object_key.endswith("/"):
        raise NotFound(path=path)
    return unmarked(stored, {"content-type": FOLDER_TYPE}) if object_key.endswith("/") else stored
