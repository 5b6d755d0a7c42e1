"""What the kernel has open: files, and listings of folders."""

import time
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field
from itertools import chain, count, islice
from typing import Generic, TypeVar

from vfs.engine import Entry, FileTree, OpenFile
from vfs.fuse.inodes import Inode

HandleT = TypeVar("HandleT")

LISTING_STEP = 1000
"""Entries taken from a listing at a time: one page of an object store."""


@dataclass(eq=False, slots=True)
class FileHandle:
    """One open(2) of a file."""

    inode: Inode
    file: OpenFile
    writable: bool
    written: bool = False
    """True while there are writes that no flush has followed."""
    opener: int = 0
    """The process that opened it, while all that happened to it since is its opening; 0 afterwards."""


@dataclass(eq=False, slots=True)
class FolderHandle:
    """One opendir(2): the folder as it was listed then, taken step by step as the reader comes to it."""

    inode: Inode
    entries: list[Entry] = field(default_factory=list)
    complete: bool = False
    begun_at: int = 0
    """When the listing began; nothing in it is newer than that for sure (ns of the monotonic clock)."""
    read_at: int = 0
    """When its newest entries came."""
    _rest: Iterator[Entry] | None = None

    def restart(self) -> None:
        """Forget the listing; the next one shows the folder as it is then."""
        self.entries = []
        self.complete = False
        self.begun_at = time.monotonic_ns()
        self._rest = None

    def read_on(self, tree: FileTree, key: str) -> list[Entry]:
        """The next entries of the listing, begun if need be; none at its end. Blocks."""
        if self._rest is None:
            self._rest = chain(tree.list(key), tree.beside(key))
        return list(islice(self._rest, LISTING_STEP))

    def extend(self, entries: Iterable[Entry], *, complete: bool) -> None:
        """Take in what `read_on` gave."""
        self.entries.extend(entries)
        self.complete = complete
        self.read_at = time.monotonic_ns()


class HandleTable(Generic[HandleT]):
    """Handles by number. Numbers are never used again."""

    def __init__(self) -> None:
        self._numbers = count(1)
        self._open: dict[int, HandleT] = {}

    def __getitem__(self, number: int) -> HandleT:
        return self._open[number]

    def __len__(self) -> int:
        return len(self._open)

    def add(self, handle: HandleT) -> int:
        number = next(self._numbers)
        self._open[number] = handle
        return number

    def pop(self, number: int) -> HandleT:
        return self._open.pop(number)


class OpenFiles(HandleTable[FileHandle]):
    """The open files, by number and by inode."""

    def __init__(self) -> None:
        super().__init__()
        self._of_inode: dict[Inode, list[FileHandle]] = {}

    def add(self, handle: FileHandle) -> int:
        self._of_inode.setdefault(handle.inode, []).append(handle)
        return super().add(handle)

    def pop(self, number: int) -> FileHandle:
        handle = super().pop(number)
        others = self._of_inode[handle.inode]
        others.remove(handle)
        if not others:
            del self._of_inode[handle.inode]
        return handle

    def any_of(self, inode: Inode, *, writable: bool = False) -> FileHandle | None:
        """Some open handle on the inode, one for writing if asked."""
        handles = self._of_inode.get(inode, ())
        return next((handle for handle in handles if handle.writable or not writable), None)

    def is_only_read(self, inode: Inode) -> bool:
        """True when it is open, and nowhere for writing."""
        handles = self._of_inode.get(inode)
        return bool(handles) and not any(handle.writable for handle in handles or ())

    def drain(self) -> list[FileHandle]:
        """Every handle; the table is empty afterwards."""
        handles = list(self._open.values())
        self._open.clear()
        self._of_inode.clear()
        return handles
