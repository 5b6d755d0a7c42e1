"""What a daemon is given over a conversation: bytes that it asks the other side for when it wants them.

So a file goes to a store as the store likes it, in parts of its own size and several at once, and nothing is
held here. Whoever goes away in the middle leaves a file that was never whole, and is never seen.
"""

import select
import socket
import threading
from collections.abc import Iterator, Mapping
from typing import Any

from vfs.control.trees import frames
from vfs.control.trees.values import heard_error
from vfs.engine.backend import Buffer
from vfs.engine.entries import Entry
from vfs.engine.errors import BackendUnavailable
from vfs.engine.files.outgoing import Outgoing


class Giver:
    """The other side, asked for bytes while one of its calls is worked on. Thread-safe."""

    def __init__(self, connection: socket.socket) -> None:
        self._connection = connection
        self._turn = threading.Lock()
        self._is_over = False

    def want(self, **what: Any) -> frames.Frame:
        """What it gives. Raises what went wrong there, BackendUnavailable when it is gone."""
        with self._turn:
            if self._is_over:
                raise BackendUnavailable("the call that these bytes were for is over")
            frames.send(self._connection, {"want": what})
            given = frames.receive(self._connection)
        if (error := given.said.get("error")) is not None:
            raise heard_error(error)
        return given

    def pieces(self) -> Iterator[Buffer]:
        """A stream, piece by piece to its end."""
        while (given := self.want(what="piece")).said["more"]:
            yield given.data

    def end(self) -> None:
        """Ask for nothing else: a worker that is late must not speak after the call was answered."""
        with self._turn:
            self._is_over = True

    def is_there(self) -> bool:
        """Whether it has not gone away; nothing is waited for."""
        poll = select.poll()
        poll.register(self._connection, select.POLLRDHUP)
        return not poll.poll(0)


class ArrivingFile(Outgoing):
    """A file that the other side has; what is read is asked for there."""

    def __init__(self, key: str, entry: Entry, giver: Giver) -> None:
        super().__init__(key, entry)
        self._giver = giver

    def _read(self, start: int, end: int) -> Buffer:
        if end - start <= frames.PIECE:
            return self._giver.want(what="range", start=start, end=end).data
        whole = bytearray(end - start)
        for at in range(start, end, frames.PIECE):
            to = min(at + frames.PIECE, end)
            whole[at - start : to - start] = self._giver.want(what="range", start=at, end=to).data
        return whole

    def check(self) -> None:
        self._giver.want(what="check")


class WatchedFile(Outgoing):
    """A file that goes from one mount of the daemon to another, as long as who asked for that is there."""

    def __init__(self, inner: Outgoing, giver: Giver) -> None:
        super().__init__(inner.key, inner.entry)
        self._inner = inner
        self._giver = giver

    def _read(self, start: int, end: int) -> Buffer:
        self._watch()
        return self._inner.read(start, end)

    def pieces(self) -> Iterator[Buffer]:
        for piece in self._inner.pieces():
            self._watch()
            yield piece

    def check(self) -> None:
        self._watch()
        self._inner.check()

    def _watch(self) -> None:
        if not self._giver.is_there():
            raise BackendUnavailable("whoever asked for this copy went away", self.key)


def giving(what: Mapping[str, Any], file: Outgoing) -> Buffer:
    """What a daemon wants of a file that is brought to it. Raises what reading the file does."""
    if what["what"] == "range":
        return file.read(what["start"], what["end"])
    file.check()
    return b""
