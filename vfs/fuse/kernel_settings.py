"""Settings of a mounted file system that only the kernel's own files in /sys can change."""

import logging
import os
import re
from dataclasses import dataclass

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
        found = None
        with open("/proc/self/mountinfo", "rb") as mounts:
            for line in mounts:
                fields = line.split()
                if _unescaped(fields[4]) == os.fsencode(mountpoint):
                    major, minor = fields[2].split(b":")
                    found = cls(int(major), int(minor))
        return found

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


def _unescaped(path: bytes) -> bytes:
    """A path as mountinfo writes it, where space, tab, newline and backslash are octal."""
    return re.sub(rb"\\([0-7]{3})", lambda octal: bytes([int(octal[1], 8)]), path)


def _set(path: str, value: int) -> None:
    try:
        with open(path, "w", encoding="ascii") as setting:
            setting.write(str(value))
    except OSError as error:
        log.debug("%s stays as it is: %s", path, error)
