"""Blobs of other containers of one account: where ours are, and copying theirs inside the store."""

import hashlib
import time
from dataclasses import replace

from vfs.engine import paths
from vfs.engine.backends.azure.bucket import AzureBucket
from vfs.engine.backends.objects.files import Files
from vfs.engine.backends.objects.places import Places
from vfs.engine.entries import Entry, WriteResult
from vfs.engine.errors import NotFound
from vfs.engine.originals import Original


class BlobOriginals:
    """Both `TellsOriginal` and `CopiesFrom` of one container."""

    def __init__(self, bucket: AzureBucket, places: Places, files: Files) -> None:
        self._bucket = bucket
        self._places = places
        self._files = files
        self._store = store_of(bucket)

    def original(self, key: str) -> Original:
        blob = self._bucket.keys.object_key(key) if key else self._bucket.options.prefix
        return Original(self._store, f"{self._bucket.options.container}/{blob}")

    def can_copy_from(self, original: Original, entry: Entry) -> bool:
        return original.store == self._store

    def copy_from(self, original: Original, entry: Entry, target: str) -> WriteResult:
        """One request, and one every 200 ms where the store takes its time."""
        blob = self._places.object_key(target)
        self._files.refuse_target(target)
        container, _, source = original.place.partition("/")
        began = time.time()
        try:
            stored = self._bucket.blobs.copy(
                source, blob, target, source_etag=entry.etag, source_container=container
            )
        except NotFound as error:
            raise NotFound(f"{original.place} is gone", target) from error
        self._bucket.known.forget(target)
        if entry.complete:
            name = paths.name_of(target)
            copied = replace(entry, name=name, etag=stored.etag, version_id=stored.version_id)
            self._bucket.known.wrote_file(target, copied, began, time.time())
        return WriteResult(target, entry.size, stored.etag, stored.version_id)


def store_of(bucket: AzureBucket) -> str:
    """Equal for containers that the same credentials reach in one account, attributes read the same way.

    A SAS is often for one container alone: a mount by SAS knows no other.
    """
    account = bucket.identity.account
    tokens = account.tokens.fingerprint if account.tokens is not None else None
    proof = account.key or account.sas or tokens or "anon"
    identity = hashlib.sha256(proof.encode()).hexdigest()[:16]
    only = f" {bucket.options.container}" if account.sas is not None else ""
    return f"azure {account.endpoint} {identity} {bucket.options.attributes}{only}"
