"""System calls that Python's os module does not have."""

import ctypes
import os

RENAME_NOREPLACE = 1
RENAME_EXCHANGE = 2
UTIME_NOW = (1 << 30) - 1
UTIME_OMIT = (1 << 30) - 2

_AT_FDCWD = -100
_AT_SYMLINK_NOFOLLOW = 0x100
_libc = ctypes.CDLL(None, use_errno=True)


class _Timespec(ctypes.Structure):
    _fields_ = (("seconds", ctypes.c_long), ("nanoseconds", ctypes.c_long))


def renameat2(source: str, target: str, flags: int) -> None:
    """rename(2) with flags; raises OSError."""
    _check(_libc.renameat2(_AT_FDCWD, os.fsencode(source), _AT_FDCWD, os.fsencode(target), flags), target)


def utimensat(
    path: str, atime: tuple[int, int], mtime: tuple[int, int], *, follow_symlinks: bool = True
) -> None:
    """Set times given as (seconds, nanoseconds), where UTIME_NOW and UTIME_OMIT may stand for nanoseconds."""
    times = (_Timespec * 2)(_Timespec(*atime), _Timespec(*mtime))
    flags = 0 if follow_symlinks else _AT_SYMLINK_NOFOLLOW
    _check(_libc.utimensat(_AT_FDCWD, os.fsencode(path), times, flags), path)


def _check(result: int, path: str) -> None:
    if result != 0:
        number = ctypes.get_errno()
        raise OSError(number, os.strerror(number), path)
