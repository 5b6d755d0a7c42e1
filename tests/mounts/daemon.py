"""One real `vfsmount` daemon, as a subprocess on a generated configuration."""

import contextlib
import os
import signal
import subprocess
import sys
from collections.abc import Iterator, Sequence
from pathlib import Path

import yaml

from tests.mounts.waiting import wait_until

VFSMOUNT = str(Path(sys.executable).with_name("vfsmount"))
READY_SECONDS = 120
STOP_SECONDS = 60


class Daemon:
    """A mount of one storage. `start` returns when it answers; after `kill` the mount point is stale."""

    def __init__(
        self, directory: str, storage: dict[str, object], *, options: Sequence[str] = (), cache: bool = True
    ) -> None:
        self.directory = directory
        self.mountpoint = os.path.join(directory, "mnt")
        self.log = os.path.join(directory, "log")
        self.options = ("allow_other", "default_permissions", *options)
        self._config = os.path.join(directory, "config.yaml")
        self._process: subprocess.Popen[bytes] | None = None
        os.makedirs(self.mountpoint, exist_ok=True)
        self._write_config(storage, cache)

    def _write_config(self, storage: dict[str, object], cache: bool) -> None:
        config: dict[str, object] = {"mounts": {"main": storage}, "main": "main"}
        config["cache"] = {
            "directory": os.path.join(self.directory, "cache") if cache else None,
            "memory": "64MiB",
        }
        config["state"] = os.path.join(self.directory, "state")
        Path(self._config).write_text(yaml.safe_dump(config))

    def command(self) -> list[str]:
        return [VFSMOUNT, self._config, self.mountpoint, "--mount", "main", "-o", ",".join(self.options)]

    def start(self) -> None:
        """Mount; raises AssertionError with the daemon's own words when it does not come up."""
        with open(self.log, "ab") as log:
            self._process = subprocess.Popen(
                [*self.command(), "--foreground"], stdout=log, stderr=log, start_new_session=True
            )
        with killed_after(self, READY_SECONDS):
            wait_until(lambda: self.answers or not self.is_running, READY_SECONDS, "the mount to answer")
        assert self.is_running, f"vfsmount gave up:\n{self.words()}"

    @property
    def pid(self) -> int:
        assert self._process is not None
        return self._process.pid

    @property
    def is_running(self) -> bool:
        return self._process is not None and self._process.poll() is None

    @property
    def is_mounted(self) -> bool:
        """True while the kernel has something mounted there, be its daemon alive or not."""
        mounts = Path("/proc/self/mountinfo").read_text().splitlines()
        return any(line.split()[4] == self.mountpoint for line in mounts)

    @property
    def answers(self) -> bool:
        """True once the mount point is a mount and no stale one."""
        try:
            # Unlike stat, never answered from what the kernel remembers of a dead mount.
            os.statvfs(self.mountpoint)
        except OSError:
            return False
        return self.is_mounted

    def words(self) -> str:
        """What the daemon has said so far."""
        return Path(self.log).read_text(errors="replace") if os.path.exists(self.log) else ""

    def kill(self) -> None:
        """SIGKILL: no goodbye; the mount point stays behind, stale."""
        if self._process is not None:
            self._process.kill()
            self._process.wait()

    def stop(self) -> int:
        """SIGTERM, and wait for what is unsent; the exit code comes back. Unmounts in any case."""
        assert self._process is not None
        try:
            self._process.send_signal(signal.SIGTERM)
            return self._process.wait(STOP_SECONDS)
        finally:
            self.clear()

    def clear(self) -> None:
        """Kill what still runs and take the mount point away, whatever state they are in."""
        self.kill()
        if self.is_mounted:
            done = subprocess.run(
                ["fusermount3", "-u", "-z", self.mountpoint], capture_output=True, check=False
            )
            # The watch beside a killed daemon may have taken its mount away meanwhile.
            assert done.returncode == 0 or not self.is_mounted, done.stderr

    def memory_kib(self, field: str) -> int:
        """A figure of /proc/PID/status in KiB; VmHWM is the peak of resident memory."""
        for line in Path(f"/proc/{self.pid}/status").read_text().splitlines():
            if line.startswith(f"{field}:"):
                return int(line.split()[1])
        raise AssertionError(f"no {field} in /proc/{self.pid}/status")


@contextlib.contextmanager
def mounted(daemon: Daemon) -> Iterator[Daemon]:
    """The daemon, running inside the block and gone after it."""
    try:
        daemon.start()
        yield daemon
    finally:
        daemon.clear()


@contextlib.contextmanager
def killed_after(daemon: Daemon, seconds: int) -> Iterator[None]:
    """Turns a hang of the mount inside the block into an error at the call that hangs: the daemon dies.

    A process does it and no thread: a page fault in a mapping of a dead mount holds the interpreter's lock.
    """
    guard = subprocess.Popen(["sh", "-c", f"sleep {seconds}; kill -9 {daemon.pid}"], start_new_session=True)
    try:
        yield
    finally:
        os.killpg(guard.pid, signal.SIGKILL)
        guard.wait()
