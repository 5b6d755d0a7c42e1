"""Everything that reaches one bucket: made once for a mount, shared by all that act on it."""

from vfs.engine.backends.gcs.identity import Identity
from vfs.engine.backends.gcs.listing import Listing
from vfs.engine.backends.gcs.objects import GcsObjects
from vfs.engine.backends.gcs.options import GcsOptions
from vfs.engine.backends.gcs.requests import JsonRequests
from vfs.engine.backends.objects.connection import BucketConnection
from vfs.engine.backends.objects.keys import KeySpace

PARTS_FOLDER = ".vfs-parts"
"""Where parts of big files wait to be composed, below the prefix. Reserved, and never listed."""


class Connection(BucketConnection[GcsOptions]):
    """One bucket of Cloud Storage, by its JSON API and obstore. Credentials are looked for at once."""

    markers_keep_metadata: bool | None = True

    def __init__(self, options: GcsOptions) -> None:
        super().__init__(options, KeySpace(options.prefix, "Google Cloud Storage", reserved=PARTS_FOLDER))
        self.identity = Identity(options)
        self.requests = JsonRequests(options, self.identity)
        self.objects = GcsObjects(options, self.identity, self.requests, self.retrying)
        self.listing = Listing(self.requests, self.retrying, options.store_name)

    def close(self) -> None:
        super().close()
        self.requests.close()
        self.identity.close()
