"""Control groups of a test's own: what a systemd moves about in them are its own processes, nobody else's."""

import contextlib
import os
import secrets
from collections.abc import Iterator
from pathlib import Path

from tests.mounts.waiting import wait_until

ENTERING = """
for group; do echo $$ > "$group/cgroup.procs"; done
"""
"""For a shell: it, and what it becomes, is in the groups that its arguments name."""


def hierarchies() -> Iterator[str]:
    """Where those of systemd are mounted: the unified one, and the named one of old where both are there."""
    for line in Path("/proc/self/mounts").read_text().splitlines():
        _, place, kind, options, *_ = line.split()
        if kind == "cgroup2" or "name=systemd" in options.split(","):
            yield place


class ControlGroups:
    """One in each hierarchy of systemd that can be changed, from `make` to `remove`."""

    def __init__(self) -> None:
        name = f"vfs-test-{os.getpid()}-{secrets.token_hex(4)}"
        self.paths = [Path(place, name) for place in hierarchies() if os.access(place, os.W_OK)]

    def make(self) -> None:
        for group in self.paths:
            group.mkdir()

    def remove(self) -> None:
        """Once their processes have ended, with all groups that those made below."""
        for group in self.paths:
            _remove(group)


def _remove(group: Path) -> None:
    with contextlib.suppress(FileNotFoundError):
        for child in [path for path in group.iterdir() if path.is_dir()]:
            _remove(child)
        wait_until(lambda: _is_removed(group), 60, f"{group} to be empty")


def _is_removed(group: Path) -> bool:
    try:
        group.rmdir()
    except OSError:
        return False
    return True
