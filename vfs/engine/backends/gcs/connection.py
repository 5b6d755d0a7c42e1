"""Everything that reaches one bucket: made once for a mount, shared by all that act on it."""

import threading
from concurrent.futures import ThreadPoolExecutor

from vfs.engine.backends.gcs.identity import Identity
from vfs.engine.backends.gcs.listing import Listing
from vfs.engine.backends.gcs.objects import GcsObjects
from vfs.engine.backends.gcs.options import GcsOptions
from vfs.engine.backends.gcs.requests import JsonRequests
from vfs.engine.backends.objects.keys import KeySpace
from vfs.engine.backends.objects.known import KnownPlaces
from vfs.engine.backends.objects.policy import AttributePolicy
from vfs.engine.backends.objects.retrying import Retrying

_THREADS = 32

PARTS_FOLDER = ".vfs-parts"
"""Where parts of big files wait to be composed, below the prefix. Reserved, and never listed."""


class Connection:
    """One bucket as configured. Thread-safe. Nothing is sent before it is needed, but for credentials."""

    markers_keep_metadata: bool | None = True

    def __init__(self, options: GcsOptions) -> None:
        self.options = options
        self.identity = Identity(options)
        self.keys = KeySpace(options.prefix, "Google Cloud Storage", reserved=PARTS_FOLDER)
        self.known = KnownPlaces()
        self.retrying = Retrying(options.retries, options.timeout, options.deadline)
        self.requests = JsonRequests(options, self.identity)
        self.objects = GcsObjects(options, self.identity, self.requests, self.retrying)
        self.listing = Listing(self.requests, self.retrying, options.store_name)
        # What the store does on its own side takes as long as the object is big.
        self.long_timeout = max(options.timeout, options.deadline)
        self._threads: ThreadPoolExecutor | None = None
        self._lock = threading.Lock()

    @property
    def policy(self) -> AttributePolicy:
        return self.options.attributes

    @property
    def keeps_attributes(self) -> bool:
        return self.options.attributes is AttributePolicy.STORE

    @property
    def part_size(self) -> int:
        return self.options.part_size

    @property
    def threads(self) -> ThreadPoolExecutor:
        """For the requests of one act that can be under way together; such a task starts no other."""
        with self._lock:
            if self._threads is None:
                count = min(_THREADS, self.options.connections)
                self._threads = ThreadPoolExecutor(count, thread_name_prefix="vfs-gcs")
            return self._threads

    def close(self) -> None:
        self.retrying.close()
        with self._lock:
            threads, self._threads = self._threads, None
        if threads is not None:
            threads.shutdown(wait=True, cancel_futures=True)
        self.requests.close()
        self.identity.close()
