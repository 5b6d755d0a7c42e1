"""What the journal has of an open file: the state that was promised last, and the one before it while that is
still being sent."""

from collections.abc import Iterator

from vfs.engine.entries import Entry
from vfs.engine.files.ranges import RangeSet
from vfs.engine.files.snapshots import Acknowledged, Base, Snapshot
from vfs.engine.files.staging import Staging


class Journalled:
    """Two states at most; iterating gives them, the older one first. The file's lock guards every call."""

    def __init__(self) -> None:
        self.newest: Acknowledged | None = None
        """What a crash leaves."""
        self.sending: Acknowledged | None = None
        """What is on its way to the store: the newest one, or an older one."""

    def __iter__(self) -> Iterator[Acknowledged]:
        if self.sending is not None and self.sending is not self.newest:
            yield self.sending
        if self.newest is not None:
            yield self.newest

    def add(self, snapshot: Snapshot, staging: Staging, local: RangeSet) -> Acknowledged:
        """A state that is newer than all others; the one before it is needed only while it is being sent."""
        shared = snapshot.size if self.sending is None else self.sending.lowest_cut
        self.newest = Acknowledged(snapshot, staging, local, shared=shared)
        return self.newest

    def back_to(self, before: Acknowledged | None) -> None:
        """The newest state is none, and the one before it is the newest again."""
        if before is not None and self.newest is not None:
            before.cut(self.newest.lowest_cut)
        self.newest = before

    def cut(self, size: int) -> None:
        """The file was cut to `size`."""
        for state in self:
            state.cut(size)

    def moved(self, key: str, entry: Entry, base: Base | None) -> None:
        """What is to be stored gets there under another key, in the place of `base` if there is one."""
        for state in self:
            state.moved(key, entry, base)

    def found(self, base: Base | None) -> None:
        """The store has an earlier state of the file, `base`, or nothing, where the old object was."""
        for state in self:
            state.rebased(base, min(state.snapshot.base_limit, base.size if base else 0))

    def stored(self, snapshot: Snapshot, base: Base) -> int | None:
        """The store has one of these states, as `base`: what is newer stands on that.

        The shortest that the file has been since; None for a snapshot that the journal does not have.
        """
        sent = next((state for state in self if state.snapshot.change == snapshot.change), None)
        if sent is None:
            return None
        newest = self.newest
        if newest is not None and newest is not sent:
            newest.rebased(base, min(base.size, newest.snapshot.size, newest.shared))
        return sent.lowest_cut

    def needs(self, staging: Staging) -> bool:
        """True when one of the states has its bytes there."""
        return any(state.staging is staging for state in self)
