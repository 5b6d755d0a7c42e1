"""The arithmetic of reading ahead: who is a stream, how its window grows and shrinks."""

from itertools import pairwise

from hypothesis import given
from hypothesis import strategies as st

from vfs.engine.files.readahead import FIRST_WINDOW, GRID, PART, ReadAhead, on_grid

MIB = 1 << 20
SIZE = 1 << 30
LARGEST = 64 * MIB


def _read_on(ahead: ReadAhead, start: int, end: int, step: int = GRID) -> list[tuple[int, int]]:
    """Read forwards in steps, fetching whatever is wanted; what was fetched."""
    fetched = []
    for position in range(start, end, step):
        stream = ahead.note(position, position + step)
        while (wanted := ahead.wanted(stream)) is not None:
            fetched.append(wanted)
            ahead.asked(stream, wanted[1])
    return fetched


def test_a_single_read_wants_nothing_ahead():
    """Nobody knows yet that more will be read."""
    assert _read_on(ReadAhead(SIZE, LARGEST), 10 * MIB, 10 * MIB + GRID) == []


def test_the_window_doubles_up_to_its_limit_in_parts_of_eight_mebibytes():
    """Reading on fetches without gaps or repeats, parts growing to 8 MiB, never more than 64 MiB ahead."""
    fetched = _read_on(ReadAhead(SIZE, LARGEST), 0, 256 * MIB)
    sizes = [end - start for start, end in fetched]
    assert sizes == sorted(sizes)
    assert sizes[-1] == PART
    assert all(end == start for (_, end), (start, _) in pairwise(fetched))
    assert fetched[-1][1] <= 256 * MIB + LARGEST


def test_the_end_of_the_file_ends_the_window():
    """Nothing beyond the file is wanted."""
    fetched = _read_on(ReadAhead(3 * MIB + 5, LARGEST), 0, 3 * MIB)
    assert fetched[-1][1] == 3 * MIB + 5


def test_reads_slightly_out_of_order_are_one_stream():
    """Pairs of requests that overtake each other keep one stream going."""
    ahead = ReadAhead(SIZE, LARGEST)
    streams = {id(ahead.note(0, GRID)), id(ahead.note(GRID, 2 * GRID))}
    for pair in range(2 * GRID, 20 * MIB, 2 * GRID):
        streams.add(id(ahead.note(pair + GRID, pair + 2 * GRID)))
        streams.add(id(ahead.note(pair, pair + GRID)))
    assert len(streams) == 1


def test_interleaved_readers_are_streams_of_their_own():
    """Four readers in turns each get read ahead."""
    ahead = ReadAhead(SIZE, LARGEST)
    starts = [number * 100 * MIB for number in range(4)]
    confirmed = [
        ahead.note(start + step, start + step + GRID).confirmed
        for step in range(0, 4 * MIB, GRID)
        for start in starts
    ]
    assert not any(confirmed[:4])
    assert all(confirmed[4:])


def test_random_reads_do_not_push_out_a_stream():
    """A forward reader stays known among many reads elsewhere."""
    ahead = ReadAhead(SIZE, LARGEST)
    ahead.note(0, GRID)
    stream = ahead.note(GRID, 2 * GRID)
    for step in range(2, 40):
        for other in range(20):
            elsewhere = (200 + step * 20 + other) * MIB
            ahead.note(elsewhere, elsewhere + 4096)
        assert ahead.note(step * GRID, (step + 1) * GRID) is stream
    assert stream.position == 40 * GRID


def test_a_window_shrinks_when_memory_is_short_and_grows_again():
    """Halving stops at the first window; what was not fetched is wanted again."""
    ahead = ReadAhead(SIZE, LARGEST)
    _read_on(ahead, 0, 32 * MIB)
    stream = ahead.note(32 * MIB, 32 * MIB + GRID)
    for _ in range(10):
        ahead.shrink(stream, stream.position)
    assert stream.window == FIRST_WINDOW
    assert ahead.wanted(stream) == (stream.position, stream.position + FIRST_WINDOW // 2)
    _read_on(ahead, stream.position, 64 * MIB)
    assert stream.window > FIRST_WINDOW


def test_a_small_budget_means_no_reading_ahead():
    """A window that cannot even hold the first request is none."""
    assert _read_on(ReadAhead(SIZE, FIRST_WINDOW - 1), 0, 8 * MIB) == []


@given(st.integers(0, SIZE), st.integers(0, SIZE), st.integers(1, SIZE))
def test_the_grid_holds_the_range(start, length, size):
    """A widened range holds the range, begins and ends on the grid or at the end of the file."""
    start = min(start, size - 1)
    end = min(start + length + 1, size)
    first, last = on_grid(start, end, size)
    assert first <= start < end <= last <= size
    assert first % GRID == 0
    assert last % GRID == 0 or last == size
    assert start - first < GRID
    assert last - end < GRID
