"""Linux system calls that Python has no name for. Each raises OSError as the `os` functions do."""

import ctypes
import os

AT_FDCWD = -100

RENAME_NOREPLACE = 1
RENAME_EXCHANGE = 2

RESOLVE_NO_MAGICLINKS = 0x02
RESOLVE_NO_SYMLINKS = 0x04
RESOLVE_BENEATH = 0x08

_OPENAT2 = 437
_UTIME_OMIT = (1 << 30) - 2

_libc = ctypes.CDLL(None, use_errno=True)


class _OpenHow(ctypes.Structure):
    _fields_ = [("flags", ctypes.c_uint64), ("mode", ctypes.c_uint64), ("resolve", ctypes.c_uint64)]


class _Timespec(ctypes.Structure):
    _fields_ = [("seconds", ctypes.c_long), ("nanoseconds", ctypes.c_long)]


_Times = _Timespec * 2

_syscall = _libc.syscall
_syscall.argtypes = [ctypes.c_long, ctypes.c_int, ctypes.c_char_p, ctypes.c_void_p, ctypes.c_size_t]
_syscall.restype = ctypes.c_long

_renameat2 = _libc.renameat2
_renameat2.argtypes = [ctypes.c_int, ctypes.c_char_p, ctypes.c_int, ctypes.c_char_p, ctypes.c_uint]

_utimensat = _libc.utimensat
_utimensat.argtypes = [ctypes.c_int, ctypes.c_char_p, ctypes.POINTER(_Timespec), ctypes.c_int]

_futimens = _libc.futimens
_futimens.argtypes = [ctypes.c_int, ctypes.POINTER(_Timespec)]

_BENEATH = RESOLVE_BENEATH | RESOLVE_NO_SYMLINKS | RESOLVE_NO_MAGICLINKS
_FOLDER_BENEATH = _OpenHow(os.O_PATH | os.O_DIRECTORY | os.O_CLOEXEC, 0, _BENEATH)
_READ_BENEATH = _OpenHow(os.O_RDONLY | os.O_CLOEXEC | os.O_NOCTTY | os.O_NONBLOCK, 0, _BENEATH)

# Structures that nobody changes: their addresses are the same for ever.
_SIZE_OF_HOW = ctypes.sizeof(_OpenHow)
_OPEN_FOLDER = ctypes.addressof(_FOLDER_BENEATH)
_OPEN_TO_READ = ctypes.addressof(_READ_BENEATH)


def open_folder_beneath(root: int, path: str) -> int:
    """A descriptor (O_PATH) of a folder below `root`; ELOOP for a symlink anywhere on the way."""
    opened = int(_syscall(_OPENAT2, root, os.fsencode(path), _OPEN_FOLDER, _SIZE_OF_HOW))
    if opened < 0:
        raise _error(path)
    return opened


def open_to_read_beneath(root: int, path: str) -> int:
    """A descriptor for reading what stands below `root`, whatever it is; -1 where that failed."""
    return int(_syscall(_OPENAT2, root, os.fsencode(path), _OPEN_TO_READ, _SIZE_OF_HOW))


def renameat2(source_folder: int, source: str, target_folder: int, target: str, flags: int) -> None:
    """rename(2) with flags: RENAME_NOREPLACE, RENAME_EXCHANGE. EINVAL where the file system has neither."""
    if _renameat2(source_folder, os.fsencode(source), target_folder, os.fsencode(target), flags):
        raise _error(target)


def set_times(file: int | str, atime_ns: int | None, mtime_ns: int | None) -> None:
    """Set the times of a descriptor, or of a path followed to its end; None leaves a time as it is."""
    times = _Times(_timespec(atime_ns), _timespec(mtime_ns))
    if isinstance(file, int):
        failed = _futimens(file, times)
    else:
        failed = _utimensat(AT_FDCWD, os.fsencode(file), times, 0)
    if failed:
        raise _error(str(file))


def _timespec(time_ns: int | None) -> _Timespec:
    return _Timespec(0, _UTIME_OMIT) if time_ns is None else _Timespec(*divmod(time_ns, 1_000_000_000))


def _error(path: str) -> OSError:
    number = ctypes.get_errno()
    return OSError(number, os.strerror(number), path)
