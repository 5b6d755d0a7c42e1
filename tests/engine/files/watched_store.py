"""A store of one object that counts what is asked of it, and holds, fails or changes when told to."""

import threading
from collections.abc import Callable, Iterator

from vfs.engine.backend import Backend, Buffer
from vfs.engine.capabilities import READING, Capability
from vfs.engine.entries import Entry, EntryKind
from vfs.engine.errors import Conflict, StorageError

PATIENCE = 30.0
"""Seconds after which a test that waits for a condition gives up."""


class WatchedStore(Backend):
    """Serves `content` under any key. `requests` lists the ranges asked for, in the order they came."""

    def __init__(self, content: bytes, etag: str | None = "etag-1") -> None:
        self.content = content
        self.etag = etag
        self.requests: list[tuple[int, int]] = []
        self.threads: set[int] = set()
        self.most_at_once = 0
        self.failure: Callable[[int, int], StorageError | None] = lambda start, end: None
        self._held: Callable[[int, int], bool] = lambda start, end: False
        self._at_once = 0
        self._changed = threading.Condition()

    @property
    def capabilities(self) -> frozenset[Capability]:
        return READING

    def stat(self, key: str) -> Entry:
        return Entry(key, EntryKind.FILE, size=len(self.content), etag=self.etag)

    def list(self, key: str) -> Iterator[Entry]:
        return iter(())

    def read(
        self,
        key: str,
        start: int = 0,
        end: int | None = None,
        *,
        version: str | None = None,
        if_match: str | None = None,
    ) -> Buffer:
        end = len(self.content) if end is None else end
        self._enter(start, end)
        try:
            if error := self.failure(start, end):
                raise error
            if if_match is not None and if_match != self.etag:
                raise Conflict("another version is there", key)
            return memoryview(self.content)[start:end]
        finally:
            with self._changed:
                self._at_once -= 1

    def hold(self, which: Callable[[int, int], bool] = lambda start, end: True) -> None:
        """Let requests for such ranges wait until `release`."""
        self._held = which

    def release(self) -> None:
        with self._changed:
            self._held = lambda start, end: False
            self._changed.notify_all()

    def wait_for_requests(self, count: int) -> None:
        """Until so many requests have come in all."""
        with self._changed:
            assert self._changed.wait_for(lambda: len(self.requests) >= count, PATIENCE), self.requests

    @property
    def bytes_asked(self) -> int:
        return sum(end - start for start, end in self.requests)

    def _enter(self, start: int, end: int) -> None:
        with self._changed:
            self.requests.append((start, end))
            self.threads.add(threading.get_ident())
            self._at_once += 1
            self.most_at_once = max(self.most_at_once, self._at_once)
            self._changed.notify_all()
            assert self._changed.wait_for(lambda: not self._held(start, end), PATIENCE)
