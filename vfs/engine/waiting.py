"""Waiting for other machines: a thread that also serves others is told before it, and has them taken over."""

import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager


class _Thread(threading.local):
    before: Callable[[], None] | None = None


_this = _Thread()


@contextmanager
def told_before_waits(act: Callable[[], None]) -> Iterator[None]:
    """Inside, `act` is called in this thread before whatever may take long. It is to be quick."""
    former, _this.before = _this.before, act
    try:
        yield
    finally:
        _this.before = former


def about_to_wait() -> None:
    """What follows may take long. Called as late as can be: until then a thread that leads keeps the lead.

    Woken earlier, the thread that takes over and this one would compete for the interpreter.
    """
    if _this.before is not None:
        _this.before()
