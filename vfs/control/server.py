"""The daemon's end of its control socket: each request in a thread of its own, for its owner alone."""

import contextlib
import logging
import os
import secrets
import socket
import threading
from collections.abc import Callable, Mapping
from typing import Any

from vfs.control.client import peer_of
from vfs.control.messages import Answer, Request, receive_line
from vfs.control.places import private_folder, socket_name
from vfs.engine.errors import ResourceLocked, StorageError, from_os_error
from vfs.engine.spelling import did_you_mean

log = logging.getLogger(__name__)

Verb = Callable[[Mapping[str, Any]], Mapping[str, Any]]
"""Answers one kind of request, in a thread of its own; raises StorageError for what the asker is told."""

Talk = Callable[[socket.socket], None]
"""Goes on over the connection when the request for it was answered, until the asker goes away."""

PATIENCE = 10.0
"""Seconds in which a peer that connected must have said what it wants."""


class ControlServer:
    """Listens until closed. Whoever is not the daemon's own user or root is not answered."""

    def __init__(
        self, mountpoint: str, verbs: Mapping[str, Verb], talks: Mapping[str, Talk] | None = None
    ) -> None:
        """`mountpoint` is a real path; a daemon that looked at it would wait for its own answer.

        Raises StorageError where no socket can be made, ResourceLocked where another daemon has it.
        """
        self._verbs = dict(verbs)
        self._talks = dict(talks or {})
        self._talking: set[socket.socket] = set()
        self._is_over = False
        self._lock = threading.Lock()
        self.path = os.path.join(private_folder(), socket_name(mountpoint))
        self._listener = _listening_at(self.path)
        self._identity = os.stat(self.path).st_ino
        self._thread = threading.Thread(target=self._accept, name="vfs-control", daemon=True)
        self._thread.start()

    def close(self) -> None:
        """Stop listening; requests that are being worked on are finished without anybody waiting for it.

        Talks are cut: what is being said then is answered by nobody.
        """
        with contextlib.suppress(OSError):
            # Closing alone would not wake the thread that accepts.
            self._listener.shutdown(socket.SHUT_RDWR)
        self._listener.close()
        self._thread.join()
        with self._lock:
            self._is_over = True
            for connection in self._talking:
                with contextlib.suppress(OSError):
                    connection.shutdown(socket.SHUT_RDWR)
        with contextlib.suppress(FileNotFoundError):
            if os.stat(self.path).st_ino == self._identity:
                os.unlink(self.path)

    def _accept(self) -> None:
        while True:
            try:
                connection, _ = self._listener.accept()
            except OSError:
                return
            threading.Thread(
                target=self._serve, args=(connection,), name="vfs-control-request", daemon=True
            ).start()

    def _serve(self, connection: socket.socket) -> None:
        with connection:
            if peer_of(connection).uid not in {0, os.getuid()}:
                log.warning("a process of user %d was not answered", peer_of(connection).uid)
                return
            connection.settimeout(PATIENCE)
            try:
                line = receive_line(connection)
                talk = self._talk_asked_for(line)
                answer = self._answer(line) if talk is None else Answer()
                connection.sendall(answer.line())
                if talk is not None:
                    self._talk(connection, talk)
            except (OSError, StorageError) as error:
                log.debug("a request came to nothing: %s", error)

    def _talk_asked_for(self, line: bytes) -> Talk | None:
        try:
            return self._talks.get(Request.parse(line).verb)
        except StorageError:
            return None

    def _talk(self, connection: socket.socket, talk: Talk) -> None:
        connection.settimeout(None)
        with self._lock:
            if self._is_over:
                return
            self._talking.add(connection)
        try:
            talk(connection)
        finally:
            with self._lock:
                self._talking.discard(connection)

    def _answer(self, line: bytes) -> Answer:
        try:
            request = Request.parse(line)
            verb = self._verbs.get(request.verb)
            if verb is None:
                raise StorageError(
                    f"unknown request {request.verb!r}; {did_you_mean(request.verb, self._verbs)}"
                )
            return Answer(verb(request.arguments))
        except StorageError as error:
            return Answer(error=str(error))
        except Exception as error:
            log.exception("a request failed")
            return Answer(error=f"unexpected {type(error).__name__}; the daemon's log has the traceback")


def _listening_at(path: str) -> socket.socket:
    """A socket that takes the place of one that a dead daemon left, in one act."""
    _refuse_living(path)
    draft = f"{path}.{secrets.token_hex(4)}"
    listener = socket.socket(socket.AF_UNIX, socket.SOCK_STREAM | socket.SOCK_CLOEXEC)
    try:
        listener.bind(draft)
        os.chmod(draft, 0o600)
        listener.listen()
        os.rename(draft, path)
    except OSError as error:
        listener.close()
        with contextlib.suppress(FileNotFoundError):
            os.unlink(draft)
        raise from_os_error(error, path) from error
    return listener


def _refuse_living(path: str) -> None:
    with socket.socket(socket.AF_UNIX, socket.SOCK_STREAM | socket.SOCK_CLOEXEC) as probe:
        try:
            probe.connect(path)
        except OSError:
            return
        raise ResourceLocked(f"process {peer_of(probe).pid} serves this mount point already", path)
