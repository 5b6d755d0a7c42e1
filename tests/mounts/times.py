"""Seeing which times of an entry an act moves."""

import contextlib
import os
import time
from collections.abc import Iterator

from tests.mounts.waiting import wait_for_clock_past


@contextlib.contextmanager
def moves(path: str, *, mtime: bool = False, ctime: bool = False) -> Iterator[None]:
    """The block moves exactly these times of the entry forward, the other one not at all."""
    before = os.lstat(path)
    wait_for_clock_past(max(before.st_ctime_ns, min(before.st_mtime_ns, time.time_ns())))
    yield
    after = os.lstat(path)
    assert (after.st_mtime_ns > before.st_mtime_ns) is mtime, _said("mtime", mtime, path)
    assert (after.st_ctime_ns > before.st_ctime_ns) is ctime, _said("ctime", ctime, path)


@contextlib.contextmanager
def moves_content_times(path: str) -> Iterator[None]:
    """The block changes what the entry holds: mtime and ctime both move."""
    with moves(path, mtime=True, ctime=True):
        yield


def _said(field: str, wanted: bool, path: str) -> str:
    return f"{field} of {path} {'stood still' if wanted else 'moved'}"
