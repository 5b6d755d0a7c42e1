"""BlockReader: one stored content, pinned, read through memory, disk cache and store, ahead where it pays.

Random reads fetch what they ask for, on a grid of 128 KiB. Reads that follow each other open a window that
doubles as they go on and is fetched in parallel parts. What is under way is shared: nobody fetches it twice.
"""

import errno
import logging
import threading

from vfs.engine.backend import Backend, Buffer
from vfs.engine.cache.blocks import ContentId, MemoryBlocks
from vfs.engine.cache.disk import DiskBlocks
from vfs.engine.errors import Conflict, NotFound, StorageError
from vfs.engine.files.fetches import Fetch, FetchesUnderWay, joined
from vfs.engine.files.readahead import FIRST_WINDOW, PART, ReadAhead, Stream, on_grid
from vfs.engine.waiting import about_to_wait
from vfs.engine.workers import Workers

_log = logging.getLogger(__name__)


class BlockReader:
    """Reads one content of `size` bytes. Thread-safe; share one among all who have the file open.

    With `etag` every request is pinned to it: if the object is another one now, Conflict is raised, and
    bytes of two versions are never mixed. Without one (a store that knows no ETags) nothing is pinned.
    """

    def __init__(
        self,
        backend: Backend,
        key: str,
        content: ContentId,
        size: int,
        memory: MemoryBlocks,
        disk: DiskBlocks | None,
        workers: Workers,
        etag: str | None,
        *,
        max_parts: int = 8,
    ) -> None:
        self.size = size
        self._backend = backend
        self._key = key
        self._content = content
        self._memory = memory
        self._budget = memory.budget
        # what outlives the process needs a version that never comes again for other bytes
        self._disk = disk if etag is not None else None
        self._workers = workers
        self._etag = etag
        self._max_parts = max_parts
        self._lock = threading.Lock()
        self._under_way = FetchesUnderWay()
        self._ahead = ReadAhead(size, largest_window=min(max_parts * PART, memory.budget.total // 4))
        self._closed = False

    def read_ready(self, offset: int, size: int) -> Buffer | None:
        """The bytes when memory has them all, else None. Never blocks: an event loop may call it."""
        end = min(offset + size, self.size)
        if offset >= end:
            return b""
        data = self._memory.get(self._content, offset, end - offset)
        if data is not None:
            stream = self._follow(offset, end)
            if self._claim_filling(stream):
                self._workers.submit(self._fill, stream, urgent=True)
            self._end(stream)
        return data

    def read(self, offset: int, size: int) -> Buffer:
        """The bytes; fewer only where the file ends.

        Raises Conflict when the object is not the pinned one any more, StorageError (EBADF) after
        `close`, and whatever the store raises for the bytes asked for.
        """
        end = min(offset + size, self.size)
        if offset >= end:
            return b""
        stream = self._follow(offset, end)
        pieces: list[Buffer] = []
        while offset < end:
            for start, source in self._sources(offset, end, stream):
                piece = self._arrived(source, offset, end) if isinstance(source, Fetch) else source
                if piece is None or start != offset:
                    break  # something failed before anybody needed it, or brought less: look again
                pieces.append(piece)
                offset += len(piece)
        self._end(stream)
        return joined(pieces)

    def expect(self, start: int, end: int) -> None:
        """Take note that somebody will read forwards from `start` to `end`, and no further."""
        if self.size > FIRST_WINDOW:
            with self._lock:
                self._ahead.expect(start, min(end, self.size))

    def close(self) -> None:
        """Fetch nothing more. What is under way is awaited by nobody and not kept. May be called again."""
        with self._lock:
            self._closed = True
            for fetch in self._under_way.unclaimed():
                self._under_way.end(fetch)
                self._give_back(fetch)
                fetch.done.set()

    def _follow(self, start: int, end: int) -> Stream:
        """Take note of a read; what its stream has left behind may leave memory first."""
        with self._lock:
            stream = self._ahead.note(start, end)
            left_behind = self._ahead.left_behind(stream)
        if left_behind is not None and self._is_kept_elsewhere:
            self._memory.discard(self._content, *left_behind)
        elif left_behind is not None:
            self._memory.demote(self._content, *left_behind)
        return stream

    def _end(self, stream: Stream) -> None:
        """What was read to the end that it was said to have need not stay in memory."""
        if stream.position < stream.limit or not self._is_kept_elsewhere:
            return
        with self._lock:
            done_with = self._ahead.ended(stream)
        if done_with is not None:
            self._memory.discard(self._content, *done_with)

    @property
    def _is_kept_elsewhere(self) -> bool:
        """True for a big file that the disk has: nobody waits for its bytes in memory."""
        return self._disk is not None and self.size > self._budget.total // 4

    # What a read needs

    def _sources(self, start: int, end: int, stream: Stream) -> list[tuple[int, Buffer | Fetch]]:
        """Where the bytes are or will be, in order, each with its offset; what is missing is begun now."""
        begun: list[Fetch] = []
        with self._lock:
            if self._closed:
                raise StorageError("the file is closed", self._key, errno=errno.EBADF)
            sources = self._locate(start, end, stream, begun)
        for fetch in begun[1:]:
            self._workers.submit(self._carry_out, fetch, urgent=True)
        if self._claim_filling(stream):
            self._fill(stream)
        return sources

    def _locate(
        self, start: int, end: int, stream: Stream, begun: list[Fetch]
    ) -> list[tuple[int, Buffer | Fetch]]:
        sources: list[tuple[int, Buffer | Fetch]] = []
        while start < end:
            data, until = self._memory.run(self._content, start, end)
            if data is not None:
                sources.append((start, data))
                start = until
                continue
            fetch = self._under_way.at(start)
            if fetch is None:
                fetch = self._demand(start, self._under_way.next_start(start, until), stream)
                begun.append(fetch)
            sources.append((start, fetch))
            start = fetch.end
        return sources

    def _demand(self, start: int, end: int, stream: Stream) -> Fetch:
        """Begin to fetch what a reader waits for, with as much around it as is worth one request."""
        if start < stream.ahead:
            self._ahead.shrink(stream, start)
        end = min(end, start + PART)
        first, last = on_grid(start, end, self.size)
        if self.size <= FIRST_WINDOW:
            first, last = 0, self.size
        elif (stream.confirmed or start == 0) and last < (reach := min(start + FIRST_WINDOW, stream.limit)):
            first, last = on_grid(first, self._gap_end(last, reach), self.size)
        self._ahead.asked(stream, last)
        return self._under_way.begin(Fetch(first, last, demanded=(start, end)))

    def _gap_end(self, start: int, limit: int) -> int:
        """How far nothing is in memory or on its way from `start` on, `limit` at most."""
        data, until = self._memory.run(self._content, start, limit)
        if data is not None or self._under_way.at(start) is not None:
            return start
        return min(until, self._under_way.next_start(start, limit))

    def _arrived(self, fetch: Fetch, start: int, end: int) -> Buffer | None:
        """What a fetch brings of a range, from its start on; None when that must be asked for anew."""
        self._carry_out(fetch)
        if not fetch.done.is_set():
            about_to_wait()
            fetch.done.wait()
        if fetch.error is not None and (fetch.demanded or not isinstance(fetch.error, Exception)):
            raise fetch.error
        return fetch.slice(start, end)

    # Ahead of any need

    def _claim_filling(self, stream: Stream) -> bool:
        """True when there is something to fetch ahead of a stream, and nobody else is about to."""
        with self._lock:
            if stream.filling or self._range_ahead(stream) is None:
                return False
            stream.filling = True
            return True

    def _range_ahead(self, stream: Stream) -> tuple[int, int] | None:
        """The next range to fetch ahead; what is there or on its way already is skipped."""
        while not self._closed and len(self._under_way) < self._max_parts:
            wanted = self._ahead.wanted(stream)
            if wanted is None:
                return None
            start, end = wanted
            while start < end:
                data, until = self._memory.run(self._content, start, end)
                fetch = self._under_way.at(start)
                if data is None and fetch is None:
                    until = min(until, self._under_way.next_start(start, end))
                    return on_grid(start, until, self.size)
                start = fetch.end if fetch is not None else until
            self._ahead.asked(stream, start)
        return None

    def _fill(self, stream: Stream) -> None:
        """Begin to fetch as much ahead of a stream as its window, the budget and `max_parts` allow."""
        while True:
            with self._lock:
                wanted = self._range_ahead(stream)
                if wanted is None:
                    stream.filling = False
                    return
            start, end = wanted
            if not self._budget.try_reserve(end - start):
                with self._lock:
                    self._ahead.shrink(stream, start)
                    stream.filling = False
                return
            fetch = Fetch(start, end, demanded=None, reserved=True)
            with self._lock:
                # Meanwhile a reader may have come to need some of it, and be fetching that.
                is_still_wanted = self._range_ahead(stream) == wanted
                if is_still_wanted:
                    self._under_way.begin(fetch)
                    self._ahead.asked(stream, end)
            if is_still_wanted:
                self._workers.submit(self._carry_out, fetch)
            else:
                self._give_back(fetch)

    # Carrying out

    def _carry_out(self, fetch: Fetch) -> None:
        """Fetch a range in this thread, unless somebody does or did already; never raises."""
        if not fetch.claim():
            return
        from_store: memoryview | None = None
        try:
            self._take_memory(fetch)
            fetch.data, from_store = self._bring(fetch.start, fetch.end)
        except BaseException as error:  # noqa: BLE001 - raised by whoever asked for these bytes
            fetch.error = error
            if fetch.demanded is None:
                _log.debug("could not read %s ahead: %s", self._key, error)
        self._publish(fetch)
        if from_store is not None:
            self._keep_on_disk(fetch.end - len(from_store), from_store)

    def _take_memory(self, fetch: Fetch) -> None:
        """Take the memory from the budget; where there is none, fetch no more than is needed at once."""
        fetch.reserved = fetch.reserved or self._budget.try_reserve(fetch.size)
        if not fetch.reserved and fetch.demanded is not None:
            with self._lock:
                fetch.start, fetch.end = on_grid(*fetch.demanded, self.size)

    def _bring(self, start: int, end: int) -> tuple[memoryview, memoryview | None]:
        """The bytes of a range, and the part of them, its end, that came from the store."""
        cached = self._disk.get(self._content, start, end) if self._disk is not None else b""
        if len(cached) == end - start:
            return memoryview(cached), None
        fresh = self._request(start + len(cached), end)
        return memoryview(joined([cached, fresh]) if cached else fresh).cast("B"), fresh

    def _request(self, start: int, end: int) -> memoryview:
        try:
            data = memoryview(self._backend.read(self._key, start, end, if_match=self._etag)).cast("B")
        except NotFound as error:
            raise Conflict("the file was removed while it was open", self._key) from error
        if len(data) != end - start:
            raise Conflict("the file changed while it was open", self._key)
        return data

    def _publish(self, fetch: Fetch) -> None:
        """Hand what came to memory and to those who wait."""
        with self._lock:
            keep = fetch.data is not None and fetch.reserved and not self._closed
        if keep and fetch.data is not None:
            self._memory.put(self._content, fetch.start, fetch.data, reserved=True)
        else:
            self._give_back(fetch)
        with self._lock:
            self._under_way.end(fetch)
            if fetch.error is not None:
                self._ahead.failed(fetch.start)
        fetch.done.set()

    def _give_back(self, fetch: Fetch) -> None:
        if fetch.reserved:
            self._budget.release(fetch.size)

    def _keep_on_disk(self, start: int, data: memoryview) -> None:
        disk = self._disk
        if disk is None or self._closed or not disk.claim(len(data)):
            return
        try:
            self._workers.submit(self._store_on_disk, disk, start, data)
        except StorageError:
            disk.settle(len(data))
            raise

    def _store_on_disk(self, disk: DiskBlocks, start: int, data: memoryview) -> None:
        try:
            disk.put(self._content, start, data)
        finally:
            disk.settle(len(data))
