"""A container as the tree over objects needs it: made once for a mount, shared by all that act on it."""

import base64
from collections.abc import Mapping

from vfs.engine.backends.azure.blob_listing import BlobListing
from vfs.engine.backends.azure.blobs import Blobs
from vfs.engine.backends.azure.blocks import BlockUpload
from vfs.engine.backends.azure.driver import AdlfsCalls
from vfs.engine.backends.azure.hierarchical import Namespace
from vfs.engine.backends.azure.identity import Identity
from vfs.engine.backends.azure.keys import BlobKeys, blob_of
from vfs.engine.backends.azure.links import BlobLinks
from vfs.engine.backends.azure.listing import MarkedListing
from vfs.engine.backends.azure.objects import MarkedObjects
from vfs.engine.backends.azure.options import AzureOptions
from vfs.engine.backends.azure.signed import SignedRequests
from vfs.engine.backends.objects.connection import BucketConnection
from vfs.engine.backends.objects.keys import is_plain
from vfs.engine.backends.objects.stored import ALWAYS, Condition, NewObject, Stored, StoredObject
from vfs.engine.errors import BackendUnavailable, StorageError

_BATCH = 256
"""Deletions in one request, at most."""


class AzureBucket(BucketConnection[AzureOptions]):
    """One container as configured. Thread-safe. Nothing is sent before it is needed."""

    markers_keep_metadata = True

    def __init__(self, options: AzureOptions) -> None:
        super().__init__(options, BlobKeys(options.prefix))
        self.identity = Identity(options)
        self.signed = SignedRequests(options, self.identity)
        self.calls = AdlfsCalls(options, self.identity, self.retrying)
        self.links = BlobLinks(options, self.identity, self.signed, self.calls)
        self.blobs = Blobs(options, self.identity, self.signed, self.retrying)
        self.blob_listing = BlobListing(self.signed, self.retrying)
        self.objects = MarkedObjects(self.blobs, self.known)
        self.listing = MarkedListing(self.blob_listing, self.blobs)
        self.namespace = Namespace(options, self.identity, self.signed, self.retrying)
        self.copies_ranges = True

    def source_headers(self, blob: str, path: str) -> dict[str, str]:
        return self.links.source_headers(blob, path)

    def copy(self, source: str, target: str, path: str, size: int, condition: Condition = ALWAYS) -> Stored:
        return self.blobs.copy(source, target, path, condition=condition)

    def change_metadata(
        self, object_key: str, path: str, found: StoredObject, metadata: Mapping[str, str]
    ) -> Stored:
        return self.blobs.change_metadata(blob_of(object_key), path, metadata, found.etag)

    def delete_batch(self, named: Mapping[str, str]) -> None:
        """A request for every 256 names; odd names go one by one, and so does a batch that failed in part."""
        plain = [name for name in named if is_plain(name)]
        odd = [name for name in named if not is_plain(name)]
        for start in range(0, len(plain), _BATCH):
            batch = plain[start : start + _BATCH]
            try:
                self.blobs.delete_many(batch, named[batch[0]])
            except BackendUnavailable:
                raise
            except StorageError:
                odd += batch
        for name in odd:
            self.objects.delete(name, named[name])

    def begin_upload(self, object_key: str, path: str, new: NewObject) -> BlockUpload:
        return BlockUpload(self, object_key, path, new)

    def content_hash(self, object_key: str, path: str) -> tuple[str, str] | None:
        """The MD5 that the blob has: the store makes one of what comes in one request only."""
        answer = self.retrying.run(lambda: self.signed.send("HEAD", object_key, path=path))
        md5 = answer.headers.get("content-md5")
        return ("md5", base64.b64decode(md5).hex()) if md5 else None

    def ping(self) -> None:
        """One listing of one blob, not tried again."""
        self.blob_listing.page(self.keys.marker_key(""), "", limit=1, deadline=self.options.timeout)

    def close(self) -> None:
        self.blobs.close()
        super().close()
        self.calls.close()
        self.signed.close()
        self.namespace.close()
        self.identity.close()
