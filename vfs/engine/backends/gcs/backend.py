"""The `gcs` backend: one bucket of Google Cloud Storage, or a prefix in it, as a tree of files."""

from vfs.engine.backend import SignsUrls
from vfs.engine.backends.gcs.bucket import GcsBucket
from vfs.engine.backends.gcs.options import GcsOptions
from vfs.engine.backends.gcs.originals import GcsOriginals
from vfs.engine.backends.gcs.parts import LARGEST_OBJECT, MAX_PARTS, part_limits
from vfs.engine.backends.gcs.signing import Signing
from vfs.engine.backends.gcs.versions import Versions
from vfs.engine.backends.objects.backend import ObjectBackend
from vfs.engine.capabilities import Capability
from vfs.engine.originals import CopiesFrom, TellsOriginal


class GcsBackend(ObjectBackend):
    """A bucket of Google Cloud Storage, or of a server with its JSON API."""

    def __init__(self, options: GcsOptions) -> None:
        self.location = f"gs://{options.bucket}/{options.prefix}?at={options.endpoint_url or 'google'}"
        bucket = GcsBucket(options)
        super().__init__(bucket)
        self._versions = Versions(bucket, self._places, self._files)
        originals = GcsOriginals(bucket, self._places, self._files)
        self._abilities |= {TellsOriginal: originals, CopiesFrom: originals}
        if bucket.identity.can_sign:
            self._abilities[SignsUrls] = Signing(bucket)
            self.extra_capabilities = frozenset({Capability.PRESIGNED_URLS})
        self.part_limits = part_limits(options.part_size)
        self.largest_file = min(LARGEST_OBJECT, options.part_size * MAX_PARTS)
