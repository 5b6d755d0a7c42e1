"""Waiting for a signal: none is missed, whenever it comes."""

import _thread
import os
import signal
import sys
import threading
import time
from types import FrameType

from tests.mounts.waiting import wait_until
from vfs import signals


def test_a_signal_that_does_not_interrupt_the_wait_regression() -> None:
    """One that comes between Python's last look for signals and the wait is such: the wait ends."""
    waiter = threading.main_thread()
    began = time.monotonic()
    with signals.awaiting(signal.SIGUSR1) as has_come:

        def act() -> None:
            wait_until(lambda: _in_has_come(sys._current_frames()[waiter.ident or 0]), 20, "the wait")
            wait_until(lambda: _sleeps(waiter), 20, "its system call")
            _thread.interrupt_main(signal.SIGUSR1)

        acting = threading.Thread(target=act)
        acting.start()
        assert has_come(20)
    acting.join()
    assert time.monotonic() - began < 20


def test_what_comes_before_the_wait_and_what_never_comes() -> None:
    """The first ends it at once; without it the time runs out, and other signals do not shorten it."""
    other: list[int] = []
    with signals.handling(other.append, signal.SIGUSR2), signals.awaiting(signal.SIGUSR1) as has_come:
        assert not has_come(0)
        os.kill(os.getpid(), signal.SIGUSR2)
        began = time.monotonic()
        assert not has_come(0.05)
        assert time.monotonic() - began >= 0.05
        os.kill(os.getpid(), signal.SIGUSR1)
        assert has_come(None)
        assert has_come(0)
    assert other == [signal.SIGUSR2]
    assert signal.set_wakeup_fd(-1) == -1


def _in_has_come(frame: FrameType) -> bool:
    return frame.f_code.co_name == "has_come"


def _sleeps(thread: threading.Thread) -> bool:
    with open(f"/proc/self/task/{thread.native_id}/wchan") as kernel:
        place = kernel.read()
    return "poll" in place or "futex" in place
