"""Notices to the kernel: what it remembers of an inode or a name is no longer so.

A notice of a name, or of pages, may block in the kernel until requests on the same folder or page are
answered, which this process does; so notices are never sent by a request handler or on the loop, but queued
here and sent from threads. One of attributes waits for no request (`fuse_reverse_inval_inode` in the kernel's
fs/fuse/inode.c), and goes past the others.
"""

import logging
import math
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from functools import partial

import pyfuse3
import trio
from pyfuse3 import FileNameT, InodeT

log = logging.getLogger(__name__)

SENDERS = 4
"""One notice that waits for a slow request does not hold up the others."""


@dataclass(frozen=True, slots=True)
class StaleName:
    """A name in a folder stands for something else now, or for nothing."""

    folder: int
    name: bytes

    def send(self) -> None:
        pyfuse3.invalidate_entry(InodeT(self.folder), FileNameT(self.name))


@dataclass(frozen=True, slots=True)
class StaleInode:
    """An inode's attributes changed, and unless `attributes_only` its content."""

    number: int
    attributes_only: bool = False

    def send(self) -> None:
        pyfuse3.invalidate_inode(InodeT(self.number), self.attributes_only)


Notice = StaleName | StaleInode


class Notices:
    """The queue of notices, and the tasks that send them."""

    def __init__(self) -> None:
        self._entrance, self._exit = trio.open_memory_channel[Notice](math.inf)
        self._limiter = trio.CapacityLimiter(SENDERS)
        self._expired, self._expiring = trio.open_memory_channel[_Expiry](math.inf)
        self._quick_limiter = trio.CapacityLimiter(SENDERS)

    def post(self, notice: Notice) -> None:
        """Have a notice sent soon; call it on the loop."""
        self._entrance.send_nowait(notice)

    def expire(self, numbers: Sequence[int], told: Callable[[], None]) -> None:
        """Have the kernel ask anew for the attributes of these inodes, at once.

        Call it on the loop; `told` is called when that is done, in another thread.
        """
        self._expired.send_nowait((numbers, told))

    async def run(self) -> None:
        """Send notices until cancelled."""
        async with trio.open_nursery() as nursery:
            for _ in range(SENDERS):
                nursery.start_soon(self._send_posted)
                nursery.start_soon(self._send_expired)

    async def _send_posted(self) -> None:
        async for notice in self._exit:
            await trio.to_thread.run_sync(partial(send, notice), limiter=self._limiter)

    async def _send_expired(self) -> None:
        async for expiry in self._expiring:
            await trio.to_thread.run_sync(_expire, *expiry, limiter=self._quick_limiter)


_Expiry = tuple[Sequence[int], Callable[[], None]]


def _expire(numbers: Sequence[int], told: Callable[[], None]) -> None:
    for number in numbers:
        send(StaleInode(number, attributes_only=True))
    told()


def send(notice: Notice) -> None:
    """Tell the kernel; what it does not take is logged. Blocks: never call it on the loop."""
    try:
        notice.send()
    except FileNotFoundError:
        log.debug("the kernel does not know %s", notice)
    except OSError as error:
        log.warning("the kernel did not take %s: %s", notice, error)
