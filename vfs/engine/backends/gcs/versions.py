"""Old versions of files, in a bucket that keeps them: each generation of an object is one."""

import time
from collections.abc import Iterator
from typing import Any

from vfs.engine.backends.gcs.bucket import GcsBucket
from vfs.engine.backends.gcs.resources import etag_of, ns_of
from vfs.engine.backends.objects.files import Files
from vfs.engine.backends.objects.past import Keeping, VersionPage, histories, versions_of
from vfs.engine.backends.objects.places import Places
from vfs.engine.backends.objects.stored import NewObject
from vfs.engine.entries import Version, WriteResult
from vfs.engine.histories import History


class Versions:
    """`KeepsVersions` and `SweepsVersions` of a bucket.

    Google marks no deletes: of a deleted file no version is the latest.
    """

    def __init__(self, bucket: GcsBucket, places: Places, files: Files) -> None:
        self._bucket = bucket
        self._places = places
        self._files = files
        self.are_kept = Keeping(self._asked)

    def _asked(self) -> bool:
        """Whether object versioning is on."""
        told = self._call(self._bucket.requests.bucket, "", {"fields": "versioning"})
        return bool((told.get("versioning") or {}).get("enabled"))

    def list_versions(self, key: str) -> list[Version]:
        object_key = self._places.object_key(key)
        return _in_order(versions_of(self._pages(object_key, key), object_key))

    def sweep_versions(self, folder: str, *, deep: bool = False) -> Iterator[History]:
        pages = self._pages(self._bucket.keys.marker_key(folder), folder, delimiter="" if deep else "/")
        return histories(self._places, folder, pages, _in_order)

    def _pages(self, prefix: str, path: str, *, delimiter: str = "") -> Iterator[VersionPage]:
        """A request for each thousand versions, names in order."""
        query = {
            "prefix": prefix,
            "versions": "true",
            "fields": "items(name,generation,size,timeCreated,timeDeleted),prefixes,nextPageToken",
        }
        if delimiter:
            query["delimiter"] = delimiter
        while True:
            told = self._call(f"{self._bucket.requests.bucket}/o", path, query)
            found = [(item["name"], _version(item)) for item in told.get("items", ())]
            yield VersionPage(found, told.get("prefixes", ()))
            if not told.get("nextPageToken"):
                return
            query = {**query, "pageToken": told["nextPageToken"]}

    def restore_version(self, key: str, version: str) -> WriteResult:
        object_key = self._places.object_key(key)
        self._files.refuse_target(key)
        found = self._bucket.objects.head(object_key, key, version=version)
        began = time.time()
        stored = self._bucket.rewrite(object_key, object_key, key, version=version)
        new = NewObject(found.metadata, found.headers)
        return self._files.wrote(key, stored, found.size, new, began)

    def delete_version(self, key: str, version: str) -> None:
        """Raises NotFound for a version that is not there."""
        object_key = self._places.object_key(key)
        self._bucket.objects.head(object_key, key, version=version)
        self._bucket.objects.delete(object_key, key, version=version)
        self._bucket.known.forget(key)

    def _call(self, target: str, path: str, query: dict[str, str]) -> dict[str, Any]:
        requests = self._bucket.requests
        return self._bucket.retrying.run(lambda: requests.call("GET", target, path, query=query))


def _in_order(versions: list[Version]) -> list[Version]:
    """Oldest first: generations are moments."""
    return sorted(versions, key=lambda version: int(version.id))


def _version(told: dict[str, Any]) -> Version:
    generation = told["generation"]
    return Version(
        generation,
        ns_of(told["timeCreated"]),
        int(told.get("size", 0)),
        etag_of(generation),
        is_latest="timeDeleted" not in told,
        ended_ns=ns_of(told["timeDeleted"]) if "timeDeleted" in told else None,
    )
