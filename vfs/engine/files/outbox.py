"""Outbox: files that are safe in the journal and wait to be sent to the store, by threads of its own.

What the store refuses is tried again for ever, with growing pauses. A queued file holds one handle of
itself: it stays in the table, seen by all, until it is sent.
"""

import heapq
import random
import threading
import time
from dataclasses import replace
from typing import TYPE_CHECKING

from vfs.engine import paths
from vfs.engine.entries import NO_XATTRS, Entry, EntryKind
from vfs.engine.errors import Conflict, StorageError, from_os_error
from vfs.engine.files.attempts import Attempt
from vfs.engine.files.given_attributes import with_attributes
from vfs.engine.files.journal import Journal, Record
from vfs.engine.files.publishing import publish
from vfs.engine.files.ranges import RangeSet
from vfs.engine.files.shared import SharedFile
from vfs.engine.files.snapshots import Acknowledged
from vfs.engine.files.staging import Staging

if TYPE_CHECKING:
    from vfs.engine.files.store_tree import StoreTree

_JITTER = random.SystemRandom()
"""Of its own: a program that seeds `random` goes on as it would without us."""

SENDERS = 4
SETTLING = 0.1
"""Seconds for which a file waits before it is sent. A shell closes what it redirects to twice, first empty:
that is one request then, and the second time does not wait for the first one's way to the store."""

LONGEST_PAUSE = 60.0
"""Seconds between two tries of a file that the store keeps refusing."""


