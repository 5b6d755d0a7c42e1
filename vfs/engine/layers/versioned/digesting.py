"""SHA-256 of what passes by: a source that is hashed while it is stored."""

import hashlib
import time
from collections.abc import Iterable, Iterator

from vfs.engine.backend import Buffer, Source
from vfs.engine.sources import pieces


class Digesting:
    """A source as it was given, but for its hash, which is known when all of it was taken.

    `ended_ns` is the moment then: before the store publishes it, and so before anybody can replace it.
    """

    def __init__(self, source: Source) -> None:
        self._hash = hashlib.sha256()
        self.ended_ns = time.time_ns()
        self.can_repeat = isinstance(source, bytes | bytearray | memoryview)
        self.source = self._taken_whole(source) if self.can_repeat else self._taken(source)

    @property
    def digest(self) -> str:
        """In hex."""
        return self._hash.hexdigest()

    def _taken_whole(self, source: Source) -> Source:
        for piece in pieces(source):
            self._hash.update(piece)
        return source

    def _taken(self, source: Source) -> Iterator[Buffer]:
        for piece in pieces(source):
            self._hash.update(piece)
            yield piece
        self.ended_ns = time.time_ns()


def digest_of(parts: Iterable[Buffer]) -> str:
    """The SHA-256 of some bytes in order, in hex."""
    found = hashlib.sha256()
    for part in parts:
        found.update(part)
    return found.hexdigest()
