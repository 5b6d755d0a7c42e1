"""Dates: moments as a calendar has them. File systems keep moments that no calendar knows."""

from datetime import UTC, datetime, timedelta

_DAY = timedelta(days=1)

# A day inside what `datetime` can tell: a time zone must not lead beyond.
_FIRST = int((datetime.min.replace(tzinfo=UTC) + _DAY).timestamp())
_LAST = int((datetime.max.replace(microsecond=0, tzinfo=UTC) - _DAY).timestamp())


def calendar_seconds(seconds: int) -> int:
    """Seconds since the epoch, or the nearest ones that have a year of four digits."""
    return min(max(seconds, _FIRST), _LAST)


def utc(time_ns: int) -> datetime:
    """The date of a moment in nanoseconds since the epoch, or the nearest that there is."""
    seconds, rest = divmod(time_ns, 10**9)
    return datetime.fromtimestamp(calendar_seconds(seconds), UTC).replace(microsecond=rest // 1000)
