"""The plan of an edit: parts that cover the file, obey the store's limits and copy only what is unchanged."""

from hypothesis import given
from hypothesis import strategies as st

from vfs.engine.backend import PartLimits
from vfs.engine.files.parts import plan_edit
from vfs.engine.files.ranges import RangeSet

LIMITS = PartLimits(smallest=5, preferred=8, largest=50, max_parts=10_000)
offsets = st.integers(0, 200)


@given(
    size=st.integers(1, 200),
    base=offsets,
    writes=st.lists(st.tuples(offsets, offsets).map(lambda pair: (min(pair), max(pair))), max_size=5),
)
def test_a_plan_covers_the_file_and_obeys_the_limits(
    size: int, base: int, writes: list[tuple[int, int]]
) -> None:
    """Parts are contiguous from 0 to the size, only the last is small, copied bytes are clean old bytes."""
    dirty = RangeSet((start, min(end, size)) for start, end in writes if start < size)

    parts = plan_edit(size, base, dirty, LIMITS)

    assert [part.start for part in parts] == [0, *[part.end for part in parts[:-1]]]
    assert parts[-1].end == size
    assert all(part.size >= LIMITS.smallest for part in parts[:-1])
    assert all(part.size <= LIMITS.largest for part in parts)
    copied = [part for part in parts if part.copied]
    assert all(part.end <= base and not dirty.touches(part.start, part.end) for part in copied)


def test_a_small_edit_in_a_big_file_sends_one_small_part() -> None:
    """Four bytes in the middle of 200 cost one part of the smallest size; the rest is copied."""
    parts = plan_edit(200, 200, RangeSet([(100, 104)]), LIMITS)

    assert [(part.start, part.end) for part in parts if not part.copied] == [(100, 105)]
