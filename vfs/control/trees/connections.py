"""The other end of conversations: a daemon's connections, lent to one call at a time and used again."""

import socket
import threading
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from typing import Any

from vfs.control.trees import frames
from vfs.control.trees.values import Said, heard_error, say_error
from vfs.engine.backend import Buffer
from vfs.engine.errors import BackendUnavailable, StorageError

_CLOSED = "the connection to the daemon is closed"

Giving = Callable[[Mapping[str, Any]], tuple[Mapping[str, Any], Buffer]]
"""Gives what the daemon wants of the bytes that it is being given."""


class Connection:
    """One conversation. A call that was left before its answer had come spoils it."""

    def __init__(self, connection: socket.socket) -> None:
        self._connection = connection
        self.is_at_rest = True

    def call(
        self, act: str, *, data: Buffer = b"", giving: Giving | None = None, **said: Any
    ) -> frames.Frame:
        """The daemon's answer. Raises what the act does there, BackendUnavailable where it is gone."""
        self._begin(act, said, data)
        while "want" in (frame := frames.receive(self._connection)).said:
            self._give(frame.said["want"], giving)
        return self._ended(frame)

    def stream(self, act: str, **said: Any) -> Iterator[frames.Frame]:
        """What the daemon tells bit by bit; raises as `call` does."""
        self._begin(act, said, b"")
        while "more" in (frame := frames.receive(self._connection)).said:
            yield frame
        self._ended(frame)

    def close(self) -> None:
        self._connection.close()

    def cut(self) -> None:
        """End it, whoever waits for something here: that raises BackendUnavailable then. Any thread."""
        self.is_at_rest = False
        try:
            self._connection.shutdown(socket.SHUT_RDWR)
        except OSError:
            return  # it is over already

    def _begin(self, act: str, said: Mapping[str, Any], data: Buffer) -> None:
        self.is_at_rest = False
        frames.send(self._connection, {"act": act, **said}, data)

    def _give(self, want: Mapping[str, Any], giving: Giving | None) -> None:
        try:
            if giving is None:
                raise StorageError(f"nothing is given here, and {want} was wanted")
            said, data = giving(want)
        except StorageError as error:
            said, data = {"error": say_error(error)}, b""
        frames.send(self._connection, said, data)

    def _ended(self, frame: frames.Frame) -> frames.Frame:
        self.is_at_rest = True
        if "error" in frame.said:
            raise heard_error(frame.said["error"])
        return frame


class Connections:
    """To one daemon: as many as there are calls at once. Thread-safe."""

    def __init__(self, connect: Callable[[], socket.socket]) -> None:
        """`connect` begins a conversation. Raises BackendUnavailable."""
        self._connect = connect
        # A signal may have `cut` called in the middle of any of this.
        self._lock = threading.RLock()
        self._free: list[Connection] = []
        self._all: set[Connection] = set()
        self._is_over = False

    @contextmanager
    def lent(self) -> Iterator[Connection]:
        """A connection for the block alone."""
        connection = self.take()
        try:
            yield connection
        finally:
            self.give_back(connection)

    def take(self) -> Connection:
        """A connection for the caller alone, until it gives it back."""
        with self._lock:
            self._check()
            if self._free:
                return self._free.pop()
        connection = Connection(self._connect())
        with self._lock:
            if not self._is_over:
                self._all.add(connection)
                return connection
        connection.close()
        raise BackendUnavailable(_CLOSED)

    def give_back(self, connection: Connection) -> None:
        with self._lock:
            if connection.is_at_rest and not self._is_over:
                self._free.append(connection)
                return
            self._all.discard(connection)
        connection.close()

    def call(self, act: str, *, giving: Giving | None = None, **said: Any) -> Said:
        """What the daemon says to one call. Raises as `Connection.call` does."""
        with self.lent() as connection:
            return connection.call(act, giving=giving, **said).said["done"]

    def cut(self) -> None:
        """End all of them, and begin no others: the daemon stops what it was doing for us."""
        with self._lock:
            self._is_over = True
            connections = list(self._all)
        for connection in connections:
            connection.cut()

    def close(self) -> None:
        """Give the free ones back; those that are lent follow."""
        with self._lock:
            self._is_over = True
            free, self._free = self._free, []
            self._all.difference_update(free)
        for connection in free:
            connection.close()

    def _check(self) -> None:
        if self._is_over:
            raise BackendUnavailable(_CLOSED)
