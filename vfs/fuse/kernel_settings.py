"""Settings of a mounted file system that only the kernel's own files in /sys can change."""

import logging
from dataclasses import dataclass

from vfs.fuse.mount_table import find_mount

log = logging.getLogger(__name__)

MAX_BACKGROUND = 64
"""Requests, read-ahead among them, that the kernel sends without waiting; 12 by default."""


@dataclass(frozen=True, slots=True)
class Connection:
    """The kernel's side of one mount, by its device number."""

    major: int
    minor: int

    @classmethod
    def of(cls, mountpoint: str) -> "Connection | None":
        """That of a mount on a real path, None when nothing is mounted there. Does not touch the mount."""
        found = find_mount(mountpoint)
        return None if found is None else cls(*found.device)

    def tune(self, read_ahead_kb: int) -> None:
        """Let the kernel read further ahead and have more requests on their way, where we may say so.

        A buffered read is never bigger than the read-ahead. Without the right to change it (it takes root)
        all works, slower.
        """
        _set(f"/sys/class/bdi/{self.major}:{self.minor}/read_ahead_kb", read_ahead_kb)
        _set(f"{self._directory}/max_background", MAX_BACKGROUND)
        _set(f"{self._directory}/congestion_threshold", MAX_BACKGROUND * 3 // 4)

    def abort(self) -> None:
        """Fail whatever programs wait for. Only while mounted: the number is used again afterwards."""
        _set(f"{self._directory}/abort", 1)

    @property
    def _directory(self) -> str:
        return f"/sys/fs/fuse/connections/{self.minor}"


def _set(path: str, value: int) -> None:
    try:
        with open(path, "w", encoding="ascii") as setting:
            setting.write(str(value))
    except OSError as error:
        log.debug("%s stays as it is: %s", path, error)
