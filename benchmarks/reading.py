"""Workloads that read files: big ones in order and at random, the first byte, and many small ones."""

import os
import subprocess

from benchmarks import samples
from benchmarks.bucket import Bucket, drop_page_cache
from benchmarks.mount import Mount
from benchmarks.workload import WrongBytes, timed

BIG = "big.bin"
SMALL = "small"
RANDOM_READS = 500
SMALL_FILES = 200


def warm_store(bucket: Bucket, key: str, size: int) -> None:
    """Empty the page cache, then let the server read the object: a cold mount is measured, not its disk."""
    drop_page_cache()
    bucket.get_in_ranges(key, size)


class SequentialRead:
    """`dd` of 256 MiB, never read before, and again with nothing in the page cache."""

    name = "sequential-read"
    rows = ("sequential read 256 MiB, cold", "sequential read 256 MiB, warm")

    def fill(self, bucket: Bucket) -> None:
        bucket.ensure({BIG: samples.big()})

    def measure(self, mount: Mount) -> list[float]:
        path = mount.path(BIG)
        warm_store(mount.bucket, BIG, samples.BIG_BYTES)
        with timed() as cold:
            read_in_order(path)
        mount.drop_page_cache()
        with timed() as warm:
            read_in_order(path)
        with open(path, "rb") as file:
            if file.read() != samples.big():
                raise WrongBytes(path)
        return [cold.seconds, warm.seconds]

    def measure_raw(self, bucket: Bucket) -> list[float | None]:
        warm_store(bucket, BIG, samples.BIG_BYTES)
        with timed() as watch:
            bucket.get_in_ranges(BIG, samples.BIG_BYTES)
        return [watch.seconds, None]


class RandomRead:
    """4 KiB at random places of a 256 MiB file, and the same places again with nothing in the page cache."""

    name = "random-read"
    rows = (f"{RANDOM_READS} random 4 KiB reads, cold", f"{RANDOM_READS} random 4 KiB reads, warm")

    def __init__(self) -> None:
        self._offsets = samples.random_offsets(RANDOM_READS)

    def fill(self, bucket: Bucket) -> None:
        bucket.ensure({BIG: samples.big()})

    def measure(self, mount: Mount) -> list[float]:
        warm_store(mount.bucket, BIG, samples.BIG_BYTES)
        cold = self._read_blocks(mount.path(BIG))
        mount.drop_page_cache()
        return [cold, self._read_blocks(mount.path(BIG))]

    def measure_raw(self, bucket: Bucket) -> list[float | None]:
        warm_store(bucket, BIG, samples.BIG_BYTES)
        with timed() as watch:
            for offset in self._offsets:
                bucket.get_range(BIG, offset, offset + samples.BLOCK_BYTES)
        return [watch.seconds, None]

    def _read_blocks(self, path: str) -> float:
        descriptor = os.open(path, os.O_RDONLY)
        try:
            with timed() as watch:
                blocks = [os.pread(descriptor, samples.BLOCK_BYTES, offset) for offset in self._offsets]
        finally:
            os.close(descriptor)
        for block, offset in zip(blocks, self._offsets, strict=True):
            if block != samples.big()[offset : offset + samples.BLOCK_BYTES]:
                raise WrongBytes(f"{path} at {offset}")
        return watch.seconds


class FirstByte:
    """Opening a 256 MiB file on a new mount, and one byte from it."""

    name = "first-byte"
    rows = ("open and first byte of 256 MiB",)

    def fill(self, bucket: Bucket) -> None:
        bucket.ensure({BIG: samples.big()})

    def measure(self, mount: Mount) -> list[float]:
        warm_store(mount.bucket, BIG, samples.BIG_BYTES)
        with timed() as watch, open(mount.path(BIG), "rb", buffering=0) as file:
            first = file.read(1)
        if first != samples.big()[:1]:
            raise WrongBytes(mount.path(BIG))
        return [watch.seconds]

    def measure_raw(self, bucket: Bucket) -> list[float | None]:
        warm_store(bucket, BIG, samples.BIG_BYTES)
        with timed() as watch:
            bucket.get_range(BIG, 0, 1)
        return [watch.seconds]


class SmallFilesRead:
    """200 files of 16 KiB on a new mount, one after another."""

    name = "small-files-read"
    rows = (f"{SMALL_FILES} files of 16 KiB read, cold",)

    def __init__(self) -> None:
        self._files = {f"{SMALL}/{name}": data for name, data in samples.small_files(SMALL_FILES).items()}

    def fill(self, bucket: Bucket) -> None:
        bucket.ensure(self._files)

    def measure(self, mount: Mount) -> list[float]:
        drop_page_cache()
        self._read_raw(mount.bucket)
        with timed() as watch:
            found = {key: _content(mount.path(key)) for key in self._files}
        if found != self._files:
            raise WrongBytes(mount.path(SMALL))
        return [watch.seconds]

    def measure_raw(self, bucket: Bucket) -> list[float | None]:
        drop_page_cache()
        self._read_raw(bucket)
        with timed() as watch:
            self._read_raw(bucket)
        return [watch.seconds]

    def _read_raw(self, bucket: Bucket) -> None:
        for key, data in self._files.items():
            bucket.get_range(key, 0, len(data))


def read_in_order(path: str) -> None:
    subprocess.run(["dd", f"if={path}", "of=/dev/null", "bs=1M", "status=none"], check=True)


def _content(path: str) -> bytes:
    with open(path, "rb", buffering=0) as file:
        return file.read()
