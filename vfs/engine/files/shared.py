"""SharedFile: one file that is open here, whoever opened it and however often.

Its content is three things laid over each other: ranges written here (the staging), the stored object it
stands on (the base, pinned by ETag), and zeros. All handles on one key share one, so each sees what the
others wrote, as POSIX asks. Committing is `commits.py`; this file only knows the bytes and the attributes.
"""

import errno
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from dataclasses import replace

from vfs.engine.backend import Buffer
from vfs.engine.entries import Attributes, Entry
from vfs.engine.errors import Conflict, StorageError
from vfs.engine.files.given_attributes import with_attributes
from vfs.engine.files.journalled import Journalled
from vfs.engine.files.ranges import RangeSet
from vfs.engine.files.snapshots import Acknowledged, Base, Snapshot, joined, padded
from vfs.engine.files.staging import Staging


class SharedFile:
    """The present state of one open file. Thread-safe.

    `send_lock` is held by who brings a state of it to the store, `commit_lock` by who promises one or takes
    its name; who holds both has it `at_rest`.

    INVARIANT: dirty is a subset of local; local lies within size; base_limit <= min(size, base size).
    """

    def __init__(
        self,
        key: str,
        entry: Entry,
        base: Base | None,
        new_staging: Callable[[str], Staging],
        largest: int,
    ) -> None:
        self.key = key
        self._largest = largest
        self.send_lock = threading.RLock()
        self.commit_lock = threading.RLock()
        self.handles = 0
        self.unlinked = False
        self.is_being_sent = False
        """True while a commit brings a state of it to the store."""
        self.lost: Conflict | None = None
        """Set when someone else's version won; every further use of the handle is told."""
        self.observer: Callable[[RangeSet, int, int], None] | None = None
        """Told, under the file's lock, which bytes changed and all that was written."""
        self._lock = threading.RLock()
        self._new_staging = new_staging
        self._staging: Staging | None = None
        self._journalled = Journalled()
        self._entry = entry
        self._base = base
        self._base_limit = base.size if base else 0
        self._size = base.size if base else 0
        self._dirty = RangeSet()
        self._local = RangeSet()
        self._lowest_cut = self._base_limit
        self._mtime_is_given = False
        self._change = 0
        self._committed = 0 if base else -1

    @contextmanager
    def at_rest(self) -> Iterator[None]:
        """Nothing of it is being sent, and no state of it promised, but by who is in the block."""
        with self.send_lock, self.commit_lock:
            yield

    @property
    def is_dirty(self) -> bool:
        """True when the store does not have this state yet."""
        return self._committed != self._change

    @property
    def is_stored(self) -> bool:
        """True when the key has an object at all."""
        return self._base is not None

    @property
    def base(self) -> Base | None:
        return self._base

    @property
    def size(self) -> int:
        return self._size

    def stat(self) -> Entry:
        with self._lock:
            return replace(self._entry, size=self._size, nlink=0 if self.unlinked else self._entry.nlink)

    # Reading

    def read_ready(self, offset: int, size: int) -> Buffer | None:
        if not self._lock.acquire(blocking=False):
            return None
        try:
            end = min(offset + size, self._size)
            if offset >= end:
                return b""
            if not self._local.touches(offset, end):
                base = self._base
                if base is None or end > self._base_limit:
                    return None
            elif self._staging and self._staging.in_memory and self._local.covers(offset, end):
                return self._staging.read(offset, end)
            else:
                return None
        finally:
            self._lock.release()
        return base.reader.read_ready(offset, end - offset)

    def read(self, offset: int, size: int) -> Buffer:
        """The present bytes. Raises Conflict when somebody else has replaced what they stand on."""
        base = self._base
        try:
            return self._read(offset, size)
        except Conflict:
            # The store may have what a commit of ours makes already, and this file hear of it in a moment.
            with self.send_lock:
                if self.lost is not None or self._base is base:
                    raise
        return self.read(offset, size)

    def _read(self, offset: int, size: int) -> Buffer:
        """As `read`, for who commits: nobody else's commit is waited for."""
        while True:
            with self._lock:
                self._check_alive()
                end = min(offset + size, self._size)
                if offset >= end:
                    return b""
                base, limit = self._base, self._base_limit
                staged = [
                    (start, self._staged(start, stop)) for start, stop in self._local.within(offset, end)
                ]
            try:
                return joined(offset, end, staged, base, limit)
            except Conflict:
                if self._base is base:
                    raise

    def _staged(self, start: int, end: int) -> Buffer:
        assert self._staging is not None
        return self._staging.read(start, end)

    def content(self, start: int, end: int) -> Buffer:
        """All the bytes between two offsets, zeros beyond the end."""
        return padded(self._read(start, end - start), end - start)

    # Writing

    def write(self, offset: int, data: Buffer) -> int:
        with self._lock:
            self._check_alive()
            end = offset + len(data)
            self._check_size(end)
            self._staging_to_change().write(offset, data)
            self._dirty.add(offset, end)
            self._local.add(offset, end)
            self._size = max(self._size, end)
            self._touched(offset, end)
        return len(data)

    def truncate(self, size: int) -> None:
        with self._lock:
            self._check_alive()
            self._check_size(size)
            if size < self._size:
                self._dirty.remove(size, self._size)
                self._local.remove(size, self._size)
                self._base_limit = min(self._base_limit, size)
                self._lowest_cut = min(self._lowest_cut, size)
                self._journalled.cut(size)
                if self._staging:
                    self._staging_to_change().truncate(size)
            before, self._size = self._size, size
            self._touched(min(before, size), max(before, size))

    def _touched(self, start: int, end: int) -> None:
        now = time.time_ns()
        self._entry = replace(self._entry, mtime_ns=now, ctime_ns=now)
        self._mtime_is_given = False
        self._change += 1
        if self.observer is not None and start < end:
            self.observer(self._dirty, start, end)

    def is_written_whole_to(self, size: int) -> bool:
        """True when at least `size` bytes, from the first, were all written here, over nothing stored."""
        with self._lock:
            return self._base_limit == 0 and self._dirty.covers(0, size)

    def _staging_now(self) -> Staging:
        if self._staging is None:
            self._staging = self._new_staging(self.key)
        return self._staging

    def _staging_to_change(self) -> Staging:
        """The staging, and another one than the journal has: what it has must stay as it is."""
        staging = self._staging_now()
        if self._journalled.needs(staging):
            self._staging = staging = staging.copy(self._local)
        return staging

    def _check_size(self, size: int) -> None:
        if size > self._largest:
            raise StorageError(f"a file here has {self._largest} bytes at most", self.key, errno=errno.EFBIG)

    def _check_alive(self) -> None:
        if self.lost is not None:
            raise self.lost

    def set_attributes(self, change: Attributes) -> Entry:
        """Take attributes that go to the store with the next commit."""
        with self._lock:
            self._apply(change)
            self._change += 1
            return self.stat()

    def _apply(self, change: Attributes) -> None:
        self._mtime_is_given |= change.mtime_ns is not None
        self._entry = with_attributes(self._entry, change)

    # Committing

    def snapshot(self) -> Snapshot:
        """What to commit now; call it, and `committed` afterwards, under `commit_lock`."""
        with self._lock:
            self._check_alive()
            self._lowest_cut = self._size
            entry = self._entry
            return Snapshot(
                key=self.key,
                size=self._size,
                base=self._base,
                base_limit=self._base_limit,
                dirty=self._dirty.copy(),
                attributes=replace(entry.attributes, ctime_ns=entry.ctime_ns),
                entry=entry,
                mtime_is_given=self._mtime_is_given,
                change=self._change,
                content=self.content,
            )

    def committed(self, snapshot: Snapshot, stored: Entry, base: Base) -> None:
        """The store has `snapshot`, as `base`: stand on that now. Writes made meanwhile stay dirty."""
        with self._lock:
            if self._change == snapshot.change:
                self._dirty.clear()
                self._entry = replace(self._entry, mtime_ns=stored.mtime_ns, ctime_ns=stored.ctime_ns)
            cut = self._journalled.stored(snapshot, base)
            self._base = base
            self._base_limit = min(base.size, self._size, self._lowest_cut if cut is None else cut)
            self._committed = snapshot.change
            self._entry = replace(self._entry, etag=base.etag, version_id=base.version_id, complete=True)

    def found_stored(self, entry: Entry, base: Base) -> None:
        """The store has an earlier state of this file: stand on that. Its bytes that were not changed since
        are those of the old base."""
        with self._lock:
            self._base = base
            self._base_limit = min(self._base_limit, base.size)
            self._entry = replace(self._entry, etag=entry.etag, version_id=entry.version_id)
            self._journalled.found(base)

    def found_gone(self) -> None:
        """The store has nothing of this file any more, and none of its bytes are needed."""
        with self._lock:
            self._base = None
            self._base_limit = 0
            self._entry = replace(self._entry, etag=None, version_id=None)
            self._journalled.found(None)

    def stands_on(self, key: str, entry: Entry, base: Base | None) -> None:
        """The same bytes have another key or ETag now (a rename, a change of attributes)."""
        with self._lock:
            self.key = key
            if base is not None:
                self._base = base
                self._entry = replace(entry, size=self._size)
            else:
                self._entry = replace(self._entry, name=entry.name)
            self._journalled.moved(self.key, self._entry, self._base)

    def replaces(self, base: Base) -> None:
        """What was written here takes the place of another object, of which no byte shows."""
        with self._lock:
            self._base = base
            self._base_limit = 0
            self._lowest_cut = 0
            self._journalled.moved(self.key, self._entry, self._base)

    def keep_whole(self) -> None:
        """Bring every byte of the base here, for the store is about to lose it."""
        step = 1 << 20
        for start, end in self._local.gaps(0, self._base_limit):
            for at in range(start, end, step):
                stop = min(at + step, end)
                data = self._read(at, stop - at)
                with self._lock:
                    for gap_start, gap_end in self._local.gaps(at, min(stop, self._size)):
                        self._staging_now().write(gap_start, memoryview(data)[gap_start - at : gap_end - at])
                        self._local.add(gap_start, gap_end)

    def keep_for_others(self) -> None:
        """As `keep_whole`, for handles besides the caller's; what the store lost before is no obstacle."""
        if self.handles > 1:
            with suppress(Conflict):  # those who read them are told
                self.keep_whole()

    @property
    def acknowledged(self) -> Acknowledged | None:
        """The newest state that the journal has, if the store has not got it yet."""
        return self._journalled.newest

    @property
    def promised(self) -> list[Snapshot]:
        """What the store may get to see: the state that is being sent, and the newest in the journal."""
        with self._lock:
            return [state.snapshot for state in self._journalled]

    def acknowledge(self) -> Acknowledged:
        """Settle the present state, on disk and synced, for the journal to keep; call it under `commit_lock`.

        What it takes the place of is the caller's to release.
        """
        with self._lock:
            staging = self._staging_now()
            staging.spill()
            staging.sync()
            return self._journalled.add(self.snapshot(), staging, self._local.copy())

    def not_acknowledged(self, before: Acknowledged | None) -> None:
        """The journal does not have the newest state after all: what it has is still the one `before`."""
        with self._lock:
            self._journalled.back_to(before)

    def begin_sending(self) -> Acknowledged | None:
        """The newest state, kept until `end_sending` whatever is acknowledged then; under `send_lock`."""
        with self.commit_lock, self._lock:
            self._journalled.sending = self._journalled.newest
            return self._journalled.newest

    def end_sending(self, state: Acknowledged) -> None:
        # A newer state that is only about to be journalled may prove to be none: this one is needed then.
        with self.commit_lock, self._lock:
            self._journalled.sending = None
            self.release_staging(state)

    def settled(self) -> None:
        """Nothing of this file waits in the journal any more."""
        with self._lock:
            newest, self._journalled.newest = self._journalled.newest, None
            if newest is not None:
                self.release_staging(newest)

    def release_staging(self, state: Acknowledged) -> None:
        """Drop the staging of a state that was superseded or sent, unless another one has its bytes there."""
        with self._lock:
            if state.staging is not self._staging and not self._journalled.needs(state.staging):
                state.staging.close()

    def recover(self, staging: Staging, size: int, dirty: RangeSet, limit: int, *, is_given: bool) -> None:
        """Take up what an earlier process had not sent; `is_given`: somebody set its time by hand."""
        with self._lock:
            self._mtime_is_given = is_given
            self._staging = staging
            self._size = size
            self._dirty = dirty
            self._local = dirty.copy()
            self._base_limit = min(limit, self._base.size if self._base else 0)
            self._lowest_cut = self._base_limit
            self._change += 1

    def recent_content(self) -> Buffer | None:
        """The whole file, where it is in memory anyway."""
        with self._lock:
            staging = self._staging
            if staging and staging.in_memory and self._local.covers(0, self._size):
                return staging.read(0, self._size)
            return None

    def dispose(self) -> None:
        """No handle is left: drop what was staged, but for what the journal has; stop reading ahead."""
        with self._lock:
            newest, self._journalled.newest = self._journalled.newest, None
            if newest is not None:
                newest.staging.close(keep=True)
            if self._staging is not None and (newest is None or self._staging is not newest.staging):
                self._staging.close()
            self._staging = None
            self._local.clear()
            self._dirty.clear()
            if self._base:
                self._base.reader.close()
