"""Trying again: exponential backoff with full jitter, within a number of attempts and a deadline."""

import random
import threading
import time
from collections.abc import Callable
from typing import TypeVar

from vfs.engine.errors import BackendUnavailable, StorageError

_JITTER = random.SystemRandom()
"""Of its own: a program that seeds `random` goes on as it would without us."""

ResultT = TypeVar("ResultT")

_FIRST_PAUSE = 0.1
_LONGEST_PAUSE = 5.0


class Retrying:
    """Repeats an act while it raises BackendUnavailable, which is how a passing failure is told.

    `deadline` bounds the act in seconds: an attempt that may take `timeout` is not begun when it could end
    later. The first attempt is always made.
    """

    def __init__(self, retries: int, timeout: float, deadline: float) -> None:
        self._retries = retries
        self._timeout = timeout
        self._deadline = deadline
        self._closed = threading.Event()

    def run(
        self,
        act: Callable[[], ResultT],
        *,
        settle: Callable[[StorageError], ResultT] | None = None,
        deadline: float | None = None,
    ) -> ResultT:
        """The result of the first attempt that gives one; the last BackendUnavailable when time is up.

        A later attempt may fail because an earlier one did succeed and only its reply was lost. Then
        `settle` is given the error, and finds out: it returns the result, or raises.
        """
        started = time.monotonic()
        for attempt in range(self._retries + 1):
            try:
                return act()
            except BackendUnavailable as error:
                pause = self._pause(attempt)
                spent = time.monotonic() - started
                in_time = spent + pause + self._timeout <= (deadline or self._deadline)
                if attempt == self._retries or not in_time or self._closed.wait(pause):
                    raise self._given_up(error, attempt + 1, spent) from error
            except StorageError as error:
                if attempt == 0 or settle is None:
                    raise
                return settle(error)
        raise AssertionError("the last attempt returns or raises")

    def close(self) -> None:
        """Let nobody wait for another attempt."""
        self._closed.set()

    @staticmethod
    def _pause(attempt: int) -> float:
        return _JITTER.uniform(0, min(_LONGEST_PAUSE, _FIRST_PAUSE * 2**attempt))

    @staticmethod
    def _given_up(error: BackendUnavailable, attempts: int, spent: float) -> BackendUnavailable:
        tried = "one attempt" if attempts == 1 else f"{attempts} attempts"
        return BackendUnavailable(
            f"{error.message}, given up after {tried} in {spent:.1f} s", error.path, errno=error.errno
        )
