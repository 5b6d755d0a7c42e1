"""Everything that reaches one bucket: made once for a mount, shared by all that act on it."""

import threading
from concurrent.futures import ThreadPoolExecutor

from vfs.engine.backends.objects.keys import KeySpace
from vfs.engine.backends.objects.known import KnownPlaces
from vfs.engine.backends.objects.policy import AttributePolicy
from vfs.engine.backends.objects.retrying import Retrying
from vfs.engine.backends.s3.driver import S3fsCalls
from vfs.engine.backends.s3.identity import Identity
from vfs.engine.backends.s3.listing import Listing
from vfs.engine.backends.s3.objects import BucketObjects
from vfs.engine.backends.s3.options import S3Options
from vfs.engine.backends.s3.signed import SignedRequests

_THREADS = 32


class Connection:
    """One bucket as configured. Thread-safe. Nothing is sent before it is needed."""

    def __init__(self, options: S3Options) -> None:
        identity = Identity(options)
        self.options = options
        self.keys = KeySpace(options.prefix)
        self.known = KnownPlaces()
        self.retrying = Retrying(options.retries, options.timeout, options.deadline)
        self.signed = SignedRequests(options, identity)
        self.calls = S3fsCalls(options, identity, self.retrying)
        self.objects = BucketObjects(options, identity, self.signed, self.retrying)
        self.listing = Listing(self.signed, self.retrying)
        self._threads: ThreadPoolExecutor | None = None
        self._lock = threading.Lock()

    markers_keep_metadata: bool | None = None
    """AWS does, SeaweedFS does not."""

    @property
    def policy(self) -> AttributePolicy:
        return self.options.attributes

    @property
    def part_size(self) -> int:
        return self.options.part_size

    @property
    def keeps_attributes(self) -> bool:
        return self.options.attributes is AttributePolicy.STORE

    @property
    def threads(self) -> ThreadPoolExecutor:
        """For the requests of one act that can be under way together; such a task starts no other."""
        with self._lock:
            if self._threads is None:
                count = min(_THREADS, self.options.connections)
                self._threads = ThreadPoolExecutor(count, thread_name_prefix="vfs-s3")
            return self._threads

    def close(self) -> None:
        self.retrying.close()
        with self._lock:
            threads, self._threads = self._threads, None
        if threads is not None:
            threads.shutdown(wait=True, cancel_futures=True)
        self.calls.close()
        self.signed.close()
