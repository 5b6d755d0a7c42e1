"""Objects of other buckets that the same credentials reach: where ours are, copying theirs in the store."""

import time
from abc import ABC, abstractmethod
from dataclasses import replace

from vfs.engine import paths
from vfs.engine.backends.objects.bucket import Bucket
from vfs.engine.backends.objects.files import Files
from vfs.engine.backends.objects.places import Places
from vfs.engine.backends.objects.stored import Condition, Stored
from vfs.engine.entries import Entry, WriteResult
from vfs.engine.errors import Conflict, NotFound
from vfs.engine.originals import Original


class BucketOriginals(ABC):
    """Both `TellsOriginal` and `CopiesFrom` of one bucket.

    `store` is equal for buckets that the same credentials reach at one endpoint, attributes read the same
    way; `name` is the bucket's in it.
    """

    def __init__(self, bucket: Bucket, name: str, store: str, places: Places, files: Files) -> None:
        self._bucket = bucket
        self._name = name
        self._store = store
        self._places = places
        self._files = files

    def original(self, key: str) -> Original:
        keys = self._bucket.keys
        return Original(
            self._store, f"{self._name}/{keys.object_key(key) if key else keys.marker_key('').rstrip('/')}"
        )

    def can_copy_from(self, original: Original, entry: Entry, *, overwrite: bool = True) -> bool:
        return original.store == self._store

    def copy_from(
        self, original: Original, entry: Entry, target: str, *, overwrite: bool = True
    ) -> WriteResult:
        """What `copy_object` costs, and what it takes to see that no folder is in the way."""
        target_key = self._places.object_key(target)
        self._files.refuse_target(target)
        bucket, _, source = original.place.partition("/")
        began = time.time()
        try:
            condition = Condition(absent=not overwrite)
            stored = self.copy_object(bucket, source, entry, target_key, target, condition)
        except Conflict:
            # Stores tell a target that is taken as they tell an original that is another one now.
            if not overwrite:
                self._files.refuse_taken(target)
            raise
        except NotFound as error:
            raise NotFound(f"{original.place} is gone", target) from error
        self._bucket.known.forget(target)
        if entry.complete:
            name = paths.name_of(target)
            copied = replace(entry, name=name, etag=stored.etag, version_id=stored.version_id)
            self._bucket.known.wrote_file(target, copied, began, time.time())
        return WriteResult(target, entry.size, stored.etag, stored.version_id)

    @abstractmethod
    def copy_object(
        self, bucket: str, source: str, entry: Entry, target_key: str, target: str, condition: Condition
    ) -> Stored:
        """Copy an object of any bucket, metadata included, unless its ETag is not the entry's any more.

        The condition is one of the target. Raises NotFound for the source, Conflict.
        """
