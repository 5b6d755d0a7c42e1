"""A log of every call that reaches a storage: what was asked, how long it took, what went wrong."""

import logging
import time
from collections.abc import Callable
from typing import Literal, TypeVar

from pydantic import BaseModel

from vfs.engine.backend import Backend
from vfs.engine.errors import StorageError
from vfs.engine.layers.acts import Act
from vfs.engine.layers.interception import InterceptingLayer
from vfs.engine.option_types import Duration
from vfs.engine.traffic import is_failure

ResultT = TypeVar("ResultT")


class LogOptions(BaseModel, frozen=True, extra="forbid"):
    """Where calls are logged and how loudly."""

    logger: str = "vfs.calls"
    level: Literal["debug", "info", "warning"] = "debug"
    """Of ordinary calls, among them those that were answered with `NotFound` and the like."""
    slow: Duration | None = 1.0
    """Seconds from which on a call is logged as a warning; None logs none so."""


class LogLayer(InterceptingLayer):
    """One line a call: the act, its keys, milliseconds, and the error. Contents and metadata are not logged.

    A failure of the store itself is logged as an error; a listing's time is that to its first entry.
    """

    def __init__(self, inner: Backend, options: LogOptions | None = None) -> None:
        super().__init__(inner)
        self._options = options or LogOptions()
        self._log = logging.getLogger(self._options.logger)
        self._level = logging.getLevelNamesMapping()[self._options.level.upper()]

    def around(self, act: Act, keys: tuple[str, ...], run: Callable[..., ResultT]) -> ResultT:
        begun = time.perf_counter()
        try:
            result = run(*keys)
        except Exception as error:
            self._tell(act, keys, time.perf_counter() - begun, error)
            raise
        self._tell(act, keys, time.perf_counter() - begun, None)
        return result

    def _tell(self, act: Act, keys: tuple[str, ...], seconds: float, error: Exception | None) -> None:
        level = self._level
        if self._options.slow is not None and seconds >= self._options.slow:
            level = max(level, logging.WARNING)
        if error is not None and is_failure(error):
            level = logging.ERROR
        if self._log.isEnabledFor(level):
            outcome = "" if error is None else f": {type(error).__name__}: {_reason(error)!r}"
            names = " ".join(map(repr, keys[:2])) + (f" and {len(keys) - 2} more" if len(keys) > 2 else "")
            self._log.log(level, "%s %s %.1f ms%s", act, names, seconds * 1000, outcome)


def _reason(error: Exception) -> str:
    return error.message if isinstance(error, StorageError) else str(error)
