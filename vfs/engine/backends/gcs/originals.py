"""Objects of other buckets that the same credentials reach, copied inside the store."""

import hashlib

from vfs.engine.backends.gcs.bucket import GcsBucket
from vfs.engine.backends.gcs.options import GcsOptions
from vfs.engine.backends.objects.files import Files
from vfs.engine.backends.objects.originals import BucketOriginals
from vfs.engine.backends.objects.places import Places
from vfs.engine.backends.objects.stored import Condition, Stored
from vfs.engine.entries import Entry


class GcsOriginals(BucketOriginals):
    """Buckets of one project's credentials."""

    def __init__(self, bucket: GcsBucket, places: Places, files: Files) -> None:
        super().__init__(bucket, bucket.options.bucket, _store_of(bucket.options), places, files)
        self._gcs = bucket

    def copy_object(
        self, bucket: str, source: str, entry: Entry, target_key: str, target: str, condition: Condition
    ) -> Stored:
        """One request, or several where Google moves bytes between storage classes or places."""
        return self._gcs.rewrite(
            source, target_key, target, condition, source_bucket=bucket, source_etag=entry.etag
        )


def _store_of(options: GcsOptions) -> str:
    told = "anon" if options.anonymous else options.token.get_secret_value() if options.token else "default"
    identity = hashlib.sha256(f"{told}\0{options.billed_project or ''}".encode()).hexdigest()[:16]
    return f"gcs {options.endpoint} {identity} {options.attributes}"
