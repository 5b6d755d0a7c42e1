"""The other end of a control socket: finding the daemon of a mount point, and asking it something."""

import os
import socket
import struct
from collections.abc import Iterator, Mapping
from dataclasses import astuple, dataclass
from typing import Any, Self

from vfs.control.messages import Answer, Request, receive_line
from vfs.control.places import socket_name, sockets_of
from vfs.engine.errors import BackendUnavailable, NotFound, StorageError

_CREDENTIALS = struct.Struct("3i")
"""`struct ucred` of unix(7): process, user, group."""


@dataclass(frozen=True, slots=True)
class Peer:
    """The process at the other end of a socket, as the kernel tells it."""

    pid: int
    uid: int


def peer_of(connection: socket.socket) -> Peer:
    """Who connected; seen from there, who listens."""
    pid, uid, _ = _CREDENTIALS.unpack(
        connection.getsockopt(socket.SOL_SOCKET, socket.SO_PEERCRED, _CREDENTIALS.size)
    )
    return Peer(pid, uid)


class Daemon:
    """A connection to a living daemon, for one request."""

    def __init__(self, path: str) -> None:
        """Raises BackendUnavailable where nobody listens."""
        self._connection = socket.socket(socket.AF_UNIX, socket.SOCK_STREAM | socket.SOCK_CLOEXEC)
        try:
            self._connection.connect(path)
        except OSError as error:
            self._connection.close()
            raise BackendUnavailable("nobody listens there", path) from error
        self.pid, self.uid = astuple(peer_of(self._connection))

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        self._connection.close()

    def ask(self, verb: str, arguments: Mapping[str, Any], *, timeout: float) -> Mapping[str, Any]:
        """What the daemon answers. Raises StorageError with its words, BackendUnavailable for none."""
        self._connection.settimeout(timeout)
        try:
            self._connection.sendall(Request(verb, arguments).line())
        except OSError as error:
            raise BackendUnavailable(f"the daemon does not listen: {error.strerror or error}") from error
        answer = Answer.parse(receive_line(self._connection))
        if answer.error is not None:
            raise StorageError(answer.error)
        return answer.result

    def talk(self, verb: str, *, timeout: float) -> socket.socket:
        """The connection, for what goes on over it once the daemon has agreed. Raises as `ask` does."""
        self.ask(verb, {}, timeout=timeout)
        self._connection.settimeout(None)
        return self._connection


def daemon_at(mountpoint: str) -> Daemon:
    """The daemon of ours that serves a mount point, or at a URL. Raises NotFound."""
    return daemon_on(mountpoint.rstrip("/") if "://" in mountpoint else os.path.realpath(mountpoint))


def daemon_on(mountpoint: str) -> Daemon:
    """As `daemon_at`, by a real path, which is not looked at."""
    name = socket_name(mountpoint)
    for path in sockets_of(os.getuid()):
        if os.path.basename(path) == name:
            try:
                return Daemon(path)
            except BackendUnavailable:
                continue
    raise NotFound("no vfs daemon of yours serves this mount point", mountpoint)


def daemons() -> Iterator[Daemon]:
    """Connections to all living daemons of this user; for root also to those of the system's units."""
    for path in sockets_of(os.getuid()):
        try:
            yield Daemon(path)
        except BackendUnavailable:
            continue


def daemon_of(pid: int) -> Daemon:
    """The daemon with this process number. Raises NotFound."""
    for daemon in daemons():
        if daemon.pid == pid:
            return daemon
        with daemon:
            continue
    raise NotFound(f"process {pid} is no vfs daemon of yours")
