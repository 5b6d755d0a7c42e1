"""Which request of a front door work is done for: a number that goes along into threads, for logs."""

import itertools
from contextvars import ContextVar

_numbers = itertools.count(1)
_current: ContextVar[int] = ContextVar("vfs_request", default=0)


def begin_request() -> None:
    """What this task does from now on, and threads that it hands work to, is for a new request."""
    _current.set(next(_numbers))


def current_request() -> int | None:
    """The request's number, unique in this process; None for work that nobody waits for."""
    return _current.get() or None
