"""Objects of other buckets of one account, copied inside the store."""

import hashlib

from vfs.engine.backends.objects.files import Files
from vfs.engine.backends.objects.originals import BucketOriginals
from vfs.engine.backends.objects.places import Places
from vfs.engine.backends.objects.stored import ALWAYS, Condition, Stored
from vfs.engine.backends.s3.bucket import S3Bucket
from vfs.engine.backends.s3.options import S3Options
from vfs.engine.backends.s3.parts import LARGEST_COPY, copy_in_parts
from vfs.engine.entries import Entry
from vfs.engine.originals import Original


class S3Originals(BucketOriginals):
    """Buckets of one account at one endpoint."""

    def __init__(self, bucket: S3Bucket, places: Places, files: Files) -> None:
        super().__init__(bucket, bucket.options.bucket, _store_of(bucket.options), places, files)
        self._connection = bucket

    def can_copy_from(self, original: Original, entry: Entry, *, overwrite: bool = True) -> bool:
        """Of what goes in parts, metadata must be told: the entry is to be complete.

        Many stores replace in a copy whatever its conditions are, but publish parts on conditions. What is
        no bigger than a part costs no more requests, and nothing is risked, if its bytes come here.
        """
        if not overwrite and entry.size <= self._connection.options.part_size:
            return False
        goes_in_parts = not overwrite or entry.size > LARGEST_COPY
        return (entry.complete or not goes_in_parts) and super().can_copy_from(original, entry)

    def copy_object(
        self, bucket: str, source: str, entry: Entry, target_key: str, target: str, condition: Condition
    ) -> Stored:
        """One request; for more than 5 GiB, and on a condition, one for each part, and two."""
        if entry.size <= LARGEST_COPY and condition == ALWAYS:
            return self._connection.objects.copy(
                source, target_key, target, source_bucket=bucket, source_etag=entry.etag
            )
        new = self._files.new_object(target, entry.metadata, entry.attributes)
        return copy_in_parts(
            self._connection,
            source,
            target_key,
            target,
            entry.size,
            entry.etag or "",
            new,
            condition,
            source_bucket=bucket,
        )


def _store_of(options: S3Options) -> str:
    if options.anon:
        identity = "anon"
    elif options.key is None or options.secret is None:
        identity = f"profile {options.profile or ''}"
    else:
        told = f"{options.key.get_secret_value()}\0{options.secret.get_secret_value()}"
        identity = hashlib.sha256(told.encode()).hexdigest()[:16]
    return f"s3 {options.endpoint_url or options.region or 'aws'} {identity} {options.attributes}"
