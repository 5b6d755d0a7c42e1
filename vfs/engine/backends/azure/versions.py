"""Old versions of blobs, in an account that keeps them."""

import datetime
import time
from collections.abc import Iterator
from xml.etree import ElementTree

from vfs.engine.backends.azure.bucket import AzureBucket
from vfs.engine.backends.azure.places import BlobPlaces
from vfs.engine.backends.azure.stored import nanoseconds
from vfs.engine.backends.objects.files import Files
from vfs.engine.backends.objects.past import Keeping, VersionPage, histories, versions_of
from vfs.engine.backends.objects.stored import NewObject, quoted
from vfs.engine.entries import Version, WriteResult
from vfs.engine.histories import History


class BlobVersions:
    """`KeepsVersions` and `SweepsVersions` of a container. When a blob was deleted is told nowhere."""

    def __init__(self, bucket: AzureBucket, places: BlobPlaces, files: Files) -> None:
        self._bucket = bucket
        self._places = places
        self._files = files
        self.are_kept = Keeping(self._asked)

    def _asked(self) -> bool:
        """Whether blobs have versions: the first one tells. An empty container counts as no."""
        root = self._listed(self._bucket.keys.marker_key(""), "", None, limit=1)
        return root.find("Blobs/Blob/VersionId") is not None

    def list_versions(self, key: str) -> list[Version]:
        """A request for every 5,000 versions of blobs whose names begin with this one's."""
        blob = self._places.object_key(key)
        return _in_order(versions_of(self._pages(blob, key), blob))

    def sweep_versions(self, folder: str, *, deep: bool = False) -> Iterator[History]:
        prefix = self._bucket.keys.marker_key(folder)
        return histories(self._places, folder, self._pages(prefix, folder, deep=deep), _in_order)

    def _pages(self, prefix: str, path: str, *, deep: bool = True) -> Iterator[VersionPage]:
        marker: str | None = None
        while True:
            root = self._listed(prefix, path, marker, deep=deep)
            blobs = [(item.findtext("Name") or "", _version(item)) for item in root.iterfind("Blobs/Blob")]
            prefixes = [item.findtext("Name") or "" for item in root.iterfind("Blobs/BlobPrefix")]
            yield VersionPage(blobs, prefixes)
            marker = root.findtext("NextMarker") or None
            if marker is None:
                return

    def restore_version(self, key: str, version: str) -> WriteResult:
        blob = self._places.object_key(key)
        self._files.refuse_target(key)
        found = self._bucket.objects.head(blob, key, version=version)
        began = time.time()
        stored = self._bucket.blobs.copy(blob, blob, key, source_version=version)
        new = NewObject(found.metadata, found.headers)
        return self._files.wrote(key, stored, found.size, new, began)

    def delete_version(self, key: str, version: str) -> None:
        """Raises NotFound for a version that is not there, PermissionDenied for the present one."""
        self._bucket.blobs.delete(self._places.object_key(key), key, version=version)

    def _listed(
        self, prefix: str, path: str, marker: str | None, limit: int = 5000, *, deep: bool = True
    ) -> ElementTree.Element:
        query: dict[str, str | int] = {
            "restype": "container",
            "comp": "list",
            "include": "versions",
            "maxresults": limit,
        }
        if prefix:
            query["prefix"] = prefix
        if not deep:
            query["delimiter"] = "/"
        if marker is not None:
            query["marker"] = marker
        answer = self._bucket.retrying.run(lambda: self._bucket.signed.send("GET", query=query, path=path))
        return ElementTree.fromstring(answer.body)  # noqa: S314 - expat itself bounds what entities expand to


def _in_order(versions: list[Version]) -> list[Version]:
    """Oldest first: identities are moments."""
    return sorted(versions, key=lambda version: version.id)


def _version(item: ElementTree.Element) -> Version:
    identity = item.findtext("VersionId") or ""
    return Version(
        identity,
        _moment(identity) or nanoseconds(item.findtext("Properties/Last-Modified") or ""),
        int(item.findtext("Properties/Content-Length") or 0),
        quoted(item.findtext("Properties/Etag") or ""),
        is_latest=item.findtext("IsCurrentVersion") == "true",
    )


def _moment(identity: str) -> int | None:
    """The moment that names a version: it has seven digits of a second, where `Last-Modified` has none."""
    head, _, fraction = identity.removesuffix("Z").partition(".")
    try:
        seconds = int(datetime.datetime.fromisoformat(f"{head}+00:00").timestamp())
    except ValueError:
        return None
    return seconds * 1_000_000_000 + int(fraction[:9].ljust(9, "0") or 0)
