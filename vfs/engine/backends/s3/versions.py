"""Old versions of files, in a bucket that keeps them."""

import time
from collections.abc import Iterator

from vfs.engine.backends.objects.files import Files
from vfs.engine.backends.objects.past import Keeping, histories, versions_of
from vfs.engine.backends.objects.places import Places
from vfs.engine.backends.objects.stored import NewObject, Stored
from vfs.engine.backends.s3.connection import Connection
from vfs.engine.backends.s3.parts import LARGEST_COPY, copy_in_parts
from vfs.engine.backends.s3.version_listing import VersionListing
from vfs.engine.entries import Version, WriteResult
from vfs.engine.errors import NotFound
from vfs.engine.histories import History


class Versions:
    """`KeepsVersions` and `SweepsVersions` of a bucket."""

    def __init__(self, connection: Connection, places: Places, files: Files) -> None:
        self._connection = connection
        self._places = places
        self._files = files
        self._listing = VersionListing(connection.signed, connection.retrying)
        self.are_kept = Keeping(self._asked, None if connection.options.version_aware else False)

    def _asked(self) -> bool:
        """Whether the bucket has versioning, on or suspended."""
        send = self._connection.signed.send
        answer = self._connection.retrying.run(lambda: send("GET", query={"versioning": ""}))
        return "<Status>" in answer.text

    def list_versions(self, key: str) -> list[Version]:
        """A request for each thousand versions of this file; times have seconds, the order is the store's."""
        object_key = self._places.object_key(key)
        found = versions_of(self._listing.pages(object_key, key), object_key)
        found.reverse()
        return found

    def sweep_versions(self, folder: str, *, deep: bool = False) -> Iterator[History]:
        prefix = self._connection.keys.marker_key(folder)
        pages = self._listing.pages(prefix, folder, delimiter="" if deep else "/")
        return histories(self._places, folder, pages, reversed)

    def restore_version(self, key: str, version: str) -> WriteResult:
        object_key = self._places.object_key(key)
        self._files.refuse_target(key)
        found = self._connection.objects.head(object_key, key, version=version)
        new = NewObject(found.metadata, found.headers)
        began = time.time()
        if found.size > LARGEST_COPY:
            stored = self._copy_big(object_key, key, version, found.size, found.etag, new)
        else:
            stored = self._connection.objects.copy(object_key, object_key, key, source_version=version)
        return self._files.wrote(key, stored, found.size, new, began)

    def _copy_big(
        self, object_key: str, key: str, version: str, size: int, etag: str, new: NewObject
    ) -> Stored:
        return copy_in_parts(
            self._connection, object_key, object_key, key, size, etag, new, source_version=version
        )

    def delete_version(self, key: str, version: str) -> None:
        """Raises NotFound for a version that is not there."""
        object_key = self._places.object_key(key)
        if version not in {kept.id for kept in self.list_versions(key)}:
            raise NotFound(f"there is no version {version}", key)
        self._connection.objects.delete(object_key, key, version=version)
        self._connection.known.forget(key)
