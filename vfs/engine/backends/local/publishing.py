"""One publication at a time in a folder, whichever process of ours makes it: what was checked still holds."""

import contextlib
import errno
import fcntl
import os
import threading
from types import TracebackType

_NO_LOCKS = {errno.ENOLCK, errno.ENOSYS, errno.EOPNOTSUPP, errno.EINVAL}


class Publishing:
    """A lock for a `with` block, held for the check and the rename only.

    Between processes it is an advisory lock on the folder, where the file system has such locks and the
    folder may be read; other processes of ours that serve the very same folder take it too.
    """

    def __init__(self, folder: int) -> None:
        self._lock = threading.Lock()
        self._descriptor: int | None = None
        with contextlib.suppress(PermissionError):
            self._descriptor = os.open(".", os.O_RDONLY | os.O_DIRECTORY | os.O_CLOEXEC, dir_fd=folder)

    def __enter__(self) -> None:
        self._lock.acquire()
        try:
            self._lock_folder(fcntl.LOCK_EX)
        except BaseException:
            self._lock.release()
            raise

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        try:
            self._lock_folder(fcntl.LOCK_UN)
        finally:
            self._lock.release()

    def close(self) -> None:
        """Give the descriptor back; calling it again is harmless."""
        with self._lock:
            descriptor, self._descriptor = self._descriptor, None
        if descriptor is not None:
            os.close(descriptor)

    def _lock_folder(self, operation: int) -> None:
        if self._descriptor is None:
            return
        try:
            fcntl.flock(self._descriptor, operation)
        except OSError as error:
            if error.errno not in _NO_LOCKS:
                raise
