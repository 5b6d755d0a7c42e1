"""What a mount of a bucket shares whatever its store: settings, keys, threads, the way of trying again."""

import threading
from concurrent.futures import ThreadPoolExecutor
from typing import Generic, TypeVar

from vfs.engine.backends.objects.keys import KeySpace
from vfs.engine.backends.objects.known import KnownPlaces
from vfs.engine.backends.objects.options import BucketOptions
from vfs.engine.backends.objects.policy import AttributePolicy
from vfs.engine.backends.objects.retrying import Retrying

OptionsT = TypeVar("OptionsT", bound=BucketOptions)

_THREADS = 32


class BucketConnection(Generic[OptionsT]):
    """One bucket as configured. Thread-safe. Nothing is sent before it is needed."""

    def __init__(self, options: OptionsT, keys: KeySpace) -> None:
        self.options = options
        self.keys = keys
        self.known = KnownPlaces()
        self.retrying = Retrying(options.retries, options.timeout, options.deadline)
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
                self._threads = ThreadPoolExecutor(count, thread_name_prefix="vfs-bucket")
            return self._threads

    def close(self) -> None:
        """Try nothing again, and wait for what is under way."""
        self.retrying.close()
        with self._lock:
            threads, self._threads = self._threads, None
        if threads is not None:
            threads.shutdown(wait=True, cancel_futures=True)
