"""Blobs of other containers of one account, copied inside the store."""

import hashlib

from vfs.engine.backends.azure.bucket import AzureBucket
from vfs.engine.backends.objects.files import Files
from vfs.engine.backends.objects.originals import BucketOriginals
from vfs.engine.backends.objects.places import Places
from vfs.engine.backends.objects.stored import Condition, Stored
from vfs.engine.entries import Entry


class BlobOriginals(BucketOriginals):
    """Containers of one account."""

    def __init__(self, bucket: AzureBucket, places: Places, files: Files) -> None:
        super().__init__(bucket, bucket.options.container, _store_of(bucket), places, files)
        self._blobs = bucket.blobs

    def copy_object(
        self, bucket: str, source: str, entry: Entry, target_key: str, target: str, condition: Condition
    ) -> Stored:
        """One request, and one every 200 ms where the store takes its time."""
        return self._blobs.copy(
            source,
            target_key,
            target,
            condition=condition,
            source_etag=entry.etag,
            source_container=bucket,
        )


def _store_of(bucket: AzureBucket) -> str:
    """A SAS is often for one container alone: a mount by SAS knows no other."""
    account = bucket.identity.account
    tokens = account.tokens.fingerprint if account.tokens is not None else None
    proof = account.key or account.sas or tokens or "anon"
    identity = hashlib.sha256(proof.encode()).hexdigest()[:16]
    only = f" {bucket.options.container}" if account.sas is not None else ""
    return f"azure {account.endpoint} {identity} {bucket.options.attributes}{only}"
