"""Everything that reaches one bucket: made once for a mount, shared by all that act on it."""

from vfs.engine.backends.objects.connection import BucketConnection
from vfs.engine.backends.objects.keys import KeySpace
from vfs.engine.backends.s3.driver import S3fsCalls
from vfs.engine.backends.s3.identity import Identity
from vfs.engine.backends.s3.listing import Listing
from vfs.engine.backends.s3.objects import BucketObjects
from vfs.engine.backends.s3.options import S3Options
from vfs.engine.backends.s3.signed import SignedRequests


class Connection(BucketConnection[S3Options]):
    """One bucket of S3, by the signed requests and s3fs."""

    def __init__(self, options: S3Options) -> None:
        super().__init__(options, KeySpace(options.prefix))
        self.identity = identity = Identity(options)
        self.signed = SignedRequests(options, identity)
        self.calls = S3fsCalls(options, identity, self.retrying)
        self.objects = BucketObjects(options, self.signed, self.retrying)
        self.listing = Listing(self.signed, self.retrying)

    markers_keep_metadata: bool | None = None
    """AWS does, SeaweedFS does not."""

    def close(self) -> None:
        super().close()
        self.calls.close()
        self.signed.close()
