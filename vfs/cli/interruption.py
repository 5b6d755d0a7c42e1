"""Ctrl-C in the middle of a verb: what is under way is given up at once, and what was done is told."""

import signal
from collections.abc import Callable, Iterator
from contextlib import contextmanager

from vfs.cli.output import Output
from vfs.signals import handling


@contextmanager
def interruptible(cut: Callable[[], None]) -> Iterator[None]:
    """Inside, Ctrl-C calls `cut` before it raises KeyboardInterrupt, so that nobody waits for threads."""

    def stop(_: int) -> None:
        cut()
        raise KeyboardInterrupt

    with handling(stop, signal.SIGINT):
        yield


@contextmanager
def telling_interruption(out: Output, words: Callable[[], str]) -> Iterator[None]:
    """Tell in these words what was done by whatever Ctrl-C ended inside."""
    try:
        yield
    except KeyboardInterrupt:
        out.failure(f"interrupted: {words()}")
        raise
