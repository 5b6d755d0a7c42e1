"""Moments by word: `2026-11-20T10:33`, `yesterday`, `2h`."""

import re
import threading
from collections.abc import Callable
from datetime import datetime, timedelta

from cachetools import TTLCache

_AGO = re.compile(r"([0-9]{1,6})([smhdw])")
_SECONDS = {"s": 1, "m": 60, "h": 3600, "d": 86_400, "w": 604_800}
_DAYS = {"now": 0, "yesterday": 1}

IN_USE = 60.0
"""Seconds after its last use for which a word that depends on the time of day means the same moment."""


class Moments:
    """What words mean. While a walk through a past tree is on, its moment does not move. Thread-safe."""

    def __init__(self, now: Callable[[], float], clock: Callable[[], float]) -> None:
        self._now = now
        self._lock = threading.Lock()
        self._meant: TTLCache[str, int] = TTLCache(256, IN_USE, timer=clock)

    def nanoseconds(self, word: str) -> int | None:
        """Since the epoch; None for what is no moment. Times without an offset are local."""
        with self._lock:
            moment = self._meant.pop(word, None)
            if moment is None:
                moment = moment_of(word, self._now())
            if moment is not None:
                self._meant[word] = moment
            return moment


def moment_of(word: str, now: float) -> int | None:
    """The moment that a word means at `now`, in nanoseconds since the epoch.

    `2h` is that long before; `yesterday` the same time of the day before; a date alone is its beginning.
    """
    ago = _AGO.fullmatch(word)
    if ago is not None:
        return int((now - int(ago[1]) * _SECONDS[ago[2]]) * 1_000_000_000)
    try:
        if word in _DAYS:
            return _nanoseconds(datetime.fromtimestamp(now) - timedelta(days=_DAYS[word]))
        return _nanoseconds(datetime.fromisoformat(word))
    except (ValueError, OverflowError, OSError):
        return None


def _nanoseconds(moment: datetime) -> int:
    return int(moment.timestamp() * 1_000_000) * 1000
