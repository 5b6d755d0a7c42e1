"""Listings of a container as those of a store whose markers end with a slash."""

from collections.abc import Iterator
from dataclasses import replace

from vfs.engine.backends.azure.blob_listing import BlobListing
from vfs.engine.backends.azure.blobs import Blobs
from vfs.engine.backends.azure.keys import blob_of
from vfs.engine.backends.azure.objects import seen_as
from vfs.engine.backends.azure.stored import is_marker
from vfs.engine.backends.objects.stored import ListedObject, Page
from vfs.engine.errors import NotFound


class MarkedListing:
    """`Listing` of a container. Thread-safe."""

    tells_everything = True

    def __init__(self, listing: BlobListing, blobs: Blobs) -> None:
        self._listing = listing
        self._blobs = blobs

    def pages(self, prefix: str, path: str, *, delimiter: str = "/") -> Iterator[Page]:
        """Every page below a prefix. A folder that holds nothing is found by its marker: a HEAD more."""
        seen = _Markers()
        empty = True
        for page in self._listing.pages(prefix, path, delimiter=delimiter):
            translated = seen.translate(page, delimiter)
            if empty and not translated.objects and not translated.prefixes:
                continue
            empty = False
            yield translated
        if empty:
            yield Page(self._marker(prefix, path), [], None)

    def page(self, prefix: str, path: str, *, delimiter: str = "", limit: int = 1) -> Page:
        """The first of what begins with a prefix; the marker of a folder comes first."""
        objects = self._marker(prefix, path)
        if len(objects) < limit:
            objects += [_translated(listed) for listed in self._listing.first(prefix, path, limit)]
        return Page(objects[:limit], [], None)

    def _marker(self, prefix: str, path: str) -> list[ListedObject]:
        if not prefix.endswith("/"):
            return []
        try:
            stored = seen_as(prefix, path, self._blobs.head(blob_of(prefix), path))
        except NotFound:
            return []
        return [ListedObject(prefix, 0, stored.etag, stored.modified_ns, stored)]


class _Markers:
    """The markers whose folders may still come: names are listed in order, so that these are few."""

    def __init__(self) -> None:
        self._open: list[str] = []

    def translate(self, page: Page, delimiter: str) -> Page:
        """The page with each marker as an object `folder/`, and each folder once."""
        objects = [listed for found in page.objects if (listed := self._object(found)) is not None]
        if not delimiter:
            return replace(page, objects=objects)
        folders = [listed.object_key for listed in objects if listed.object_key.endswith("/")]
        prefixes = [prefix for prefix in page.prefixes if not self._is_open(prefix)]
        return replace(page, objects=objects, prefixes=sorted({*folders, *prefixes}))

    def _object(self, found: ListedObject) -> ListedObject | None:
        if found.object_key.endswith("/") and self._is_open(found.object_key):
            return None
        listed = _translated(found)
        if listed is not found:
            self._open = [marker for marker in self._open if listed.object_key.startswith(marker[:-1])]
            self._open.append(listed.object_key)
        return listed

    def _is_open(self, prefix: str) -> bool:
        return prefix in self._open


def _translated(found: ListedObject) -> ListedObject:
    if found.stored is None or not is_marker(found.stored):
        return found
    marker = f"{blob_of(found.object_key)}/"
    return replace(found, object_key=marker, size=0, stored=seen_as(marker, "", found.stored))