class Outbox:
    """The queue of one mount. Its threads start with the first file."""

    def __init__(self, tree: "StoreTree", journal: Journal) -> None:
        self._tree = tree
        self._journal = journal
        self._changed = threading.Condition()
        self._queued: dict[SharedFile, int] = {}
        """Tries so far, for each file that waits or is being sent."""
        self._due: list[tuple[float, int, SharedFile]] = []
        self._failures: dict[SharedFile, str] = {}
        self._turn = 0
        self._stopping = False
        self._threads: list[threading.Thread] = []

    def __contains__(self, file: SharedFile) -> bool:
        return file in self._queued

    def take_up_left_behind(self) -> None:
        """Queue what earlier processes had acknowledged and not sent."""
        for record in self._journal.left_behind():
            self._take_up(record)

    def put(self, file: SharedFile, over: SharedFile | None = None) -> None:
        """Journal a file's state, and queue it. The file's commit lock is held.

        What the journal has of `over`, whose name the file takes, is void from this moment.
        """
        self._record(file, over)
        with self._changed:
            if file not in self._queued:
                self._tree.files.retain(file)
                self._enqueue(file)

    def _record(self, file: SharedFile, over: SharedFile | None) -> None:
        """Journal a file's state as it is now. Raises StorageError when the disk will not have it."""
        before = file.acknowledged
        now = file.acknowledge()
        replaced = [before, over.acknowledged if over else None]
        try:
            void = [old.path for old in replaced if old is not None and old.path != now.path]
            self._journal_newest(file, void)
        except StorageError:
            file.not_acknowledged(before)
            raise
        if before is not None and before.path != now.path:
            self._journal.drop(before.path)
            file.release_staging(before)

    def renamed(self, file: SharedFile, over: SharedFile | None) -> None:
        """What the journal has of a file is to be stored under the key that it has now."""
        if file.acknowledged is not None:
            replaced = over.acknowledged if over else None
            self._journal_newest(file, [replaced.path] if replaced else [])

    def _journal_newest(self, file: SharedFile, replaced: list[str]) -> None:
        """Record the newest state, with all that the store may have got to see by the time of a crash."""
        state = file.acknowledged
        assert state is not None
        heard_of = self._tree.attempts.of(file.key)
        asked = [attempt for snapshot in file.promised for attempt in Attempt.to_store(snapshot)]
        try:
            self._journal.put(_record(state, (*heard_of, *asked), replaced))
        except OSError as error:
            raise from_os_error(error, file.key) from error

    def _enqueue(self, file: SharedFile) -> None:
        self._queued[file] = 0
        self._push(file, SETTLING)
        while len(self._threads) < min(SENDERS, len(self._queued)):
            name = f"vfs-send-{self._tree.name}-{len(self._threads)}"
            thread = threading.Thread(target=self._work, name=name, daemon=True)
            self._threads.append(thread)
            thread.start()

    def _push(self, file: SharedFile, delay: float) -> None:
        self._turn += 1
        heapq.heappush(self._due, (time.monotonic() + delay, self._turn, file))
        self._changed.notify()

    def sent(self, file: SharedFile) -> None:
        """Nothing of this file waits any more: the store has it, or nobody wants it."""
        with self._changed:
            queued = self._queued.pop(file, None) is not None
            self._failures.pop(file, None)
            self._changed.notify_all()
        if queued:
            if file.acknowledged is not None:
                self._journal.drop(file.acknowledged.path)
            file.settled()
            self._tree.release(file)

    def failure_of(self, file: SharedFile) -> str | None:
        """What the last try to send this file ran into."""
        return self._failures.get(file)

    def retry(self) -> None:
        """Let what waits for its next try be sent at once."""
        with self._changed:
            self._due = [(0.0, turn, file) for _, turn, file in self._due]
            heapq.heapify(self._due)
            self._changed.notify_all()

    def wait_until_empty(self) -> None:
        with self._changed:
            self._changed.wait_for(lambda: not self._queued or self._stopping)

    def stop(self) -> None:
        """End the threads; what is queued stays in the journal."""
        with self._changed:
            self._stopping = True
            self._changed.notify_all()
        for thread in self._threads:
            thread.join()

    # The threads

    def _work(self) -> None:
        while (file := self._next()) is not None:
            try:
                self._deliver(file)
            except StorageError as error:
                self._try_again(file, error)
            except Exception as error:
                self._tree.context.log.exception("%s:%s: sending it failed", self._tree.name, file.key)
                self._try_again(file, error)

    def _next(self) -> SharedFile | None:
        with self._changed:
            while not self._stopping:
                if not self._due:
                    self._changed.wait()
                    continue
                pause = self._due[0][0] - time.monotonic()
                if pause <= 0:
                    return heapq.heappop(self._due)[2]
                self._changed.wait(pause)
            return None

    def _deliver(self, file: SharedFile) -> None:
        """Send what is acknowledged now. Who acknowledges more meanwhile does not wait for that."""
        with file.send_lock:
            state = file.begin_sending()
            if state is None:
                return
            is_lost = not self._reached_the_store(file, state)
            with file.commit_lock:
                if is_lost or file.acknowledged is state:
                    self.sent(file)
                else:
                    self._send_newest(file)

    def _reached_the_store(self, file: SharedFile, state: Acknowledged) -> bool:
        """Send a state of a file; False when another version was in the way, and ours is kept beside it."""
        try:
            publish(self._tree, file, snapshot=state.snapshot)
        except Conflict as error:
            self._tree.context.log.error("%s", error)
            return False
        finally:
            file.end_sending(state)
        return True

    def _send_newest(self, file: SharedFile) -> None:
        """The store has an earlier state: the one that the journal has stands on that, and is sent next."""
        self._journal_newest(file, [])
        with self._changed:
            self._queued[file] = 0
            self._failures.pop(file, None)
            self._push(file, SETTLING)

    def _try_again(self, file: SharedFile, error: Exception) -> None:
        with self._changed:
            if file not in self._queued:
                return
            tries = self._queued[file] = self._queued[file] + 1
            self._failures[file] = str(error)
            self._push(file, min(LONGEST_PAUSE, 2.0 ** min(tries, 10)) * _JITTER.uniform(0.5, 1.0))
        self._tree.context.log.warning(
            "%s:%s: not sent yet, try %d: %s", self._tree.name, file.key, tries, error
        )

    def _take_up(self, record: Record) -> None:
        """Put an unsent file of an earlier process where it was: in the table, dirty, queued."""
        tree, context = self._tree, self._tree.context
        # A store that has nothing of it yet could not be asked for its extended attributes.
        blank = Entry(paths.name_of(record.key), EntryKind.FILE, xattrs=NO_XATTRS if record.is_new else None)
        entry = with_attributes(blank, record.attributes)
        entry = replace(
            entry,
            size=record.base_size,
            etag=record.base_etag,
            version_id=record.base_version,
            metadata=record.metadata,
        )
        base = None if record.is_new else context.base_of(record.key, entry)
        file = SharedFile(record.key, entry, base, context.new_staging, context.backend.largest_file)
        staging = Staging.reopened(context.staging_directory, record.key, record.staging)
        is_given = (record.size, record.attributes.mtime_ns) not in record.attempts
        file.recover(staging, record.size, RangeSet(record.dirty), record.base_limit, is_given=is_given)
        file.acknowledge()
        tree.attempts.add(record.key, (Attempt(size, mtime_ns) for size, mtime_ns in record.attempts))
        tree.files.add(file)
        with self._changed:
            self._enqueue(file)
        context.log.info("%s:%s: unsent since an earlier run, sending it now", tree.name, record.key)


def _record(state: Acknowledged, attempts: tuple[Attempt, ...], replaced: list[str]) -> Record:
    snapshot = state.snapshot
    base = snapshot.base
    return Record(
        staging=state.path,
        key=snapshot.key,
        size=snapshot.size,
        dirty=list(snapshot.dirty),
        base_etag=base.etag if base else None,
        base_version=base.version_id if base else None,
        base_size=base.size if base else 0,
        base_limit=snapshot.base_limit,
        is_new=base is None,
        attributes=snapshot.attributes,
        metadata=dict(snapshot.entry.metadata),
        attempts=[(attempt.size, attempt.mtime_ns) for attempt in attempts],
        replaced=replaced,
    )
