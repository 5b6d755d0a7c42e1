"""Workloads that write: each is timed until the store itself has everything."""

import os
import random
import subprocess
import tempfile

from benchmarks import samples
from benchmarks.bucket import Bucket, drop_page_cache
from benchmarks.mount import Mount
from benchmarks.workload import WrongBytes, timed

SMALL_FILES = 200
PIECE = 1 << 20


class SequentialWrite:
    """A new file of 256 MiB, written in pieces of 1 MiB."""

    name = "sequential-write"
    rows = ("sequential write 256 MiB, until durable",)

    def fill(self, bucket: Bucket) -> None:
        samples.big()

    def measure(self, mount: Mount) -> list[float]:
        key, data = mount.bucket.fresh_name(), memoryview(samples.big())
        with timed() as watch:
            with open(mount.path(key), "wb", buffering=0) as file:
                file.writelines(data[start : start + PIECE] for start in range(0, len(data), PIECE))
            mount.bucket.wait_for_object(key, len(data))
        _check_and_delete(mount.bucket, {key: samples.big()})
        return [watch.seconds]

    def measure_raw(self, bucket: Bucket) -> list[float | None]:
        key = bucket.fresh_name()
        with timed() as watch:
            bucket.put(key, samples.big())
        bucket.delete([key])
        return [watch.seconds]


class SmallFilesWrite:
    """200 new files of 16 KiB in a new folder, one after another."""

    name = "small-files-write"
    rows = (f"{SMALL_FILES} files of 16 KiB written, until durable",)

    def __init__(self) -> None:
        self._files = samples.small_files(SMALL_FILES)

    def fill(self, bucket: Bucket) -> None:
        """Nothing has to be there."""

    def measure(self, mount: Mount) -> list[float]:
        folder = mount.bucket.fresh_name()
        stored = {f"{folder}/{name}": data for name, data in self._files.items()}
        with timed() as watch:
            os.mkdir(mount.path(folder))
            for key, data in stored.items():
                with open(mount.path(key), "wb", buffering=0) as file:
                    file.write(data)
            mount.bucket.wait_for_objects(f"{folder}/", _sizes(stored))
        _check_and_delete(mount.bucket, stored)
        return [watch.seconds]

    def measure_raw(self, bucket: Bucket) -> list[float | None]:
        folder = bucket.fresh_name()
        with timed() as watch:
            for name, data in self._files.items():
                bucket.put(f"{folder}/{name}", data)
        bucket.delete(f"{folder}/{name}" for name in self._files)
        return [watch.seconds]


class Untar:
    """`tar x` of 300 files in 10 folders."""

    name = "untar"
    rows = ("untar of 300 files, until durable",)

    def __init__(self) -> None:
        self._files = samples.tree(10, 30)

    def fill(self, bucket: Bucket) -> None:
        """Nothing has to be there."""

    def measure(self, mount: Mount) -> list[float]:
        folder = mount.bucket.fresh_name()
        stored = {f"{folder}/{name}": data for name, data in self._files.items()}
        with tempfile.NamedTemporaryFile(suffix=".tar") as archive:
            archive.write(samples.tar_of(self._files))
            archive.flush()
            os.mkdir(mount.path(folder))
            with timed() as watch:
                subprocess.run(["tar", "xf", archive.name, "-C", mount.path(folder)], check=True)
                mount.bucket.wait_for_objects(f"{folder}/", _sizes(stored))
        _check_and_delete(mount.bucket, stored)
        return [watch.seconds]

    def measure_raw(self, bucket: Bucket) -> list[float | None]:
        folder = bucket.fresh_name()
        with timed() as watch:
            for name, data in self._files.items():
                bucket.put(f"{folder}/{name}", data)
        bucket.delete(f"{folder}/{name}" for name in self._files)
        return [watch.seconds]


class MiddleEdit:
    """4 KiB written into the middle of a 256 MiB object that the mount has not read before."""

    name = "middle-edit"
    rows = ("4 KiB edit in the middle of 256 MiB, until durable",)
    key = "edited.bin"
    offset = samples.BIG_BYTES // 2

    def fill(self, bucket: Bucket) -> None:
        bucket.ensure({self.key: samples.big()})

    def measure(self, mount: Mount) -> list[float]:
        drop_page_cache()
        block = random.randbytes(samples.BLOCK_BYTES)
        with timed() as watch:
            with open(mount.path(self.key), "r+b", buffering=0) as file:
                file.seek(self.offset)
                file.write(block)
            mount.bucket.wait_for_bytes(self.key, self.offset, block)
        whole = bytearray(samples.big())
        whole[self.offset : self.offset + len(block)] = block
        if mount.bucket.get_range(self.key, 0, samples.BIG_BYTES + 1) != whole:
            raise WrongBytes(self.key)
        return [watch.seconds]

    def measure_raw(self, bucket: Bucket) -> list[float | None]:
        drop_page_cache()
        with timed() as watch:
            bucket.replace_block(self.key, self.offset, random.randbytes(samples.BLOCK_BYTES))
        return [watch.seconds]


def _sizes(stored: dict[str, bytes]) -> dict[str, int]:
    return {key: len(data) for key, data in stored.items()}


def _check_and_delete(bucket: Bucket, stored: dict[str, bytes]) -> None:
    """Compare what the store has with what was written, then make room."""
    for key, data in stored.items():
        if bucket.get_range(key, 0, len(data)) != data:
            raise WrongBytes(key)
    bucket.delete(stored)
