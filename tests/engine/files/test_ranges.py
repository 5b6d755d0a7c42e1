"""RangeSet against a plain set of offsets."""

import itertools

from hypothesis import given
from hypothesis import strategies as st

from vfs.engine.files.ranges import RangeSet

SPAN = 40
spans = st.tuples(st.integers(0, SPAN), st.integers(0, SPAN)).map(lambda pair: (min(pair), max(pair)))
acts = st.lists(st.tuples(st.sampled_from(["add", "remove"]), spans))


@given(acts, spans)
def test_a_range_set_is_a_set_of_offsets(
    todo: list[tuple[str, tuple[int, int]]], probe: tuple[int, int]
) -> None:
    """Whatever is added and removed, the ranges hold exactly the offsets that a plain set holds."""
    ours, model = RangeSet(), set[int]()
    for act, (start, end) in todo:
        getattr(ours, act)(start, end)
        model = model | set(range(start, end)) if act == "add" else model - set(range(start, end))

    asked = set(range(*probe))
    assert {n for s, e in ours for n in range(s, e)} == model
    assert ours.total == len(model)
    assert {n for s, e in ours.within(*probe) for n in range(s, e)} == model & asked
    assert {n for s, e in ours.gaps(*probe) for n in range(s, e)} == asked - model
    assert ours.covers(*probe) == (asked <= model)
    assert ours.touches(*probe) == bool(asked & model)


@given(acts)
def test_ranges_are_sorted_and_apart(todo: list[tuple[str, tuple[int, int]]]) -> None:
    """No two ranges touch, so each stands for one contiguous write."""
    ours = RangeSet()
    for act, (start, end) in todo:
        getattr(ours, act)(start, end)

    ranges = list(ours)
    assert all(start < end for start, end in ranges)
    assert all(left[1] < right[0] for left, right in itertools.pairwise(ranges))
