"""Which reads follow each other, and how far ahead of them to fetch: pure arithmetic, no I/O.

A stream is a place in a file where somebody reads forwards. The reads of one stream come slightly out of
order (the kernel has several under way), and several streams may be interleaved.
"""

from dataclasses import dataclass

GRID = 128 << 10
"""Everything is fetched in whole multiples of this, but for the end of a file."""

FIRST_WINDOW = 1 << 20
"""What the first read of a stream fetches, and where a shrinking window stops."""

PART = 8 << 20
"""The most that one request fetches."""

_DISORDER = 2 << 20
"""How far a read may lie from where its stream is: the kernel's own read-ahead, and some."""

_MAX_STREAMS = 8


@dataclass(slots=True, eq=False)
class Stream:
    """One reader going forwards; all offsets are in the file."""

    position: int
    """The end of what was asked for."""
    ahead: int
    """The end of what was asked of the store."""
    mark: int
    """Where the window doubles next: the reader then enters what was last fetched ahead."""
    left_behind: int
    """What lies before this is read and done with."""
    limit: int
    """Nothing beyond this is fetched ahead: the file's end, or where somebody said to end."""
    window: int = FIRST_WINDOW
    confirmed: bool = False
    """True once a read followed another, or was said to be going to."""
    expected: int | None = None
    """Where it was said to begin, if it was."""
    filling: bool = False
    """True while somebody is about to fetch ahead of it."""


class ReadAhead:
    """The streams of one file of `size` bytes, fetching at most `largest_window` ahead of each."""

    def __init__(self, size: int, largest_window: int) -> None:
        self._size = size
        self._largest = largest_window
        self._streams: list[Stream] = []

    def expect(self, start: int, end: int) -> None:
        """Somebody is going to read forwards from `start` to `end`, and no further."""
        self._make_room()
        stream = Stream(position=start, ahead=start, mark=start, left_behind=start, limit=end)
        stream.confirmed, stream.expected = True, start
        self._streams.append(stream)

    def note(self, start: int, end: int) -> Stream:
        """The stream that a read from `start` to `end` belongs to, moved along."""
        stream = self._find(start)
        if stream is None:
            stream = Stream(position=end, ahead=start, mark=start, left_behind=start, limit=self._size)
            self._make_room()
        else:
            self._streams.remove(stream)
            stream.confirmed = True
            stream.position = max(stream.position, end)
            if end > stream.limit:
                stream.limit = self._size
            self._widen(stream)
        self._streams.append(stream)
        return stream

    def wanted(self, stream: Stream) -> tuple[int, int] | None:
        """What to fetch next ahead of a stream, on the grid; None when enough is there or on its way."""
        known = max(stream.ahead, stream.position)
        if not stream.confirmed or known >= stream.limit or self._largest < FIRST_WINDOW:
            return None
        start = known // GRID * GRID
        end = min(start + min(PART, stream.window // 2 // GRID * GRID), stream.limit)
        return (start, end) if end - stream.position <= stream.window else None

    def asked(self, stream: Stream, end: int) -> None:
        """The store was asked for everything up to `end`."""
        stream.ahead = max(stream.ahead, end)

    def shrink(self, stream: Stream, start: int) -> None:
        """There is no memory for what lies ahead from `start` on, or it had to leave unread."""
        stream.window = max(stream.window // 2, FIRST_WINDOW)
        stream.mark = stream.position + stream.window
        stream.ahead = min(stream.ahead, start)

    def failed(self, start: int) -> None:
        """What was to be fetched from `start` on did not come."""
        for stream in self._streams:
            if stream.position <= start < stream.ahead:
                stream.window = FIRST_WINDOW
                self.shrink(stream, start)

    def left_behind(self, stream: Stream) -> tuple[int, int] | None:
        """A range that a stream is done with, told once, in steps of a part; or None."""
        start, end = stream.left_behind, stream.position - _DISORDER
        if not stream.confirmed or end - start < PART:
            return None
        # spans reach over the edges of what is told, and count only when they lie within it
        stream.left_behind = end - PART // 2
        return max(0, start - PART), end

    def ended(self, stream: Stream) -> tuple[int, int] | None:
        """What is left of a stream that came to the end it was said to have, told once; or None."""
        if stream.expected is None or stream.position < stream.limit or stream not in self._streams:
            return None
        self._streams.remove(stream)
        return on_grid(max(stream.expected, stream.left_behind - PART), stream.limit, self._size)

    def _widen(self, stream: Stream) -> None:
        if stream.position >= stream.mark:
            stream.mark = max(stream.ahead, stream.position)
            stream.window = max(min(stream.window * 2, self._largest), FIRST_WINDOW)

    def _find(self, start: int) -> Stream | None:
        for stream in reversed(self._streams):
            if start == stream.position:
                return stream
            if stream.confirmed and abs(start - stream.position) <= _DISORDER:
                return stream
        return None

    def _make_room(self) -> None:
        if len(self._streams) >= _MAX_STREAMS:
            oldest = next((s for s in self._streams if not s.confirmed), self._streams[0])
            self._streams.remove(oldest)


def on_grid(start: int, end: int, size: int) -> tuple[int, int]:
    """The range widened to the grid, within a file of `size` bytes."""
    return start // GRID * GRID, min(-(-end // GRID) * GRID, size)
