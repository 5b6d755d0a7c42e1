"""RangeSet: which bytes of a file, as sorted ranges that neither touch nor overlap."""

from bisect import bisect_left, bisect_right
from collections.abc import Iterable, Iterator

Range = tuple[int, int]
"""Start, inclusive, and end, exclusive, in bytes."""


class RangeSet:
    """A set of byte offsets; every operation costs O(log n) plus the ranges it touches. Not thread-safe."""

    def __init__(self, ranges: Iterable[Range] = ()) -> None:
        self._starts: list[int] = []
        self._ends: list[int] = []
        for start, end in ranges:
            self.add(start, end)

    def __iter__(self) -> Iterator[Range]:
        return iter(list(zip(self._starts, self._ends, strict=True)))

    def __bool__(self) -> bool:
        return bool(self._starts)

    def __eq__(self, other: object) -> bool:
        if not isinstance(other, RangeSet):
            return NotImplemented
        return self._starts == other._starts and self._ends == other._ends

    __hash__ = None  # type: ignore[assignment] # as Python says that it changes

    def __repr__(self) -> str:
        return f"RangeSet({list(self)})"

    def copy(self) -> "RangeSet":
        twin = RangeSet()
        twin._starts = self._starts.copy()
        twin._ends = self._ends.copy()
        return twin

    @property
    def total(self) -> int:
        """How many bytes are in the set."""
        return sum(self._ends) - sum(self._starts)

    @property
    def end(self) -> int:
        """The first offset after the last range; 0 for an empty set."""
        return self._ends[-1] if self._ends else 0

    def add(self, start: int, end: int) -> None:
        if start >= end:
            return
        first = bisect_left(self._ends, start)
        last = bisect_right(self._starts, end)
        if first < last:
            start = min(start, self._starts[first])
            end = max(end, self._ends[last - 1])
        self._starts[first:last] = [start]
        self._ends[first:last] = [end]

    def remove(self, start: int, end: int) -> None:
        if start >= end:
            return
        first = bisect_right(self._ends, start)
        last = bisect_left(self._starts, end)
        if first >= last:
            return
        kept: list[Range] = []
        if self._starts[first] < start:
            kept.append((self._starts[first], start))
        if self._ends[last - 1] > end:
            kept.append((end, self._ends[last - 1]))
        self._starts[first:last] = [s for s, _ in kept]
        self._ends[first:last] = [e for _, e in kept]

    def clear(self) -> None:
        self._starts.clear()
        self._ends.clear()

    def covers(self, start: int, end: int) -> bool:
        """True when every byte from `start` to `end` is in the set; an empty range is."""
        if start >= end:
            return True
        at = bisect_right(self._starts, start) - 1
        return at >= 0 and self._ends[at] >= end

    def touches(self, start: int, end: int) -> bool:
        """True when any byte from `start` to `end` is in the set."""
        return start < end and bisect_right(self._ends, start) < bisect_left(self._starts, end)

    def within(self, start: int, end: int) -> list[Range]:
        """The parts of the set between `start` and `end`."""
        first = bisect_right(self._ends, start)
        last = bisect_left(self._starts, end)
        return [(max(start, self._starts[i]), min(end, self._ends[i])) for i in range(first, last)]

    def gaps(self, start: int, end: int) -> list[Range]:
        """What is missing from the set between `start` and `end`."""
        missing: list[Range] = []
        at = start
        for known_start, known_end in self.within(start, end):
            if at < known_start:
                missing.append((at, known_start))
            at = known_end
        if at < end:
            missing.append((at, end))
        return missing
