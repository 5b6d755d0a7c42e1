"""`vfsmount` under a supervisor: killed now and then, started again at once, and watched."""

import os
import secrets
import subprocess
import threading
from contextlib import suppress
from pathlib import Path

import yaml

from tests.mounts.daemon import Daemon
from tests.mounts.waiting import wait_until

KEPT, JOURNALED = "kept", "journaled"
"""The mounts: closing waits for the store in the one, for the journal in the other."""

_SAMPLE_SECONDS = 1.0


class SoakedDaemon(Daemon):
    """Both mounts of one bucket, at one door or both; blocks are cached on a file system that fills up."""

    def __init__(self, directory: str, bucket: dict[str, object], dav_port: int | None) -> None:
        self._cache = os.path.join(directory, "cache")
        self.dav_port = dav_port
        super().__init__(directory, bucket)

    def _write_config(self, storage: dict[str, object], cache: bool) -> None:
        waits = {"timeout": "4s", "deadline": "20s"}
        config: dict[str, object] = {
            "mounts": {
                KEPT: {**storage, **waits, "prefix": KEPT},
                JOURNALED: {**storage, **waits, "prefix": JOURNALED, "durability": "disk"},
            },
            # Twice what there is room for.
            "cache": {"directory": self._cache, "size": "64MiB", "memory": "32MiB"},
            "state": os.path.join(self.directory, "state"),
        }
        if self.dav_port is not None:
            config["webdav"] = {"host": "127.0.0.1", "port": self.dav_port}
        Path(self._config).write_text(yaml.safe_dump(config))

    def command(self) -> list[str]:
        command = super().command()
        whole = command.index("--mount")
        del command[whole : whole + 2]
        return command if self.dav_port is None else [*command, "--dav"]

    def make_cache(self) -> None:
        """A file system of 32 MiB for the cache."""
        os.makedirs(self._cache, exist_ok=True)
        subprocess.run(["mount", "-t", "tmpfs", "-o", "size=32m", "soak", self._cache], check=True)

    def remove_cache(self) -> None:
        subprocess.run(["umount", "--lazy", self._cache], check=False)

    def descriptors(self) -> int:
        """Open files, sockets among them."""
        return len(os.listdir(f"/proc/{self.pid}/fd"))


class Supervisor(threading.Thread):
    """Kills the daemon every `period` seconds; whenever it is not there it is started again."""

    def __init__(self, daemon: SoakedDaemon, period: float) -> None:
        super().__init__(name=f"supervisor-{secrets.token_hex(2)}", daemon=True)
        self.kills = 0
        self.failed_starts = 0
        self.resident: list[int] = []
        """KiB, sampled every second; each start begins anew."""
        self.descriptors: list[int] = []
        self.gave_up: BaseException | None = None
        self._daemon = daemon
        self._period = period
        self._over = threading.Event()

    def run(self) -> None:
        try:
            while not self._over.is_set():
                self._watch()
                if not self._over.is_set():
                    self._daemon.kill()
                    self.kills += 1
                    self._start()
        except BaseException as error:
            self.gave_up = error
            raise

    def _start(self) -> None:
        """As a supervisor does: again, where the store is away just then."""
        while not self._over.is_set():
            try:
                self._daemon.start()
                break
            except AssertionError:
                if self._daemon.is_running:
                    raise
                self.failed_starts += 1

    def _watch(self) -> None:
        """One life of the daemon, or what is left of it when all is over."""
        for _ in range(round(self._period / _SAMPLE_SECONDS)):
            if self._over.wait(_SAMPLE_SECONDS) or not self._daemon.is_running:
                return
            with suppress(FileNotFoundError, ProcessLookupError):
                self.resident.append(self._daemon.memory_kib("VmRSS"))
                self.descriptors.append(self._daemon.descriptors())

    def stop(self) -> None:
        """Leave the daemon as it is, running."""
        self._over.set()
        self.join()


def wait_until_quiet(daemon: SoakedDaemon, most: int, seconds: float) -> None:
    """Return once the daemon has `most` descriptors or fewer; raises AssertionError after `seconds`."""
    wait_until(lambda: daemon.descriptors() <= most, seconds, f"at most {most} descriptors")
