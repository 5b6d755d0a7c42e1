"""Ranges of one file that are on their way here, each shared by everybody who needs some of it."""

import threading
from dataclasses import dataclass, field

from vfs.engine.backend import Buffer


@dataclass(slots=True, eq=False)
class Fetch:
    """One range under way. Whoever claims it carries it out; the others wait for `done`.

    A waiter may claim what still stands in a queue, so nobody waits for a free thread.
    """

    start: int
    end: int
    demanded: tuple[int, int] | None
    """What a reader needs of it at once; None for what is fetched ahead of anybody's need."""
    reserved: bool = False
    """True when its memory is taken from the budget."""
    data: memoryview | None = None
    error: BaseException | None = None
    done: threading.Event = field(default_factory=threading.Event)
    _claim: threading.Lock = field(default_factory=threading.Lock)

    @property
    def size(self) -> int:
        return self.end - self.start

    def claim(self) -> bool:
        """True for the first who asks."""
        return self._claim.acquire(blocking=False)

    def slice(self, start: int, end: int) -> memoryview | None:
        """What arrived from `start` on, up to `end`; None when nothing did."""
        if self.data is None or not self.start <= start < self.end:
            return None
        return self.data[start - self.start : end - self.start]


class FetchesUnderWay:
    """The fetches of one file that are not done yet. Not thread-safe: its reader's lock guards it."""

    def __init__(self) -> None:
        self._fetches: list[Fetch] = []

    def __len__(self) -> int:
        return len(self._fetches)

    def begin(self, fetch: Fetch) -> Fetch:
        self._fetches.append(fetch)
        return fetch

    def end(self, fetch: Fetch) -> None:
        self._fetches.remove(fetch)

    def at(self, offset: int) -> Fetch | None:
        """The fetch that will bring this byte."""
        return next((fetch for fetch in self._fetches if fetch.start <= offset < fetch.end), None)

    def next_start(self, offset: int, limit: int) -> int:
        """Where the next fetch after `offset` begins, `limit` at most."""
        return min((fetch.start for fetch in self._fetches if fetch.start > offset), default=limit)

    def unclaimed(self) -> list[Fetch]:
        """Claim everything that nobody carries out yet."""
        return [fetch for fetch in self._fetches if fetch.claim()]


def joined(pieces: list[Buffer]) -> Buffer:
    """The pieces as one buffer, without a copy where there is only one."""
    return pieces[0] if len(pieces) == 1 else b"".join(pieces)
