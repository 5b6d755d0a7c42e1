"""Slabs: used again once nobody sees them, and never before."""

from vfs.engine.slabs import SLAB, buffer, idle


def _drained() -> list[memoryview]:
    """All slabs that lay unused, held now."""
    return [buffer(SLAB) for _ in range(idle() // SLAB)]


def test_a_slab_is_used_again_when_its_last_view_is_gone():
    """A slice keeps its slab; the next caller gets the same pages when the slice is gone, too."""
    held = _drained()
    first = buffer(SLAB)
    first[:5] = b"first"
    part = first[1:3]
    del first
    assert idle() == 0
    another = buffer(SLAB)
    another[:5] = b"other"
    assert part == b"ir"
    del part
    assert idle() == SLAB
    assert buffer(SLAB)[:5] == b"first"
    del held


def test_few_slabs_lie_unused():
    """However many were in use at a time, the rest goes back to the system."""
    many = [buffer(SLAB) for _ in range(12)]
    many.clear()
    assert 0 < idle() <= 4 * SLAB


def test_other_sizes_are_buffers_as_any():
    """A caller need not know the size of a slab."""
    before = idle()
    for size in (0, 1, SLAB - 1, SLAB + 1):
        assert len(buffer(size)) == size
    assert idle() == before
