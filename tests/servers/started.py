"""Servers, and whatever else is started and closed, for as long as a block lasts."""

from collections.abc import Iterator
from contextlib import contextmanager
from typing import Protocol, TypeVar


class Startable(Protocol):
    """Closing is harmless where the start failed half-way."""

    def start(self) -> None: ...

    def close(self) -> None: ...


StartableT = TypeVar("StartableT", bound=Startable)


@contextmanager
def started(server: StartableT) -> Iterator[StartableT]:
    """Running inside; closed afterwards, also what of it came up before the start failed."""
    try:
        server.start()
        yield server
    finally:
        server.close()
