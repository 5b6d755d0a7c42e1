"""A file of a local folder that is open: a descriptor, with our errors."""

import contextlib
import errno
import os
import stat as stat_bits
from collections.abc import Iterator

from vfs.engine import paths
from vfs.engine.backend import Buffer
from vfs.engine.backends.local.attributes import apply, entry_of
from vfs.engine.entries import Attributes, Entry
from vfs.engine.errors import from_os_error


class LocalFile:
    """An OpenFile over a descriptor that it owns. The kernel does the caching, and the locking."""

    def __init__(self, key: str, descriptor: int) -> None:
        self._key = key
        self._descriptor = descriptor

    def fileno(self) -> int:
        return self._descriptor

    def read(self, offset: int, size: int) -> Buffer:
        try:
            found = os.pread(self._descriptor, size, offset)
            if len(found) in {0, size}:
                return found
            return found + read_fully(self._descriptor, offset + len(found), offset + size)
        except OSError as error:
            raise from_os_error(error, self._key) from error

    def read_ready(self, offset: int, size: int) -> Buffer | None:
        buffer = bytearray(size)
        try:
            count = os.preadv(self._descriptor, [buffer], offset, os.RWF_NOWAIT)
            if count < size and offset + count < os.fstat(self._descriptor).st_size:
                return None
        except OSError:
            # EAGAIN, or a file system that cannot tell: `read` will wait, and will say what is wrong.
            return None
        return memoryview(buffer)[:count]

    def write(self, offset: int, data: Buffer) -> int:
        view = memoryview(data).cast("B")
        written = 0
        with self._our_errors():
            while written < len(view):
                written += os.pwrite(self._descriptor, view[written:], offset + written)
        return written

    def truncate(self, size: int) -> None:
        with self._our_errors():
            os.ftruncate(self._descriptor, size)

    def stat(self) -> Entry:
        try:
            status = os.fstat(self._descriptor)
        except OSError as error:
            raise from_os_error(error, self._key) from error
        return entry_of(paths.name_of(self._key), status)

    def set_attributes(self, change: Attributes) -> Entry:
        with self._our_errors():
            apply(self._descriptor, change)
            return self.stat()

    def flush(self) -> None:
        # A network file system reports failed writes at close; closing a duplicate asks without closing.
        with self._our_errors():
            os.close(os.dup(self._descriptor))

    def sync(self) -> None:
        with self._our_errors():
            os.fsync(self._descriptor)

    def close(self) -> None:
        descriptor, self._descriptor = self._descriptor, -1
        if descriptor >= 0:
            with contextlib.suppress(OSError):
                os.close(descriptor)

    @contextlib.contextmanager
    def _our_errors(self) -> Iterator[None]:
        try:
            yield
        except OSError as error:
            raise from_os_error(error, self._key) from error


def read_fully(descriptor: int, start: int, end: int) -> bytes:
    """The bytes of [start, end); fewer only where the file ends, though one pread may give less."""
    found = os.pread(descriptor, end - start, start)
    if len(found) == end - start or not found:
        return found
    parts = [found]
    position = start + len(found)
    while position < end and (found := os.pread(descriptor, end - position, position)):
        parts.append(found)
        position += len(found)
    return b"".join(parts)


def open_existing(folder: int, name: str, *, write: bool, follow_symlinks: bool) -> int:
    """A descriptor of a regular file. Raises OSError: EISDIR for a folder, EINVAL for what is no file."""
    flags = os.O_CLOEXEC | os.O_NOCTTY | os.O_NONBLOCK | (0 if follow_symlinks else os.O_NOFOLLOW)
    try:
        descriptor = os.open(name, flags | (os.O_RDWR if write else os.O_RDONLY), dir_fd=folder)
    except PermissionError:
        # A file that may be written but not read is still good for writing.
        if not write:
            raise
        descriptor = os.open(name, flags | os.O_WRONLY, dir_fd=folder)
    try:
        _check_regular(os.fstat(descriptor))
    except OSError:
        os.close(descriptor)
        raise
    return descriptor


def is_regular(descriptor: int) -> bool:
    """Whether this is a regular file; any other descriptor is closed."""
    if stat_bits.S_ISREG(os.fstat(descriptor).st_mode):
        return True
    os.close(descriptor)
    return False


def _check_regular(status: os.stat_result) -> None:
    if stat_bits.S_ISDIR(status.st_mode):
        raise IsADirectoryError(errno.EISDIR, os.strerror(errno.EISDIR))
    if not stat_bits.S_ISREG(status.st_mode):
        raise OSError(errno.EINVAL, "not a regular file")
