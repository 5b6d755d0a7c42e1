"""Objects of other buckets of one account: where ours are, and copying theirs inside the store."""

import hashlib
import time
from dataclasses import replace

from vfs.engine import paths
from vfs.engine.backends.objects.files import Files
from vfs.engine.backends.objects.places import Places
from vfs.engine.backends.objects.stored import Stored
from vfs.engine.backends.s3.connection import Connection
from vfs.engine.backends.s3.options import S3Options
from vfs.engine.backends.s3.parts import LARGEST_COPY, copy_in_parts
from vfs.engine.entries import Entry, WriteResult
from vfs.engine.errors import NotFound
from vfs.engine.originals import Original


class Originals:
    """Both `TellsOriginal` and `CopiesFrom` of one bucket."""

    def __init__(self, connection: Connection, places: Places, files: Files) -> None:
        self._connection = connection
        self._places = places
        self._files = files
        self._store = store_of(connection.options)

    def original(self, key: str) -> Original:
        object_key = self._connection.keys.object_key(key) if key else self._connection.options.prefix
        return Original(self._store, f"{self._connection.options.bucket}/{object_key}")

    def can_copy_from(self, original: Original, entry: Entry) -> bool:
        """Of what goes in parts, metadata must be told: the entry is to be complete."""
        return original.store == self._store and (entry.complete or entry.size <= LARGEST_COPY)

    def copy_from(self, original: Original, entry: Entry, target: str) -> WriteResult:
        """One request; for more than 5 GiB one for each half GiB, and two."""
        target_key = self._places.object_key(target)
        self._files.refuse_target(target)
        bucket, _, source_key = original.place.partition("/")
        began = time.time()
        stored = self._copy_object(bucket, source_key, entry, target_key, target)
        if entry.complete:
            copied = replace(
                entry, name=paths.name_of(target), etag=stored.etag, version_id=stored.version_id
            )
            self._connection.known.wrote_file(target, copied, began, time.time())
        else:
            self._connection.known.forget(target)
        return WriteResult(target, entry.size, stored.etag, stored.version_id)

    def _copy_object(self, bucket: str, source: str, entry: Entry, target_key: str, target: str) -> Stored:
        try:
            if entry.size <= LARGEST_COPY:
                return self._connection.objects.copy(
                    source, target_key, target, source_bucket=bucket, source_etag=entry.etag
                )
            new = self._files.new_object(target, entry.metadata, entry.attributes)
            etag = entry.etag or ""
            return copy_in_parts(
                self._connection, source, target_key, target, entry.size, etag, new, source_bucket=bucket
            )
        except NotFound as error:
            raise NotFound(f"{bucket}/{source} is gone", target) from error


def store_of(options: S3Options) -> str:
    """Equal for buckets that the same credentials reach at one endpoint, attributes read the same way."""
    if options.anon:
        identity = "anon"
    elif options.key is None or options.secret is None:
        identity = f"profile {options.profile or ''}"
    else:
        told = f"{options.key.get_secret_value()}\0{options.secret.get_secret_value()}"
        identity = hashlib.sha256(told.encode()).hexdigest()[:16]
    return f"s3 {options.endpoint_url or options.region or 'aws'} {identity} {options.attributes}"
