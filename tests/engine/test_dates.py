"""Dates: every moment that a file system can tell has one."""

from datetime import UTC, datetime, timedelta, timezone

import pytest
from hypothesis import given
from hypothesis import strategies as st

from vfs.engine.dates import utc
from vfs.engine.serving.dates import http_date, seconds_in

YEARS_OF_FOUR_DIGITS = st.datetimes(datetime(1000, 1, 1), datetime(9999, 12, 30))


@given(st.integers(-(2**63), 2**63).map(lambda seconds: seconds * 10**9 + 999_999_999))
def test_every_moment_has_a_date_everywhere(time_ns: int) -> None:
    """In every time zone, and over HTTP."""
    for hours in (-23, 0, 23):
        assert 1 <= utc(time_ns).astimezone(timezone(timedelta(hours=hours))).year <= 9999
    assert http_date(time_ns // 10**9).endswith(" GMT")


@given(YEARS_OF_FOUR_DIGITS)
def test_what_a_calendar_knows_is_exact(moment: datetime) -> None:
    """To the microsecond; over HTTP to the second, and back."""
    seconds = (moment - datetime(1970, 1, 1)) // timedelta(seconds=1)
    told = utc(seconds * 10**9 + moment.microsecond * 1000 + 999)
    assert told == moment.replace(tzinfo=UTC)
    assert seconds_in(http_date(seconds)) == seconds


@pytest.mark.parametrize("seconds", [2**40, 2**61, 253402300800])
def test_later_than_all_is_late(seconds: int) -> None:
    """The nearest date that there is, not another one."""
    assert utc(seconds * 10**9).year == 9999
    assert utc(-seconds * 10**9).year == 1
