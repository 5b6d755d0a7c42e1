"""Waiting for a condition, with a deadline that names what was waited for."""

import time
from collections.abc import Callable

POLL_SECONDS = 0.005


def wait_until(condition: Callable[[], bool], seconds: float, what: str) -> None:
    """Return as soon as `condition` is true; raises AssertionError naming `what` after `seconds`."""
    deadline = time.monotonic() + seconds
    while not condition():
        if time.monotonic() > deadline:
            raise AssertionError(f"waited {seconds:g} s in vain for {what}")
        time.sleep(POLL_SECONDS)


def wait_for_clock_past(nanoseconds: int) -> None:
    """Return once the clock, as file systems see it, is past this time since the epoch."""
    # Kernels stamp files from a clock that ticks every 4 to 10 ms.
    tick = 20_000_000
    wait_until(lambda: time.time_ns() > nanoseconds + tick, 60, "the clock to move on")
