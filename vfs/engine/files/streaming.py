"""PartStream: a big new file that leaves in parts while it is still being written."""

import threading
from collections import deque
from dataclasses import replace

from vfs.engine.backend import PartUpload, UploadsParts
from vfs.engine.entries import WriteResult
from vfs.engine.files.commits import (
    PARALLEL_PARTS,
    etag_of,
    settle_attributes,
    streamed_attributes,
)
from vfs.engine.files.mount_context import MountContext
from vfs.engine.files.ranges import RangeSet
from vfs.engine.files.shared import SharedFile
from vfs.engine.files.snapshots import Snapshot

STREAM_FROM = 4
"""Full parts that must be there before the first leaves: most files are closed by then, in one request."""


class PartStream:
    """Sends each part once it is fully written, a few at a time; parts written again go again at the end.

    `advance` is called by the writer after each write and never waits for the store.
    The first failure stops the stream; `finish` raises it.
    """

    def __init__(self, file: SharedFile, context: MountContext, uploads: UploadsParts) -> None:
        entry = file.stat()
        self._key = file.key
        self._metadata = entry.metadata
        self._attributes = replace(entry.attributes, mtime_ns=None)
        self._content = file.content
        self._context = context
        self._uploads = uploads
        self._part_size = uploads.part_limits.preferred
        self._lock = threading.Condition()
        self._waiting: deque[int] = deque()
        self._sending: set[int] = set()
        self._stale: set[int] = set()
        self._next = 0
        self._failure: Exception | None = None
        self._begin_lock = threading.Lock()
        self._upload: PartUpload | None = None

    def advance(self, written: RangeSet, start: int, end: int) -> None:
        """Parts touched between `start` and `end` changed; those that are full now may leave."""
        with self._lock:
            self._overwritten(start, end)
            if self._failure is not None:
                return
            size = self._part_size
            while written.covers(self._next * size, (self._next + 1) * size):
                self._waiting.append(self._next)
                self._next += 1
            self._send_more()

    def _overwritten(self, start: int, end: int) -> None:
        first, last = start // self._part_size, (end - 1) // self._part_size
        for index in range(first, min(last + 1, self._next)):
            if index not in self._waiting:
                self._stale.add(index)

    def _send_more(self) -> None:
        while self._waiting and len(self._sending) < PARALLEL_PARTS:
            index = self._waiting.popleft()
            self._sending.add(index)
            self._context.workers.submit(self._send, index)

    def _send(self, index: int) -> None:
        try:
            self._put(index, (index + 1) * self._part_size)
        except Exception as error:  # noqa: BLE001 - kept, and raised by finish
            with self._lock:
                self._failure = self._failure or error
                self._waiting.clear()
        finally:
            with self._lock:
                self._sending.discard(index)
                self._send_more()
                self._lock.notify_all()

    def _put(self, index: int, end: int) -> None:
        start = index * self._part_size
        with self._context.budget.lent(end - start):
            self._begun().put(index + 1, self._content(start, end))

    def _begun(self) -> PartUpload:
        with self._begin_lock:
            if self._upload is None:
                self._upload = self._uploads.begin_upload(
                    self._key, metadata=self._metadata, attributes=self._attributes
                )
            return self._upload

    def _wait_until_sent(self) -> None:
        with self._lock:
            self._lock.wait_for(lambda: not self._sending and not self._waiting)

    def can_finish(self, snapshot: Snapshot) -> bool:
        """False when what was sent is of no use: the file was cut, renamed or has other metadata now."""
        return (
            snapshot.key == self._key
            and snapshot.size >= self._next * self._part_size
            and snapshot.entry.metadata == self._metadata
        )

    def finish(self, snapshot: Snapshot) -> WriteResult:
        """Send what is missing or stale, publish, set attributes that came too late. Aborts on failure."""
        self._wait_until_sent()
        try:
            if self._failure is not None:
                raise self._failure
            self._send_rest(snapshot)
            result = self._begun().complete(overwrite=snapshot.base is not None, if_match=etag_of(snapshot))
        except BaseException:
            self.abort()
            raise
        wanted = streamed_attributes(snapshot)
        return settle_attributes(self._context.backend, snapshot.key, result, self._attributes, wanted)

    def _send_rest(self, snapshot: Snapshot) -> None:
        size = self._part_size
        with self._lock:
            missing = sorted(self._stale) + list(range(self._next, -(-snapshot.size // size)))
            self._stale.clear()

        def put(index: int) -> None:
            self._put(index, min((index + 1) * size, snapshot.size))

        for _ in self._context.workers.map_bounded(put, missing, parallel=PARALLEL_PARTS):
            pass

    def abort(self) -> None:
        """Forget what was sent."""
        with self._lock:
            self._waiting.clear()
            self._lock.wait_for(lambda: not self._sending)
        if self._upload is not None:
            self._upload.abort()
            self._upload = None
