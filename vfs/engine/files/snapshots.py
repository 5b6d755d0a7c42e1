"""States of an open file: what it stands on, what a commit makes of it, what the journal has of it."""

from collections.abc import Callable
from dataclasses import dataclass, replace

from vfs.engine.backend import Buffer
from vfs.engine.entries import Attributes, Entry
from vfs.engine.files.ranges import RangeSet
from vfs.engine.files.reader import BlockReader
from vfs.engine.files.staging import Staging


@dataclass(frozen=True, slots=True)
class Base:
    """The stored object that a shared file stands on."""

    etag: str | None
    version_id: str | None
    size: int
    reader: BlockReader


@dataclass(frozen=True, slots=True)
class Snapshot:
    """What a commit is to make of a file: the state at one moment, and where its bytes come from."""

    key: str
    size: int
    base: Base | None
    base_limit: int
    dirty: RangeSet
    attributes: Attributes
    entry: Entry
    mtime_is_given: bool
    """True when somebody set the time by hand; otherwise it is that of the last write."""
    change: int
    content: Callable[[int, int], Buffer]
    """The bytes between two offsets, all of them. Of a state that the journal has they stay as they are;
    of another one later writes may show, as they may in a local file."""


class Acknowledged:
    """A state that close or fsync was answered for: nothing may write into its staging file any more.

    Its file's lock guards every call but `content`.
    """

    def __init__(self, snapshot: Snapshot, staging: Staging, local: RangeSet, *, shared: int) -> None:
        self.snapshot = replace(snapshot, content=self.content)
        self.staging = staging
        self.path = staging.spill()
        """The staging file."""
        self.lowest_cut = snapshot.size
        """The shortest that the file has been since."""
        self.shared = shared
        """The shortest that it had been since the state which was being sent at that moment."""
        self._local = local
        self._limit = snapshot.base_limit
        self._base = snapshot.base

    def cut(self, size: int) -> None:
        """The file was cut to `size`."""
        self.lowest_cut = min(self.lowest_cut, size)

    def moved(self, key: str, entry: Entry, base: Base | None) -> None:
        """The same bytes are to be stored under another key, in the place of `base` if there is one."""
        self.snapshot = replace(
            self.snapshot,
            key=key,
            base=base,
            base_limit=self._limit if base is self._base else 0,
            entry=replace(self.snapshot.entry, name=entry.name),
        )

    def rebased(self, base: Base | None, limit: int) -> None:
        """The store has `base`, or nothing, where the old one was; the first `limit` bytes are the same."""
        self._base, self._limit = base, limit
        self.snapshot = replace(self.snapshot, base=base, base_limit=limit)

    def content(self, start: int, end: int) -> Buffer:
        """All the bytes between two offsets, zeros beyond the end."""
        stop = min(end, self.snapshot.size)
        staged = [(at, self.staging.read(at, until)) for at, until in self._local.within(start, stop)]
        return padded(joined(start, stop, staged, self._base, self._limit), end - start)


def joined(offset: int, end: int, staged: list[tuple[int, Buffer]], base: Base | None, limit: int) -> Buffer:
    """The bytes of a range: what was staged, over the first `limit` bytes of the base, over zeros."""
    if len(staged) == 1 and len(staged[0][1]) == end - offset:
        return staged[0][1]
    if base is not None and not staged and end <= limit:
        return base.reader.read(offset, end - offset)
    whole = bytearray(max(end - offset, 0))
    covered = RangeSet((start, start + len(data)) for start, data in staged)
    for start, data in staged:
        whole[start - offset : start - offset + len(data)] = data
    if base is not None:
        for start, stop in covered.gaps(offset, min(end, limit)):
            whole[start - offset : stop - offset] = base.reader.read(start, stop - start)
    return whole


def padded(data: Buffer, size: int) -> Buffer:
    """The bytes with zeros behind them, `size` in all."""
    return data if len(data) == size else bytes(data).ljust(size, b"\0")
