"""Files of a daemon's tree, open in a conversation: to be read and written, and to be copied whole."""

import threading
from collections.abc import Iterator

from vfs.control.trees import frames
from vfs.control.trees.connections import Connection, Connections
from vfs.control.trees.values import Said, heard_entry, say_attributes
from vfs.engine.backend import Buffer
from vfs.engine.entries import Attributes, Entry
from vfs.engine.errors import StorageError
from vfs.engine.files.outgoing import Outgoing


class _Held:
    """A connection on which the daemon has something open, until it is let go. Thread-safe."""

    def __init__(self, connections: Connections, act: str, **said: Said) -> None:
        self._connections = connections
        self._turn = threading.Lock()
        self._connection: Connection | None = connections.take()
        try:
            self.begun = self.call(act, **said)
        except BaseException:
            self.give_back()
            raise

    def call(self, act: str, data: Buffer = b"", **said: Said) -> frames.Frame:
        with self._turn:
            return self._lent.call(act, data=data, **said)

    def stream(self, act: str) -> Iterator[frames.Frame]:
        with self._turn:
            yield from self._lent.stream(act)

    def let_go(self) -> None:
        """Never raises: a daemon that is gone has let go already."""
        try:
            if self._connection is not None and self._connection.is_at_rest:
                self.call("let_go")
        except StorageError:
            return
        finally:
            self.give_back()

    def give_back(self) -> None:
        connection, self._connection = self._connection, None
        if connection is not None:
            self._connections.give_back(connection)

    @property
    def _lent(self) -> Connection:
        if self._connection is None:
            raise StorageError("this file is closed")
        return self._connection


class DaemonFile:
    """An `OpenFile` of the daemon: what it has cached is read from there, who reads on is read ahead."""

    def __init__(self, connections: Connections, act: str, **said: Said) -> None:
        self._held = _Held(connections, act, **said)

    def read(self, offset: int, size: int) -> Buffer:
        data = self._held.call("file.read", offset=offset, size=size).data
        if len(data) < frames.PIECE or size <= frames.PIECE:
            return data
        while len(data) < size and (
            more := self._held.call("file.read", offset=offset + len(data), size=size - len(data)).data
        ):
            data += more
        return data

    def read_ready(self, offset: int, size: int) -> Buffer | None:
        """Nothing is here: the daemon has to be asked."""
        return None

    def write(self, offset: int, data: Buffer) -> int:
        view = memoryview(data).cast("B")
        for at in range(0, len(view), frames.PIECE):
            self._held.call("file.write", view[at : at + frames.PIECE], offset=offset + at)
        return len(view)

    def truncate(self, size: int) -> None:
        self._held.call("file.truncate", size=size)

    def stat(self) -> Entry:
        return heard_entry(self._held.call("file.stat").said["done"])

    def set_attributes(self, change: Attributes) -> Entry:
        answer = self._held.call("file.set_attributes", attributes=say_attributes(change))
        return heard_entry(answer.said["done"])

    def flush(self) -> None:
        self._held.call("file.flush")

    def sync(self) -> None:
        self._held.call("file.sync")

    def close(self) -> None:
        self._held.let_go()


class DaemonOutgoing(Outgoing):
    """A whole file on its way out of the daemon's tree, past its caches where the tree does that."""

    def __init__(self, connections: Connections, mount: str, key: str, listed: Said) -> None:
        self.connections = connections
        self._held = _Held(connections, "take_out", mount=mount, key=key, listed=listed)
        super().__init__(key, heard_entry(self._held.begun.said["done"]))

    def _read(self, start: int, end: int) -> Buffer:
        if end - start <= frames.PIECE:
            return self._held.call("outgoing.range", start=start, end=end).data
        pieces = range(start, end, frames.PIECE)
        return b"".join(self._read(at, min(at + frames.PIECE, end)) for at in pieces)

    def pieces(self) -> Iterator[Buffer]:
        for frame in self._held.stream("outgoing.pieces"):
            yield frame.data

    def check(self) -> None:
        self._held.call("outgoing.check")

    def put_in(self, mount: str, replacing: bool, **wanted: Said) -> Said:
        """Have the daemon store it in another of its mounts, past us: what it says of that."""
        call = self._held.call("outgoing.put_in", mount=mount, replacing=replacing, **wanted)
        return call.said["done"]

    def close(self) -> None:
        self._held.let_go()
