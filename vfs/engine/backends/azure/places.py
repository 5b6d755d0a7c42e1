"""What stands at a key of a container: one HEAD tells a file from a folder."""

from vfs.engine.backends.azure.bucket import AzureBucket
from vfs.engine.backends.azure.folders import BlobFolders
from vfs.engine.backends.azure.objects import seen_as
from vfs.engine.backends.azure.stored import is_marker
from vfs.engine.backends.objects.places import Places
from vfs.engine.backends.objects.stored import ListedObject
from vfs.engine.entries import Entry
from vfs.engine.errors import NotFound


class BlobPlaces(Places):
    """Looks at files and folders, and remembers what it saw."""

    _bucket: AzureBucket
    _folders: BlobFolders

    def stat(self, key: str) -> Entry:
        """The entry at a key: a HEAD; for nothing, and for a folder without a marker, a listing too."""
        if not key:
            return self._folders.entry(key)
        blob = self.object_key(key)
        try:
            stored = self._bucket.blobs.head(blob, key)
        except NotFound:
            self._known.forget(key)
            return self._folders.implied(key)
        if is_marker(stored):
            return self._folders.entry_of(key, seen_as(f"{blob}/", key, stored))
        return self.saw(key, stored)

    def _listed_folder(self, key: str, marker: ListedObject | None, *, complete: bool) -> Entry:
        """A real folder is no blob of its own in a listing: a HEAD tells its attributes."""
        real = self._bucket.namespace.is_hierarchical
        return super()._listed_folder(key, marker, complete=complete and not real)
