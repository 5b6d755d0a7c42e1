"""Signals of the process, answered for as long as a block lasts."""

import os
import select
import signal
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager

STOP = (signal.SIGTERM, signal.SIGINT)
"""What asks a daemon to finish."""


@contextmanager
def handling(act: Callable[[int], None], *numbers: signal.Signals) -> Iterator[None]:
    """Have `act` done on each of these signals; nothing is changed where signals reach another thread.

    It may interrupt anything: `act` does only what is allowed anywhere.
    """
    if threading.current_thread() is not threading.main_thread():
        yield
        return
    former = {number: signal.signal(number, lambda received, _: act(received)) for number in numbers}
    try:
        yield
    finally:
        for number, handler in former.items():
            signal.signal(number, handler)


@contextmanager
def awaiting(*numbers: signal.Signals) -> Iterator[Callable[[float | None], bool]]:
    """Wait for these: True once one has come, since the block began; False when so many seconds were too few.

    A lock or a queue would not do. Python acts on a signal between two steps of the main thread; one that
    comes after the last step before a lock is waited for is not seen until that wait ends. So every signal
    writes a byte (signal.set_wakeup_fd), and what is waited for is that.
    """
    received: list[int] = []
    awake, waking = os.pipe2(os.O_CLOEXEC | os.O_NONBLOCK)
    bell = select.poll()
    bell.register(awake, select.POLLIN)

    def has_come(timeout: float | None) -> bool:
        deadline = None if timeout is None else time.monotonic() + timeout
        while not received:
            left = None if deadline is None else max(0.0, deadline - time.monotonic())
            if not bell.poll(left and left * 1000):
                return bool(received)
            os.read(awake, select.PIPE_BUF)
        return True

    try:
        with handling(received.append, *numbers), _rung_by_signals(waking):
            yield has_come
    finally:
        os.close(awake)
        os.close(waking)


@contextmanager
def _rung_by_signals(descriptor: int) -> Iterator[None]:
    if threading.current_thread() is not threading.main_thread():
        yield
        return
    former = signal.set_wakeup_fd(descriptor, warn_on_full_buffer=False)
    try:
        yield
    finally:
        signal.set_wakeup_fd(former)
