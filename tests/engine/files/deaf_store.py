"""A store that does what it is told, of which nobody hears."""

from collections.abc import Callable
from contextlib import suppress
from typing import Any, TypeVar

from tests.fakes import ObjectStore
from vfs.engine.entries import Entry, WriteResult
from vfs.engine.errors import AlreadyExists, BackendUnavailable, Conflict

T = TypeVar("T")


class DeafStore(ObjectStore):
    """Takes what it is sent; while `deaf`, nobody hears of it, and while `slow`, it does so when told to."""

    def __init__(self) -> None:
        super().__init__()
        self.deaf = False
        self.slow = False
        self.taken: list[bytes] = []
        self.waiting: list[Callable[[], object]] = []
        self.looks: list[str] = []

    def stat(self, key: str) -> Entry:
        self.looks.append(key)
        return super().stat(key)

    def take_late(self) -> None:
        """Do what was sent while it was slow, each if its condition still holds."""
        while self.waiting:
            with suppress(Conflict, AlreadyExists):
                self.waiting.pop(0)()

    def write(self, key: str, source: Any, **how: Any) -> WriteResult:
        content = bytes(source) if self.slow or self.deaf else source
        return self._told(key, lambda: ObjectStore.write(self, key, content, **how), content)

    def copy(self, source: str, target: str, **how: Any) -> WriteResult:
        return self._told(target, lambda: ObjectStore.copy(self, source, target, **how))

    def delete(self, key: str, **how: Any) -> None:
        self._told(key, lambda: ObjectStore.delete(self, key, **how))

    def _told(self, key: str, act: Callable[[], T], content: Any = None) -> T:
        """What the act gave, unless nobody is told that."""
        if self.slow:
            self.waiting.append(act)
            raise BackendUnavailable("no answer yet", key)
        if not self.deaf:
            return act()
        with suppress(Conflict):  # whoever asks learns neither
            act()
            if content is not None:
                self.taken.append(content)
        raise BackendUnavailable("no answer", key)
