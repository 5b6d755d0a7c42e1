"""What a workload is: something timed on a fresh mount, and the same without a mount."""

import time
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Protocol

from benchmarks.bucket import Bucket
from benchmarks.mount import Mount


class WrongBytes(Exception):
    """A mount gave, or stored, something else than it was given."""


class Workload(Protocol):
    """One or more rows of the table, measured together: a cold one and the warm one after it, say."""

    @property
    def name(self) -> str:
        """What `--only` calls it."""

    @property
    def rows(self) -> tuple[str, ...]:
        """The rows' titles."""

    def fill(self, bucket: Bucket) -> None:
        """Store what the workload needs; not timed, and done once a bucket."""

    def measure(self, mount: Mount) -> list[float]:
        """Seconds for each row, on a mount that has just come up.

        Raises WrongBytes, NeverDurable, and OSError where the mount itself fails.
        """

    def measure_raw(self, bucket: Bucket) -> list[float | None]:
        """Seconds for each row without any mount; None where that means nothing."""


class Stopwatch:
    """`seconds` is how long the block took."""

    seconds = 0.0


@contextmanager
def timed() -> Iterator[Stopwatch]:
    watch = Stopwatch()
    start = time.perf_counter()
    yield watch
    watch.seconds = time.perf_counter() - start
