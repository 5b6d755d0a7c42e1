"""Telling a supervisor such as systemd how far the service is."""

import logging
import os
import socket

log = logging.getLogger(__name__)


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
