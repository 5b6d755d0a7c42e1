"""Objects of other buckets that the same credentials reach: where ours are, copying theirs in the store."""

import hashlib
import time
from dataclasses import replace

from vfs.engine import paths
from vfs.engine.backends.gcs.bucket import GcsBucket
from vfs.engine.backends.gcs.options import GcsOptions
from vfs.engine.backends.objects.files import Files
from vfs.engine.backends.objects.places import Places
from vfs.engine.entries import Entry, WriteResult
from vfs.engine.errors import NotFound
from vfs.engine.originals import Original


class ObjectOriginals:
    """Both `TellsOriginal` and `CopiesFrom` of one bucket."""

    def __init__(self, bucket: GcsBucket, places: Places, files: Files) -> None:
        self._bucket = bucket
        self._places = places
        self._files = files
        self._store = store_of(bucket.options)

    def original(self, key: str) -> Original:
        object_key = self._bucket.keys.object_key(key) if key else self._bucket.options.prefix
        return Original(self._store, f"{self._bucket.options.bucket}/{object_key}")

    def can_copy_from(self, original: Original, entry: Entry) -> bool:
        return original.store == self._store

    def copy_from(self, original: Original, entry: Entry, target: str) -> WriteResult:
        """One request, or several where Google moves bytes between storage classes or places."""
        target_key = self._places.object_key(target)
        self._files.refuse_target(target)
        bucket, _, source = original.place.partition("/")
        began = time.time()
        try:
            stored = self._bucket.rewrite(
                source, target_key, target, source_bucket=bucket, source_etag=entry.etag
            )
        except NotFound as error:
            raise NotFound(f"{original.place} is gone", target) from error
        self._bucket.known.forget(target)
        if entry.complete:
            name = paths.name_of(target)
            copied = replace(entry, name=name, etag=stored.etag, version_id=stored.version_id)
            self._bucket.known.wrote_file(target, copied, began, time.time())
        return WriteResult(target, entry.size, stored.etag, stored.version_id)


def store_of(options: GcsOptions) -> str:
    """Equal for buckets that the same credentials reach at one endpoint, attributes read the same way."""
    told = "anon" if options.anonymous else options.token.get_secret_value() if options.token else "default"
    identity = hashlib.sha256(f"{told}\0{options.billed_project or ''}".encode()).hexdigest()[:16]
    return f"gcs {options.endpoint} {identity} {options.attributes}"
