"""What is replaced while it is being taken is taken anew, as it is then."""

from collections.abc import Callable
from contextlib import suppress
from typing import TypeVar

from vfs.engine.errors import Conflict

_TRIES = 4
"""To take a file that others replace all the time."""

ResultT = TypeVar("ResultT")


def newest(take: Callable[[], ResultT]) -> ResultT:
    """What `take` returns, which begins with the version that stands there when it is called.

    It raises Conflict where another version came meanwhile, and nothing of the old one was given to anybody.
    """
    for _ in range(_TRIES - 1):
        with suppress(Conflict):
            return take()
    return take()
