"""One contender's mount: its process, its mount point, its cache folder, and how to start afresh."""

import os
import shutil
import signal
import subprocess
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

from benchmarks.bucket import Bucket, drop_page_cache

READY_SECONDS = 30.0
STOP_SECONDS = 60.0
HANG_SECONDS = 300.0


class MountFailed(Exception):
    """A contender did not come up; says what it printed."""


@dataclass(frozen=True, slots=True)
class Places:
    """The folders that one contender may use; `files` holds its configuration and log."""

    mountpoint: str
    cache: str
    files: str


CommandLine = Callable[[Bucket, Places], list[str]]
"""Writes what configuration the contender needs into `Places.files`, and gives the command to start it."""


class Mount:
    """A mount of one bucket. Each `mounted` block is a new process with an empty cache folder."""

    def __init__(self, name: str, command: CommandLine, bucket: Bucket, folder: str) -> None:
        self.name = name
        self.bucket = bucket
        self._command = command
        self._places = Places(*(os.path.join(folder, part) for part in ("mnt", "cache", "files")))
        os.makedirs(self._places.mountpoint)
        os.makedirs(self._places.files)

    def path(self, key: str = "") -> str:
        """Where a key is seen through the mount."""
        return os.path.join(self._places.mountpoint, key)

    def drop_page_cache(self) -> None:
        """Make the kernel forget the mount's files, and what the contender has put into its cache folder."""
        for folder, _, names in os.walk(self._places.cache):
            for name in names:
                descriptor = os.open(os.path.join(folder, name), os.O_RDONLY)
                os.fdatasync(descriptor)
                os.close(descriptor)
        drop_page_cache()

    @property
    def log(self) -> str:
        return os.path.join(self._places.files, "log")

    @contextmanager
    def mounted(self) -> Iterator[None]:
        """Mounted afresh inside the block. A contender that hangs is killed, so that its calls fail."""
        shutil.rmtree(self._places.cache, ignore_errors=True)
        os.makedirs(self._places.cache)
        process = self._start()
        guard = threading.Timer(HANG_SECONDS, process.kill)
        guard.daemon = True
        guard.start()
        try:
            yield
        finally:
            guard.cancel()
            self._stop(process)

    def _start(self) -> subprocess.Popen[bytes]:
        with open(self.log, "ab") as log:
            process = subprocess.Popen(
                self._command(self.bucket, self._places), stdout=log, stderr=log, stdin=subprocess.DEVNULL
            )
        deadline = time.monotonic() + READY_SECONDS
        while not self._is_mounted():
            if process.poll() is not None or time.monotonic() > deadline:
                process.kill()
                words = Path(self.log).read_text(errors="replace")[-2000:]
                raise MountFailed(f"{self.name} did not mount:\n{words}")
            time.sleep(0.02)
        os.stat(self._places.mountpoint)
        return process

    def _stop(self, process: subprocess.Popen[bytes]) -> None:
        process.send_signal(signal.SIGTERM)
        try:
            process.wait(STOP_SECONDS)
        except subprocess.TimeoutExpired:
            process.kill()
            process.wait()
        if self._is_mounted():
            subprocess.run(["fusermount3", "-u", "-z", self._places.mountpoint], check=True)

    def _is_mounted(self) -> bool:
        lines = Path("/proc/self/mountinfo").read_text().splitlines()
        return any(line.split()[4] == self._places.mountpoint for line in lines)
