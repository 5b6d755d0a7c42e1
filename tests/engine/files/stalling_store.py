"""A store that takes its time with changes, until a test lets it go on."""

import threading
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from enum import Enum, auto
from typing import Any

from tests.fakes import ObjectStore, Upload
from vfs.engine.entries import Attributes, WriteResult
from vfs.engine.errors import BackendUnavailable


class Stall(Enum):
    """Where a write stands still."""

    BEFORE = auto()
    """It was sent, and the store has not taken it."""
    AFTER = auto()
    """The store has taken it, and has not answered."""


class StallingStore(ObjectStore):
    """Holds each write back where it is told to; `held` writes stand there, of those that
    `came`. Reads are answered."""

    def __init__(self) -> None:
        super().__init__()
        self._begin()

    def _begin(self) -> None:
        self.held = 0
        self.came = 0
        self.loses_answers = False
        self._stall: Stall | None = None
        self._changed = threading.Condition()

    def another_client(self) -> "StallingStore":
        client = super().another_client()
        assert isinstance(client, StallingStore)
        client._begin()
        return client

    def stall(self, where: Stall) -> None:
        self._set(where)

    def go_on(self) -> None:
        self._set(None)

    def _set(self, stall: Stall | None) -> None:
        with self._changed:
            self._stall = stall
            self._changed.notify_all()

    @contextmanager
    def holding(self) -> Iterator[None]:
        self.came += 1
        self._wait(Stall.BEFORE)
        yield
        self._wait(Stall.AFTER)
        if self.loses_answers and self.down.is_set():
            raise BackendUnavailable("the store has it, and its answer is lost")

    def _wait(self, where: Stall) -> None:
        with self._changed:
            self.held += 1
            self._changed.wait_for(lambda: self._stall is not where)
            self.held -= 1

    def write(self, key: str, source: Any, **how: Any) -> WriteResult:
        with self.holding():
            return super().write(key, source, **how)

    def begin_upload(
        self,
        key: str,
        *,
        metadata: Mapping[str, str] | None = None,
        attributes: Attributes | None = None,
    ) -> Upload:
        self._asked("begin")
        return _StallingUpload(self, key, metadata, attributes)


class _StallingUpload(Upload):
    def complete(self, *, overwrite: bool = True, if_match: str | None = None) -> WriteResult:
        assert isinstance(self._store, StallingStore)
        with self._store.holding():
            return super().complete(overwrite=overwrite, if_match=if_match)
