"""`vfs reload`: what is asked of daemons that serve mounts."""

import argparse
import os
from collections.abc import Mapping, Sequence
from typing import Any

from vfs.cli.exit_status import OK
from vfs.cli.verbs import Verbs, add_verb, seconds
from vfs.control.client import Daemon, daemon_at, daemon_of, daemons
from vfs.engine.errors import ConfigError, StorageError

_INFO_TIMEOUT = 5.0
"""Seconds in which a daemon tells what it serves."""


def add_verbs(verbs: "Verbs[argparse.ArgumentParser]") -> None:
    """Add the verbs of this module."""
    reload = add_verb(verbs, "reload", "Have a daemon read its configuration again.", _reload)
    which = reload.add_mutually_exclusive_group()
    which.add_argument("mountpoint", metavar="MOUNTPOINT", nargs="?", help="default: the only one there is")
    which.add_argument("--pid", type=int, help="the daemon's process number")
    reload.add_argument(
        "--timeout", type=seconds, default=300.0, metavar="TIME", help="for the answer; default: 5m"
    )


def _reload(arguments: argparse.Namespace) -> int:
    with _chosen(arguments.mountpoint, arguments.pid) as daemon:
        done = daemon.ask("reload", {}, timeout=arguments.timeout)
    print("\n".join(_lines(done)) or "nothing has changed")
    return OK


def _lines(done: Mapping[str, Any]) -> list[str]:
    return [
        f"{act}: {', '.join(names)}" for act, names in done.items() if isinstance(names, Sequence) and names
    ]


def _chosen(mountpoint: str | None, pid: int | None) -> Daemon:
    if mountpoint is not None:
        return daemon_at(mountpoint)
    return daemon_of(pid) if pid is not None else _only_one()


def _only_one() -> Daemon:
    """The one daemon of this user. Raises ConfigError where there are several, StorageError without any."""
    found = list(daemons())
    if len(found) == 1:
        return found[0]
    served = []
    for daemon in found:
        with daemon:
            served.append(str(daemon.ask("info", {}, timeout=_INFO_TIMEOUT).get("mountpoint")))
    if not served:
        raise StorageError(f"user {os.getuid()} has no vfs daemon running")
    raise ConfigError(f"several daemons are running; say which: {', '.join(sorted(served))}")
