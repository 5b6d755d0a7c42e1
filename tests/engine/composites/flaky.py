"""A storage that fails on demand, to stand in a mirror or in front of another."""

import threading
from collections.abc import Callable

from vfs.engine.backend import Backend
from vfs.engine.errors import BackendUnavailable, StorageError
from vfs.engine.layers.acts import Act
from vfs.engine.layers.interception import InterceptingLayer, ResultT


class Flaky(InterceptingLayer):
    """While `down`, nothing gets in or out; `failing` acts raise; `losing` acts are done, unanswered."""

    def __init__(self, inner: Backend) -> None:
        super().__init__(inner)
        self.down = threading.Event()
        self.failing: dict[Act, StorageError] = {}
        self.losing: set[Act] = set()
        self.asked: list[tuple[Act, tuple[str, ...]]] = []

    def around(self, act: Act, keys: tuple[str, ...], run: Callable[..., ResultT]) -> ResultT:
        self.asked.append((act, keys))
        if self.down.is_set():
            raise BackendUnavailable("it is away", keys[0] if keys else None)
        if act in self.failing:
            raise self.failing[act]
        result = run(*keys)
        if act in self.losing:
            raise BackendUnavailable("the answer was lost", keys[0])
        return result
