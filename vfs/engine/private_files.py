"""Files of this user alone that SQLite is to have: made without taking away the locks that it has already.

POSIX locks are a process's: when it closes any descriptor of a file, every lock that it has on that file is
gone, also those of SQLite's other connections. The next process to close the file would then believe itself
to be the last one, and delete the log that others still write to.
"""

import contextlib
import os
import threading

_MAKING = threading.Lock()
"""Held while a file is made, so that nobody in this process has it open before its maker has closed it."""


def make_private(path: str) -> None:
    """Make an empty file if there is none, for its owner alone; one that is there is not opened.

    Raises OSError where it cannot be made.
    """
    with _MAKING, contextlib.suppress(FileExistsError):
        flags = os.O_RDWR | os.O_CREAT | os.O_EXCL | os.O_CLOEXEC
        os.close(os.open(os.path.realpath(path), flags, 0o600))
