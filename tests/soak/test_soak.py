"""The soak in its short form: a minute of failures, three kills, one restart of the store."""

from pathlib import Path

import pytest

from tests.soak.soak import Length, soak


@pytest.mark.slow
def test_a_short_soak_breaks_no_promise(tmp_path: Path) -> None:
    """Every acknowledged byte is there, nothing is torn, memory and descriptors stay where they are."""
    report = soak(str(tmp_path), Length(whole=45, between_kills=12, between_restarts=20))
    assert report.broken == []
    assert report.kills >= 2
    assert report.restarts >= 1
    assert report.files == 16, str(report)


@pytest.mark.slow
def test_half_an_hour_breaks_no_promise(tmp_path: Path) -> None:
    """Thirty minutes, a kill every three."""
    report = soak(str(tmp_path), Length(whole=1800, between_kills=180, between_restarts=240))
    assert report.broken == []
    assert report.kills >= 9
