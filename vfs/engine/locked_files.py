"""Files that are locked while their maker lives: how what a crash left is told from work going on."""

import contextlib
import fcntl
import os


def make_locked(path: str, mode: int, *, folder: int | None = None) -> int:
    """The descriptor of a new file, locked until it is closed; the path is below `folder`, if one is given.

    Raises OSError where it cannot be made, FileExistsError among them.
    """
    flags = os.O_RDWR | os.O_CREAT | os.O_EXCL | os.O_CLOEXEC
    while True:
        with contextlib.ExitStack() as closing:
            descriptor = os.open(path, flags, mode, dir_fd=folder)
            closing.callback(os.close, descriptor)
            fcntl.flock(descriptor, fcntl.LOCK_EX)
            # Before it was locked, another process may have taken it for left.
            if os.fstat(descriptor).st_nlink:
                closing.pop_all()
                return descriptor


def remove_if_left(path: str, *, folder: int | None = None) -> bool:
    """Remove a file of one who died; False where its maker lives, or it is gone by now. Raises OSError."""
    try:
        descriptor = os.open(path, os.O_RDONLY | os.O_NOFOLLOW | os.O_CLOEXEC, dir_fd=folder)
    except FileNotFoundError:
        return False
    try:
        fcntl.flock(descriptor, fcntl.LOCK_EX | fcntl.LOCK_NB)
        os.unlink(path, dir_fd=folder)
    except (BlockingIOError, FileNotFoundError):
        return False
    finally:
        os.close(descriptor)
    return True
