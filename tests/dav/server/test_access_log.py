"""Where lines of requests go, and what the log's records know besides."""

import logging
from pathlib import Path

import pytest

from vfs.dav.server.access_log import PLACE, AccessLog

ASKED = {"REQUEST_METHOD": "GET", PLACE: "/m/a/b"}


def test_the_log_goes_on_in_a_new_file(tmp_path: Path) -> None:
    """Who rotates logs moves the file away, and asks."""
    log = AccessLog(tmp_path / "log")
    log.note("one", ASKED, 0.5)
    (tmp_path / "log").rename(tmp_path / "log.1")
    log.reopen()
    log.note("two", ASKED, 0.5)
    assert ((tmp_path / "log.1").read_text(), (tmp_path / "log").read_text()) == ("one\n", "two\n")


@pytest.mark.parametrize(
    ("has_file", "level", "is_logged"),
    [(False, "INFO", True), (False, "WARNING", False), (True, "INFO", False), (True, "DEBUG", True)],
)
def test_lines_are_logged_for_who_wants_them(
    tmp_path: Path, caplog: pytest.LogCaptureFixture, has_file: bool, level: str, is_logged: bool
) -> None:
    """With mount, path, operation and duration. What is in a file is in the log for who debugs alone."""
    with caplog.at_level(level, "vfs.access"):
        AccessLog(tmp_path / "log" if has_file else None).note("the line", ASKED, 0.5)
    facts = {"mount": "m", "path": "a/b", "operation": "GET", "seconds": 0.5}
    known = [{name: getattr(record, name) for name in facts} for record in caplog.records]
    assert known == ([facts] if is_logged else [])
    assert caplog.messages == (["the line"] if is_logged else [])


def test_a_request_that_is_about_no_place_has_none(caplog: pytest.LogCaptureFixture) -> None:
    """One that could not be read, or whose client may not know what is there."""
    with caplog.at_level("INFO", "vfs.access"):
        AccessLog(None).note("-", {}, 0.5)
    (record,) = caplog.records
    assert not hasattr(record, "mount")
    assert logging.Formatter("%(seconds)s %(operation)s").format(record) == "0.5 None"
