"""File content in memory: spans of bytes as they were fetched, the least recently used leaving first."""

import threading
from bisect import bisect_left, bisect_right
from collections import OrderedDict
from dataclasses import dataclass

from vfs.engine.backend import Buffer
from vfs.engine.cache.budget import MemoryBudget


@dataclass(frozen=True, slots=True)
class ContentId:
    """One unchanging content: `version` is the ETag, or whatever differs whenever the bytes differ."""

    mount: str
    key: str
    version: str


@dataclass(frozen=True, slots=True)
class BlockStatistics:
    """How often `get` knew and did not know, and what is held now, in spans and bytes."""

    hits: int
    misses: int
    spans: int
    bytes: int


class _Span:
    """The bytes from `start` to `end` of one content."""

    __slots__ = ("content", "end", "start", "view")

    def __init__(self, content: ContentId, start: int, view: memoryview) -> None:
        self.content = content
        self.start = start
        self.end = start + len(view)
        self.view = view


class _Content:
    """The spans of one content by offset. None lies within another, so starts and ends both ascend."""

    __slots__ = ("spans", "starts")

    def __init__(self) -> None:
        self.starts: list[int] = []
        self.spans: list[_Span] = []

    @property
    def end(self) -> int:
        return self.spans[-1].end

    def at(self, offset: int) -> _Span | None:
        """The span that holds `offset` and reaches furthest beyond it."""
        index = bisect_right(self.starts, offset) - 1
        if index < 0 or self.spans[index].end <= offset:
            return None
        return self.spans[index]

    def next_start(self, offset: int) -> int | None:
        """Where the first span after `offset` begins."""
        index = bisect_right(self.starts, offset)
        return self.starts[index] if index < len(self.starts) else None

    def within(self, start: int, end: int) -> list[_Span]:
        """The spans that lie wholly between `start` and `end`."""
        first = bisect_left(self.starts, start)
        last = bisect_left(self.starts, end)
        return [span for span in self.spans[first:last] if span.end <= end]

    def add(self, span: _Span) -> None:
        index = bisect_left(self.starts, span.start)
        self.starts.insert(index, span.start)
        self.spans.insert(index, span)

    def remove(self, span: _Span) -> None:
        index = bisect_left(self.starts, span.start)
        del self.starts[index]
        del self.spans[index]


class MemoryBlocks:
    """Spans of unchanging contents, held within a budget and given back to it under pressure.

    Thread-safe; every call takes microseconds, so that an event loop may make it. The views given out
    stay right after their span has left.
    """

    def __init__(self, budget: MemoryBudget) -> None:
        self.budget = budget
        self._lock = threading.Lock()
        self._contents: dict[ContentId, _Content] = {}
        self._order: OrderedDict[_Span, None] = OrderedDict()
        self._bytes = 0
        self._hits = 0
        self._misses = 0
        budget.add_reclaimer(self.reclaim)

    def get(self, content: ContentId, offset: int, size: int) -> Buffer | None:
        """Exactly these bytes, without a copy where one span has them all; None when any is missing."""
        end = offset + size
        with self._lock:
            known = self._contents.get(content)
            span = known.at(offset) if known is not None else None
            if span is not None and span.end >= end:
                self._order.move_to_end(span)
                self._hits += 1
                return span.view[offset - span.start : end - span.start]
            views = [] if known is None or span is None else self._collect(known, offset, end)
            if not views:
                self._misses += 1
                return None
            self._hits += 1
        return b"".join(views)

    def run(self, content: ContentId, offset: int, limit: int) -> tuple[Buffer | None, int]:
        """What one span has from `offset` on (None: a gap), and where it or the gap ends, `limit` at most."""
        with self._lock:
            known = self._contents.get(content)
            if known is None:
                return None, limit
            if (span := known.at(offset)) is None:
                start = known.next_start(offset)
                return None, limit if start is None else min(start, limit)
            self._order.move_to_end(span)
            end = min(span.end, limit)
            return span.view[offset - span.start : end - span.start], end

    def put(self, content: ContentId, offset: int, data: Buffer, *, reserved: bool = False) -> bool:
        """Remember bytes, which nobody may change any more; False when there is no room for them.

        `reserved`: the caller has taken `len(data)` bytes from the budget for them already.
        """
        view = memoryview(data).cast("B").toreadonly()
        if not view:
            return True
        if not reserved and not self.budget.try_reserve(len(view)):
            return False
        self.budget.release(self._insert(_Span(content, offset, view)))
        return True

    def demote(self, content: ContentId, start: int, end: int) -> None:
        """Let the spans wholly between `start` and `end` be the first to leave."""
        with self._lock:
            if (known := self._contents.get(content)) is not None:
                for span in known.within(start, end):
                    self._order.move_to_end(span, last=False)

    def discard(self, content: ContentId, start: int = 0, end: int | None = None) -> None:
        """Forget the spans of one content wholly between `start` and `end`; all of them unless told."""
        with self._lock:
            known = self._contents.get(content)
            gone = [] if known is None else known.within(start, known.end if end is None else end)
            freed = sum(self._drop(span) for span in gone)
        self.budget.release(freed)

    def reclaim(self, size: int) -> int:
        """Let the least recently used spans go until `size` bytes are free; says how many are."""
        gone = []  # kept until the lock is free: giving megabytes back to the system takes time
        freed = 0
        with self._lock:
            while freed < size and self._order:
                span = next(iter(self._order))
                freed += self._drop(span)
                gone.append(span)
        self.budget.release(freed)
        return freed

    def statistics(self) -> BlockStatistics:
        with self._lock:
            return BlockStatistics(self._hits, self._misses, len(self._order), self._bytes)

    def _collect(self, known: _Content, offset: int, end: int) -> list[memoryview]:
        """The views that joined are `offset` to `end`; [] when there is a gap."""
        views = []
        while offset < end:
            if (span := known.at(offset)) is None:
                return []
            self._order.move_to_end(span)
            until = min(span.end, end)
            views.append(span.view[offset - span.start : until - span.start])
            offset = until
        return views

    def _insert(self, span: _Span) -> int:
        """Place a span whose bytes are reserved; says how many bytes are to be given back."""
        with self._lock:
            known = self._contents.setdefault(span.content, _Content())
            holder = known.at(span.start)
            if holder is not None and holder.end >= span.end:
                self._order.move_to_end(holder)
                return span.end - span.start
            freed = sum(self._drop(covered) for covered in known.within(span.start, span.end))
            # dropping the last span of a content forgets the content itself
            self._contents.setdefault(span.content, known).add(span)
            self._order[span] = None
            self._bytes += span.end - span.start
            return freed

    def _drop(self, span: _Span) -> int:
        known = self._contents[span.content]
        known.remove(span)
        if not known.spans:
            del self._contents[span.content]
        del self._order[span]
        self._bytes -= span.end - span.start
        return span.end - span.start
