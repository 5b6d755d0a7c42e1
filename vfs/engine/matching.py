"""Which lines of two texts are the same lines: anchored on lines that are unique, in bounded time."""

from bisect import bisect_left
from collections.abc import Iterator, Sequence
from difflib import SequenceMatcher
from itertools import pairwise

Span = tuple[int, int, int, int]
"""Lines of the old text (from, up to) and of the new one (from, up to)."""

_SMALL = 1 << 20
"""Pairs of lines, at most, for which every line is compared with every other."""

_DEEPEST = 64
"""How often a span may be divided at unique lines before it is taken as it is."""


def changes(old: Sequence[bytes], new: Sequence[bytes]) -> Iterator[Span]:
    """Where the texts differ, in order: lines of the old one that stand for lines of the new one."""
    partners = _partners(*_numbered(old, new))
    i = j = 0
    for at, partner in enumerate([*partners, len(new)]):
        if partner < 0:
            continue
        if at > i or partner > j:
            yield i, at, j, partner
        i, j = at + 1, partner + 1


def _numbered(old: Sequence[bytes], new: Sequence[bytes]) -> tuple[list[int], list[int]]:
    """Equal numbers for equal lines: they are compared often."""
    numbers: dict[bytes, int] = {}
    first = [numbers.setdefault(line, len(numbers)) for line in old]
    return first, [numbers.setdefault(line, len(numbers)) for line in new]


def _partners(old: list[int], new: list[int]) -> list[int]:
    """For each line of the old text the line of the new one that it is, or -1."""
    partners = [-1] * len(old)
    waiting: list[tuple[Span, int]] = [((0, len(old), 0, len(new)), 0)]
    while waiting:
        span, depth = waiting.pop()
        i, i_end, j, j_end = _without_equal_ends(old, new, span, partners)
        if i == i_end or j == j_end:
            continue
        anchors = _unique_in_both(old, new, (i, i_end, j, j_end)) if depth < _DEEPEST else []
        if anchors:
            # A span that begins with an anchor begins with equal lines: that is how they are matched.
            corners = [(i, j), *anchors, (i_end, j_end)]
            for (i1, j1), (i2, j2) in pairwise(corners):
                waiting.append(((i1, i2, j1, j2), depth + 1))
        elif (i_end - i) * (j_end - j) <= _SMALL:
            matcher = SequenceMatcher(None, old[i:i_end], new[j:j_end], autojunk=False)
            for block in matcher.get_matching_blocks():
                for step in range(block.size):
                    partners[i + block.a + step] = j + block.b + step
    return partners


def _without_equal_ends(old: list[int], new: list[int], span: Span, partners: list[int]) -> Span:
    """The span without the lines that are equal at its beginning and at its end, which are noted."""
    i, i_end, j, j_end = span
    while i < i_end and j < j_end and old[i] == new[j]:
        partners[i] = j
        i, j = i + 1, j + 1
    while i < i_end and j < j_end and old[i_end - 1] == new[j_end - 1]:
        i_end, j_end = i_end - 1, j_end - 1
        partners[i_end] = j_end
    return i, i_end, j, j_end


def _unique_in_both(old: list[int], new: list[int], span: Span) -> list[tuple[int, int]]:
    """Lines that each text has once in the span: the longest row of them that is in order in both."""
    i, i_end, j, j_end = span
    in_old, in_new = _once(old, i, i_end), _once(new, j, j_end)
    common = [(at, in_new[line]) for line, at in in_old.items() if line in in_new]
    return _longest_ascending(sorted(common))


def _once(lines: list[int], start: int, end: int) -> dict[int, int]:
    """Where the lines are that occur once."""
    places: dict[int, int] = {}
    repeated: set[int] = set()
    for at in range(start, end):
        if places.setdefault(lines[at], at) != at:
            repeated.add(lines[at])
    return {line: at for line, at in places.items() if line not in repeated}


def _longest_ascending(pairs: list[tuple[int, int]]) -> list[tuple[int, int]]:
    """The most of these pairs whose second numbers ascend; their first ones do."""
    lasts: list[int] = []
    ends: list[int] = []
    before: list[int] = []
    for at, (_, second) in enumerate(pairs):
        length = bisect_left(lasts, second)
        before.append(ends[length - 1] if length else -1)
        lasts[length : length + 1] = [second]
        ends[length : length + 1] = [at]
    found = []
    at = ends[-1] if ends else -1
    while at >= 0:
        found.append(pairs[at])
        at = before[at]
    return found[::-1]
