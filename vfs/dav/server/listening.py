"""Sockets to listen at: one of our own, or those that a supervisor has opened for us (sd_listen_fds(3))."""

import os
import socket
from collections.abc import Mapping

from vfs.engine import ConfigError, StorageError

_FIRST_PASSED = 3
_BACKLOG = 512


def listen(host: str, port: int) -> socket.socket:
    """A listening socket; an empty host is every address, of either family. Raises StorageError."""
    try:
        if host in {"", "::"} and socket.has_dualstack_ipv6():
            return socket.create_server(
                ("", port), family=socket.AF_INET6, backlog=_BACKLOG, dualstack_ipv6=host == ""
            )
        family = socket.AF_INET6 if ":" in host else socket.AF_INET
        return socket.create_server((host, port), family=family, backlog=_BACKLOG)
    except OSError as error:
        raise StorageError(f"cannot listen at {host or '*'}:{port}: {error.strerror or error}") from error


def passed(environ: Mapping[str, str]) -> list[socket.socket]:
    """The sockets that were opened for this process; none where no supervisor did. Raises ConfigError."""
    if environ.get("LISTEN_PID") != str(os.getpid()):
        return []
    try:
        count = int(environ.get("LISTEN_FDS", "0"))
        found = [socket.socket(fileno=_FIRST_PASSED + number) for number in range(count)]
    except (OSError, ValueError) as error:
        raise ConfigError(f"LISTEN_FDS: these are no sockets: {error}") from error
    for each in found:
        each.set_inheritable(False)
        if not each.getsockopt(socket.SOL_SOCKET, socket.SO_ACCEPTCONN):
            raise ConfigError("LISTEN_FDS: a socket that does not listen")
    return found


def host_of(listening: socket.socket) -> str:
    """The address that is listened at; that of the loopback for a socket that is a file."""
    name = listening.getsockname()
    return str(name[0]) if isinstance(name, tuple) else "127.0.0.1"


def url_of(listening: socket.socket, *, is_tls: bool) -> str:
    """Where clients find it."""
    name = listening.getsockname()
    if not isinstance(name, tuple):
        return f"unix:{name}"
    host, port = name[:2]
    written = f"[{host}]" if ":" in host else host
    return f"{'https' if is_tls else 'http'}://{written}:{port}"
