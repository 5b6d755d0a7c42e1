"""Signals of the process, answered for as long as a block lasts."""

import signal
import threading
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
