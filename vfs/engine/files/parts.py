"""Cutting a file into upload parts: which to send, and which the store may copy from the old object."""

from dataclasses import dataclass

from vfs.engine.backend import PartLimits
from vfs.engine.files.ranges import RangeSet


@dataclass(frozen=True, slots=True)
class Part:
    """Bytes `start` to `end` of the new object; `copied` when the old object has them at the same place."""

    start: int
    end: int
    copied: bool = False

    @property
    def size(self) -> int:
        return self.end - self.start


def cut(start: int, end: int, limits: PartLimits) -> list[Part]:
    """Parts to send for one range: the preferred size, larger where a file would need too many parts."""
    size = max(limits.preferred, -(-(end - start) // limits.max_parts))
    return [Part(at, min(at + size, end)) for at in range(start, end, size)]


def plan_edit(size: int, base_limit: int, dirty: RangeSet, limits: PartLimits) -> list[Part]:
    """Parts that make a file of `size` bytes of which `dirty` was written, the rest being the old object's.

    `base_limit` is how far the old object's bytes still count; beyond it, what is not dirty is zeros.
    Every part but the last has at least `limits.smallest` bytes, so an edit carries along what it needs
    of its neighbours. No part is copied where that would save nothing.
    """
    parts: list[Part] = []
    at = 0
    for start, end in dirty.gaps(0, min(size, base_limit)):
        if at < start < at + limits.smallest:
            start = at + limits.smallest
        if start >= end or (end - start < limits.smallest and end != size):
            continue
        parts += _sent(at, start, limits)
        parts += _copied(start, end, limits)
        at = end
    return parts + _sent(at, size, limits)


def _sent(start: int, end: int, limits: PartLimits) -> list[Part]:
    """Parts to send, none but the file's last below the smallest size."""
    parts = cut(start, end, limits)
    if len(parts) > 1 and parts[-1].size < limits.smallest:
        last = parts.pop()
        parts[-1] = Part(parts[-1].start, last.end)
    return parts


def _copied(start: int, end: int, limits: PartLimits) -> list[Part]:
    count = max(1, -(-(end - start) // limits.largest))
    step = -(-(end - start) // count)
    return [Part(at, min(at + step, end), copied=True) for at in range(start, end, step)]
