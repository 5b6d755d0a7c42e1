"""The server: takes connections, has a crew answer them, and stops when all that was begun is answered."""

import contextlib
import errno
import logging
import selectors
import socket
import threading
import time
from collections.abc import Sequence

from vfs.dav.server.connections import Connection, Terms
from vfs.dav.server.crew import Crew

log = logging.getLogger(__name__)

MOST_CONNECTIONS = 1000
"""Open at once; who comes then takes the place of who has idled longest."""

_ROUND = 5.0
"""Seconds after which the loop goes around when nobody comes."""

_OUT_OF_DESCRIPTORS = {errno.EMFILE, errno.ENFILE, errno.ENOBUFS, errno.ENOMEM}


class Server:
    """Serves an application at listening sockets, which it owns."""

    def __init__(
        self, terms: Terms, listening: Sequence[socket.socket], *, most: int = MOST_CONNECTIONS
    ) -> None:
        self._terms = terms
        self._listening = listening
        self._most = most
        self._open: set[Connection] = set()
        self._crew: Crew[Connection] = Crew(terms.timeout, self._ended)
        self._changed = threading.Condition()
        self._is_stopping = False
        self._last_round = 0.0
        self._waking, self._woken = socket.socketpair()

    @property
    def connections(self) -> int:
        """How many are open."""
        return len(self._open)

    @property
    def takes_connections(self) -> bool:
        """False before `serve`, and once its loop is stuck or dead."""
        return time.monotonic() - self._last_round < 3 * _ROUND

    def serve(self) -> None:
        """Take connections until `stop` is called, from another thread or from a signal's handler."""
        with selectors.DefaultSelector() as selector:
            selector.register(self._woken, selectors.EVENT_READ)
            for each in self._listening:
                each.setblocking(False)
                selector.register(each, selectors.EVENT_READ)
            while not self._is_stopping:
                self._last_round = time.monotonic()
                for ready, _ in selector.select(_ROUND):
                    if ready.fileobj is not self._woken:
                        assert isinstance(ready.fileobj, socket.socket)
                        self._accept(ready.fileobj)
        for each in self._listening:
            each.close()

    def stop(self) -> None:
        """Take no more connections; what has begun goes on."""
        self._is_stopping = True
        # Closed, there is nobody to wake.
        with contextlib.suppress(OSError):
            self._waking.send(b"x")

    def drain(self, patience: float) -> int:
        """Wait until all that was begun is answered, at most so many seconds; gives how many were cut off."""
        deadline = time.monotonic() + patience
        with self._changed:
            for connection in self._open:
                connection.end()
            self._changed.wait_for(lambda: not self._open, max(0.0, deadline - time.monotonic()))
            left = len(self._open)
            for connection in self._open:
                connection.cut()
            self._changed.wait_for(lambda: not self._open, 5.0)
        self._crew.close()
        self._waking.close()
        self._woken.close()
        return left

    def _accept(self, listening: socket.socket) -> None:
        try:
            accepted, address = listening.accept()
        except BlockingIOError:
            return  # whoever it was has gone again
        except OSError as error:
            if error.errno in _OUT_OF_DESCRIPTORS:
                log.error("a connection could not be taken: %s", error.strerror)
                self._make_room()
            return
        client = address[:2] if isinstance(address, tuple) else ("127.0.0.1", 0)
        connection = Connection(self._terms, accepted, client)
        while len(self._open) >= self._most and not self._is_stopping:
            self._make_room()
        with self._changed:
            self._open.add(connection)
        self._crew.take(connection)

    def _ended(self, connection: Connection) -> None:
        with self._changed:
            self._open.discard(connection)
            self._changed.notify_all()

    def _make_room(self) -> None:
        """Close the connection that has waited longest for a request, and wait for one to end."""
        with self._changed:
            idle = [(each.idle_since, id(each), each) for each in self._open if each.idle_since is not None]
            if idle:
                min(idle)[2].end()
            self._changed.wait(1.0)
        self._last_round = time.monotonic()
