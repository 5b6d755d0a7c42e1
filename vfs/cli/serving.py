"""The daemons of this user that are running: what each serves, and under which path it shows a mount."""

import os
import socket
from collections.abc import Iterable, Mapping
from contextlib import ExitStack, suppress
from dataclasses import dataclass
from typing import Any

from vfs.control.client import Daemon, daemon_at, daemons
from vfs.engine.errors import StorageError

INFO_TIMEOUT = 5.0
"""Seconds in which a daemon tells what it serves."""


@dataclass(frozen=True, slots=True)
class Serving:
    """What one daemon says of itself. Paths are real paths."""

    pid: int
    mountpoint: str
    """A URL where nothing is mounted."""
    config: str
    mounts: tuple[str, ...]
    alone: str | None
    """The mount that is shown as the root, if one is."""
    is_ours: bool = True
    """False for one that root sees and another user runs: it is asked how it does, and is given no work."""

    @property
    def is_mounted(self) -> bool:
        """False for a daemon that shows its mounts at a URL alone."""
        return os.path.isabs(self.mountpoint)

    def path_of(self, mount: str) -> str | None:
        """Where the root of a mount is seen; None for one that is not shown."""
        if not self.is_mounted:
            return None
        if self.alone is not None:
            return self.mountpoint if mount == self.alone else None
        return os.path.join(self.mountpoint, mount) if mount in self.mounts else None

    def place_of(self, path: str) -> tuple[str, str] | None:
        """The mount and the key that a real path stands for; None outside of any mount."""
        if not self.is_mounted:
            return None
        below = os.path.relpath(path, self.mountpoint)
        if below == ".." or below.startswith("../"):
            return None
        key = "" if below == "." else below
        if self.alone is not None:
            return self.alone, key
        mount, _, rest = key.partition("/")
        return (mount, rest) if mount in self.mounts else None

    def talk(self) -> socket.socket:
        """A conversation with the daemon about its trees. Raises StorageError."""
        with ExitStack() as closing:
            daemon = closing.enter_context(daemon_at(self.mountpoint))
            connection = daemon.talk("trees", timeout=INFO_TIMEOUT)
            closing.pop_all()
            return connection

    def ask(self, verb: str, arguments: Mapping[str, Any], *, timeout: float) -> Mapping[str, Any]:
        """What the daemon answers to one request. Raises StorageError."""
        with daemon_at(self.mountpoint) as daemon:
            return daemon.ask(verb, arguments, timeout=timeout)


def servings(among: Iterable[Daemon] | None = None) -> list[Serving]:
    """All daemons of this user that say what they serve, in time; another one is none of ours.

    The connections to those `among` which they are looked for are closed.
    """
    found = []
    for daemon in daemons() if among is None else among:
        with daemon, suppress(StorageError):
            found.append(serving_of(daemon))
    return found


def serving_of(daemon: Daemon) -> Serving:
    """What a daemon says of itself. Raises StorageError where it says nothing, or not in time."""
    info = daemon.ask("info", {}, timeout=INFO_TIMEOUT)
    alone = info.get("alone")
    return Serving(
        pid=daemon.pid,
        mountpoint=str(info.get("mountpoint")),
        config=str(info.get("config", "")),
        mounts=tuple(map(str, info.get("mounts", ()))),
        alone=None if alone is None else str(alone),
        is_ours=daemon.uid == os.getuid(),
    )
