"""Workloads that read no file at all: walking a tree, and asking for names that are not there."""

import os
import subprocess

from benchmarks import samples
from benchmarks.bucket import Bucket
from benchmarks.mount import Mount
from benchmarks.reading import SMALL, SMALL_FILES
from benchmarks.workload import WrongBytes, timed

ABSENT_NAMES = 500


class Find:
    """`find` with the sizes of 2,000 files in 20 folders, on a new mount and once more."""

    name = "find"
    rows = ("find with sizes over 2,000 files, cold", "find with sizes over 2,000 files, warm")

    def __init__(self) -> None:
        self._files = samples.tree(20, 100)

    def fill(self, bucket: Bucket) -> None:
        bucket.ensure({f"tree/{name}": data for name, data in self._files.items()})

    def measure(self, mount: Mount) -> list[float]:
        return [self._walk(mount.path("tree")), self._walk(mount.path("tree"))]

    def measure_raw(self, bucket: Bucket) -> list[float | None]:
        with timed() as watch:
            bucket.sizes("tree/")
        return [watch.seconds, None]

    def _walk(self, folder: str) -> float:
        with timed() as watch:
            found = subprocess.run(
                ["find", folder, "-type", "f", "-size", "+0", "-printf", "%s %P\\n"],
                check=True,
                capture_output=True,
                text=True,
            ).stdout
        if sorted(found.splitlines()) != sorted(f"{len(data)} {name}" for name, data in self._files.items()):
            raise WrongBytes(folder)
        return watch.seconds


class AbsentNames:
    """`stat` of 500 different names that are not in a folder of 200 files, on a new mount."""

    name = "absent-names"
    rows = (f"stat of {ABSENT_NAMES} absent names",)

    def fill(self, bucket: Bucket) -> None:
        files = samples.small_files(SMALL_FILES)
        bucket.ensure({f"{SMALL}/{name}": data for name, data in files.items()})

    def measure(self, mount: Mount) -> list[float]:
        paths = [mount.path(f"{SMALL}/absent-{number}") for number in range(ABSENT_NAMES)]
        with timed() as watch:
            found = [path for path in paths if os.path.exists(path)]
        if found:
            raise WrongBytes(found[0])
        return [watch.seconds]

    def measure_raw(self, bucket: Bucket) -> list[float | None]:
        with timed() as watch:
            for number in range(ABSENT_NAMES):
                bucket.exists(f"{SMALL}/absent-{number}")
        return [watch.seconds]
