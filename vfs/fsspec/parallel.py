"""Threads of the file system: several questions or ranges at a time, in order, a bounded number under way."""

import os
from collections.abc import Callable, Iterable, Iterator
from typing import TypeVar

from vfs.engine import Workers

ItemT = TypeVar("ItemT")
T = TypeVar("T")

AT_ONCE = 16


class _Threads:
    """The workers of this process; their threads start when they are first needed."""

    def __init__(self) -> None:
        self._begin()
        # A forked child has none of its parent's threads.
        os.register_at_fork(after_in_child=self._begin)

    def _begin(self) -> None:
        self._workers = Workers(AT_ONCE, name="vfs-fsspec")

    def map(self, act: Callable[[ItemT], T], items: Iterable[ItemT]) -> Iterator[T]:
        return self._workers.map_bounded(act, items, AT_ONCE)


_threads = _Threads()


def in_parallel(act: Callable[[ItemT], T], items: Iterable[ItemT]) -> Iterator[T]:
    """`act` of every item, in order. What one raises is raised in its place; may be used inside an `act`."""
    return _threads.map(act, items)


def outcome_of(act: Callable[[ItemT], T]) -> Callable[[ItemT], T | Exception]:
    """The act with what it raises given back instead, as fsspec's calls on many files hand it out."""

    def attempt(item: ItemT) -> T | Exception:
        try:
            return act(item)
        except Exception as error:  # noqa: BLE001 - the caller is given it
            return error

    return attempt
