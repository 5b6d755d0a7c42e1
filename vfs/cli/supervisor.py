"""Telling a supervisor such as systemd how far the service is."""

import logging
import os
import socket
import time
from collections.abc import Sequence

from vfs.engine.files.tree import Unsent

log = logging.getLogger(__name__)


LONGEST_SILENCE = 5.0
"""Seconds between two words to a supervisor about how it goes."""


def alive_every() -> float | None:
    """Seconds between two signs of life, three in each period of a watchdog; None without a supervisor."""
    if not os.environ.get("NOTIFY_SOCKET"):
        return None
    period, process = os.environ.get("WATCHDOG_USEC", ""), os.environ.get("WATCHDOG_PID")
    if not period.isdecimal() or process not in {None, str(os.getpid())}:
        return LONGEST_SILENCE
    return min(LONGEST_SILENCE, int(period) / 3e6)


def notify(*assignments: str) -> None:
    """Send assignments of sd_notify(3), such as `READY=1`, where a supervisor listens for them."""
    address = os.environ.get("NOTIFY_SOCKET")
    if not address:
        return
    if address.startswith("@"):
        address = "\0" + address[1:]
    state = "\n".join(assignment.replace("\n", "; ") for assignment in assignments)
    try:
        with socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM | socket.SOCK_CLOEXEC) as channel:
            channel.sendto(state.encode(), address)
    except OSError as error:
        log.warning("the supervisor cannot be told %s: %s", state, error)


class Supervised:
    """What a service tells its supervisor alone, for those who report on one."""

    @property
    def alive_every(self) -> float | None:
        """Seconds between two signs of life; None where nobody wants any."""
        return alive_every()

    def alive(self, unsent: Sequence[Unsent]) -> None:
        """A sign of life, and what is on its way."""
        failing = sum(file.failure is not None for file in unsent)
        size = sum(file.size for file in unsent) / (1 << 20)
        told = f"{len(unsent)} file(s) unsent, {size:.1f} MiB, {failing} failing" if unsent else "all is sent"
        notify("WATCHDOG=1", f"STATUS={told}")

    def stopping(self) -> None:
        """The way out has begun."""
        notify("STOPPING=1")

    def reloading(self) -> None:
        """The configuration is being read again."""
        # The time is what `Type=notify-reload` of systemd.service(5) asks for.
        notify("RELOADING=1", f"MONOTONIC_USEC={time.monotonic_ns() // 1000}")

    def reloaded(self) -> None:
        """Whatever came of that."""
        notify("READY=1")
