"""Old versions of files, in a bucket that keeps them."""

import threading
import time
from typing import Any

from vfs.engine.backends.objects.files import Files
from vfs.engine.backends.objects.places import Places
from vfs.engine.backends.objects.stored import NewObject, Stored, quoted
from vfs.engine.backends.s3.connection import Connection
from vfs.engine.backends.s3.parts import LARGEST_COPY, copy_in_parts
from vfs.engine.entries import Version, WriteResult
from vfs.engine.errors import BackendUnavailable, NotFound, PermissionDenied


class Versions:
    """`KeepsVersions` of a bucket."""

    def __init__(self, connection: Connection, places: Places, files: Files) -> None:
        self._connection = connection
        self._places = places
        self._files = files
        self._lock = threading.Lock()
        self._kept: bool | None = None if connection.options.version_aware else False

    def are_kept(self) -> bool:
        """Whether the bucket has versioning, on or suspended; asked once. Unknown counts as no."""
        with self._lock:
            if self._kept is None:
                try:
                    answer = self._connection.retrying.run(
                        lambda: self._connection.signed.send("GET", query={"versioning": ""})
                    )
                except (PermissionDenied, BackendUnavailable, NotFound):
                    return False
                self._kept = b"<Status>" in answer.body
            return self._kept

    def list_versions(self, key: str) -> list[Version]:
        object_key = self._places.object_key(key)
        found: list[Version] = []
        marks: dict[str, Any] = {}
        while True:
            answer = self._connection.calls.call("list_object_versions", key, Prefix=object_key, **marks)
            found += [_version(told) for told in answer.get("Versions", ()) if told["Key"] == object_key]
            found += [_marker(told) for told in answer.get("DeleteMarkers", ()) if told["Key"] == object_key]
            marks = {
                "KeyMarker": answer.get("NextKeyMarker"),
                "VersionIdMarker": answer.get("NextVersionIdMarker"),
            }
            # The key comes before every other key that begins with it.
            if not answer.get("IsTruncated") or marks["KeyMarker"] != object_key:
                # Times have seconds; within one, the store's order, newest first, decides.
                found.reverse()
                found.sort(key=lambda version: (version.mtime_ns, version.is_latest))
                return found

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


def _version(told: dict[str, Any]) -> Version:
    return Version(
        told["VersionId"],
        _ns(told["LastModified"]),
        told["Size"],
        quoted(told["ETag"]),
        is_latest=told["IsLatest"],
    )


def _marker(told: dict[str, Any]) -> Version:
    return Version(
        told["VersionId"], _ns(told["LastModified"]), 0, is_latest=told["IsLatest"], is_delete_marker=True
    )


def _ns(moment: Any) -> int:
    return int(moment.timestamp() * 1000) * 1_000_000
