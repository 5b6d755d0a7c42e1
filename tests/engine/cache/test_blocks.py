"""Spans in memory: right bytes, no copies where one span has them, LRU within the budget."""

from hypothesis import given
from hypothesis import strategies as st

from vfs.engine.cache.blocks import ContentId, MemoryBlocks
from vfs.engine.cache.budget import MemoryBudget

A = ContentId("mount", "a", "1")
A_LATER = ContentId("mount", "a", "2")
B = ContentId("mount", "b", "1")
DATA = bytes(range(200))


def _blocks(total: int = 1000) -> MemoryBlocks:
    return MemoryBlocks(MemoryBudget(total))


def test_one_span_is_given_without_a_copy():
    """A range within one span is a read-only view of the very bytes that were put."""
    blocks = _blocks()
    source = bytearray(DATA)
    assert blocks.put(A, 0, source)
    view = blocks.get(A, 10, 20)
    assert isinstance(view, memoryview)
    assert view.readonly
    assert view.obj is source
    assert bytes(view) == DATA[10:30]


def test_neighbours_are_joined_and_gaps_are_misses():
    """Spans that touch answer together; any missing byte makes the whole range unknown."""
    blocks = _blocks()
    blocks.put(A, 0, DATA[:50])
    blocks.put(A, 50, DATA[50:100])
    blocks.put(A, 101, DATA[101:150])
    assert blocks.get(A, 20, 80) == DATA[20:100]
    assert blocks.get(A, 20, 81) is None
    assert blocks.get(A, 100, 1) is None
    assert blocks.get(A, 149, 2) is None
    assert (blocks.statistics().hits, blocks.statistics().misses) == (1, 3)


def test_another_version_is_another_content():
    """What was put for one version is never given for another."""
    blocks = _blocks()
    blocks.put(A, 0, DATA)
    assert blocks.get(A_LATER, 0, 1) is None
    assert blocks.get(B, 0, 1) is None


def test_the_least_recently_used_span_leaves_first():
    """Under pressure a span that was just read stays, an older one goes."""
    blocks = _blocks(300)
    blocks.put(A, 0, DATA[:100])
    blocks.put(B, 0, DATA[:100])
    blocks.put(A_LATER, 0, DATA[:100])
    assert blocks.get(A, 0, 1) is not None
    assert blocks.put(B, 100, DATA[:100])
    assert blocks.get(B, 0, 100) is None
    assert blocks.get(A, 0, 100) is not None
    assert blocks.budget.used == 300


def test_what_is_demoted_leaves_before_what_is_older():
    """Spans that a forward reader is done with are the first to go."""
    blocks = _blocks(300)
    blocks.put(B, 0, DATA[:100])
    blocks.put(A, 0, DATA[:100])
    blocks.put(A, 100, DATA[100:200])
    blocks.demote(A, 0, 150)
    blocks.put(A_LATER, 0, DATA[:100])
    assert blocks.get(A, 0, 1) is None
    assert blocks.get(A, 100, 100) is not None
    assert blocks.get(B, 0, 100) is not None


def test_a_span_that_does_not_fit_is_refused():
    """More than the whole budget is not remembered, and the caller is told."""
    blocks = _blocks(100)
    assert not blocks.put(A, 0, DATA)
    assert blocks.budget.used == 0


def test_covered_spans_are_not_held_twice():
    """A span within a known one, and known ones within a new one, cost no memory."""
    blocks = _blocks()
    blocks.put(A, 0, DATA[:100])
    blocks.put(A, 20, DATA[20:40])
    assert blocks.budget.used == 100
    blocks.put(A, 0, DATA)
    assert blocks.budget.used == blocks.statistics().bytes == 200
    assert blocks.statistics().spans == 1


def test_discarding_gives_the_memory_back():
    """discard forgets one content and no other."""
    blocks = _blocks()
    blocks.put(A, 0, DATA)
    blocks.put(B, 0, DATA[:10])
    blocks.discard(A)
    blocks.discard(A)
    assert blocks.get(A, 0, 1) is None
    assert blocks.budget.used == 10


def test_a_range_is_discarded_with_no_other():
    """Only spans that lie wholly in the range go."""
    blocks = _blocks()
    for start in (0, 50, 100):
        blocks.put(A, start, DATA[start : start + 50])
    blocks.discard(A, 10, 100)
    blocks.discard(B, 0, 100)
    assert blocks.get(A, 0, 50) is not None
    assert blocks.get(A, 50, 1) is None
    assert blocks.get(A, 100, 50) is not None
    assert blocks.budget.used == 100


def test_a_view_stays_right_after_its_span_left():
    """Bytes given out are not disturbed by eviction."""
    blocks = _blocks(200)
    blocks.put(A, 0, bytes(DATA))
    view = blocks.get(A, 0, 200)
    blocks.put(B, 0, bytes(200))
    assert blocks.get(A, 0, 1) is None
    assert view == DATA


def test_a_run_ends_where_a_span_or_a_gap_ends():
    """run tells what is known from an offset on and how far, and how far nothing is."""
    blocks = _blocks()
    blocks.put(A, 50, DATA[50:100])
    assert blocks.run(A, 0, 30) == (None, 30)
    assert blocks.run(A, 0, 200) == (None, 50)
    assert blocks.run(A, 60, 200) == (DATA[60:100], 100)
    assert blocks.run(A, 60, 70) == (DATA[60:70], 70)
    assert blocks.run(B, 0, 9) == (None, 9)


_ranges = st.tuples(st.integers(0, 199), st.integers(1, 80))
_acts = st.lists(
    st.tuples(st.sampled_from(["put", "get", "demote", "discard"]), st.sampled_from([A, B]), _ranges)
)


@given(_acts, st.integers(50, 500))
def test_what_is_given_is_always_what_was_put(acts, total):
    """Whatever overlaps and leaves: right bytes or None, and the budget holds exactly what is held."""
    blocks = _blocks(total)
    for act, content, (start, size) in acts:
        end = min(start + size, len(DATA))
        if act == "put":
            blocks.put(content, start, DATA[start:end])
        elif act == "get":
            found = blocks.get(content, start, end - start)
            assert found is None or found == DATA[start:end]
        elif act == "demote":
            blocks.demote(content, start, end)
        else:
            blocks.discard(content)
        assert blocks.budget.used == blocks.statistics().bytes <= total
