"""A file as it is at one moment, for who reads it once: a small one needs no handle on what it becomes."""

# pyright: reportReturnType=false
# It takes a protocol's methods that are a docstring alone for bodies; mypy checks what they return.

from typing import Protocol

from vfs.engine.backend import Buffer
from vfs.engine.entries import Entry


class PresentFile(Protocol):
    """What can be read of it. Errors are ours."""

    def stat(self) -> Entry:
        """The entry of what is read."""

    def read(self, offset: int, size: int) -> Buffer:
        """Fewer bytes than asked only at the end of the file."""

    def close(self) -> None:
        """Give it back. Never raises."""


class WholeFile:
    """A file that is here whole: its bytes, and the entry that came with them."""

    __slots__ = ("_data", "_entry")

    def __init__(self, entry: Entry, data: Buffer) -> None:
        self._entry = entry
        self._data = memoryview(data)

    def stat(self) -> Entry:
        return self._entry

    def read(self, offset: int, size: int) -> Buffer:
        return self._data[offset : offset + size]

    def close(self) -> None:
        """Nobody waits for it."""
