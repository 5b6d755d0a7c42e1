"""Slabs: buffers of one size that are used again, so that no pages are mapped and cleared for each."""

import ctypes
import mmap
import weakref
from collections import deque

SLAB = 8 << 20
"""Bytes of a slab: what is fetched ahead, or sent as a part, in one request."""

_MOST_IDLE = 4
"""Slabs that may lie here unused."""

_idle: deque[mmap.mmap] = deque()


def buffer(size: int) -> memoryview:
    """A buffer to be filled by the caller, from end to end: a used slab holds what it held before.

    A slab may be given to another caller when the last view of it is gone. Thread-safe without a lock, for
    it comes back wherever that view dies, in the midst of anything.
    """
    if size != SLAB:
        return memoryview(bytearray(size))
    try:
        pages = _idle.pop()
    except IndexError:
        pages = mmap.mmap(-1, SLAB, flags=mmap.MAP_PRIVATE | mmap.MAP_ANONYMOUS)
    # The map cannot tell when its last view is gone. This can: it lies between them, and dies then.
    lent = (ctypes.c_char * SLAB).from_buffer(pages)
    weakref.finalize(lent, _give_back, pages).atexit = False
    return memoryview(lent).cast("B")


def idle() -> int:
    """Bytes that wait for their next use, beyond the memory budget."""
    return len(_idle) * SLAB


def _give_back(pages: mmap.mmap) -> None:
    if len(_idle) < _MOST_IDLE:
        _idle.append(pages)
