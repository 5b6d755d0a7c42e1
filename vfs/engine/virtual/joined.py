"""Joined: parts one after the other as one content, read at any place without touching what is elsewhere."""

# pyright: reportReturnType=false
# It takes a protocol's methods that are a docstring alone for bodies; mypy checks what they return.

import hashlib
import os
from bisect import bisect_right
from collections.abc import Iterable, Sequence
from typing import Protocol

from vfs.engine.backend import Buffer
from vfs.engine.entries import Entry


class Part(Protocol):
    """One content, of a size that was told when it was pinned."""

    @property
    def size(self) -> int: ...

    def read(self, start: int, end: int) -> Buffer:
        """Exactly these bytes, of the state that was pinned; Conflict where that is gone."""


class Joined:
    """The bytes of all parts, `separator` between every two. Holds the parts' sizes, and nothing of them."""

    def __init__(self, parts: Sequence[Part], separator: bytes = b"") -> None:
        self._parts = parts
        self._separator = separator
        self._starts: list[int] = []
        self.size = 0
        for part in parts:
            self._starts.append(self.size)
            self.size += part.size + len(separator)
        if parts:
            self.size -= len(separator)

    def read(self, offset: int, size: int) -> bytes:
        """Fewer bytes than asked only at the end. Raises what the parts raise."""
        end = min(offset + size, self.size)
        if offset >= end:
            return b""
        pieces: list[Buffer] = []
        place = bisect_right(self._starts, offset) - 1
        while offset < end:
            start = self._starts[place]
            for piece in self._pieces(place, offset - start, end - start):
                pieces.append(piece)
                offset += len(piece)
            place += 1
        return bytes(pieces[0]) if len(pieces) == 1 else b"".join(pieces)

    def _pieces(self, place: int, start: int, end: int) -> Iterable[Buffer]:
        """What lies between two offsets, counted from a part's beginning, of it and of what follows it."""
        part = self._parts[place]
        if start < min(end, part.size):
            yield part.read(start, min(end, part.size))
        if end > part.size and place + 1 < len(self._parts):
            yield self._separator[max(0, start - part.size) : end - part.size]


def same_state(one: Entry, other: Entry) -> bool:
    """Whether two entries are of one state of a file, as far as its storage can tell.

    What is not sent yet has no ETag before it is, and the same time afterwards.
    """
    if one.etag is None or other.etag is None:
        return (one.size, one.mtime_ns) == (other.size, other.mtime_ns)
    return (one.size, one.etag) == (other.size, other.etag)


def joint_etag(parts: Iterable[tuple[str, Entry]], rule: bytes) -> str:
    """The ETag of what `rule` makes of these parts, each with the name of its place."""
    digest = hashlib.sha256(b"%d\n%b" % (len(rule), rule))
    for place, entry in parts:
        told = os.fsencode(f"{place}\0{entry.size}\0{entry.etag or entry.mtime_ns}")
        digest.update(b"%d\n%b" % (len(told), told))
    return digest.hexdigest()[:32]


def newest(entries: Iterable[Entry]) -> int | None:
    """The time of the newest of them, in nanoseconds; None where none has one."""
    return max((entry.mtime_ns for entry in entries if entry.mtime_ns is not None), default=None)
