"""The file that an archive lies in: read again when others changed it, replaced in one act by ourselves."""

import contextlib
import errno
import fcntl
import os
import stat as stat_bits
import threading
from collections.abc import Callable, Iterator
from concurrent.futures import Future
from functools import partial
from typing import TypeVar, cast

from vfs.engine.backends.zip.archive import Archive, Tree, read_archive
from vfs.engine.backends.zip.changes import Changes
from vfs.engine.backends.zip.member import Span
from vfs.engine.backends.zip.writing import write_archive
from vfs.engine.errors import StorageError, from_os_error

ResultT = TypeVar("ResultT")


class _Request:
    """A change on its way into the archive, and what becomes of it."""

    def __init__(self, act: Callable[[Changes], object]) -> None:
        self._act = act
        self.outcome: Future[object] = Future()

    def carry_out(self, changes: Changes) -> Callable[[], None]:
        """Do it; calling what is returned tells the outcome, once that is in the archive."""
        try:
            result = self._act(changes)
        except Exception as error:  # noqa: BLE001 - raised again by the thread that asked
            return partial(self.outcome.set_exception, error)
        return partial(self.outcome.set_result, result)


class ArchiveFile:
    """One archive by its path, made if it is missing. Thread-safe; other processes may change it too."""

    def __init__(self, path: str, encoding: str | None, members_limit: int) -> None:
        self.path = os.path.realpath(path)
        self.folder = os.path.dirname(self.path)
        self._encoding = encoding
        self._members_limit = members_limit
        self._lock = threading.Lock()
        self._archive: Archive | None = None
        self._waiting_lock = threading.Lock()
        self._waiting: list[_Request] = []
        with self.translated(""):
            self._make_if_missing()
            self.is_writable = os.access(self.path, os.W_OK) and os.access(self.folder, os.W_OK)
        self.current()

    def current(self) -> Archive:
        """The archive as it is now."""
        with self._lock, self.translated(""):
            return self._loaded()

    def change(self, key: str, act: Callable[[Changes], ResultT]) -> ResultT:
        """Do something to the members as they are now, and store what comes of it.

        Changes that wait for the same lock are stored together, by the first that gets it.
        """
        request = _Request(act)
        with self._waiting_lock:
            self._waiting.append(request)
        with self._lock:
            if not request.outcome.done():
                self._store_waiting()
        with self.translated(key):
            return cast("ResultT", request.outcome.result())

    def close(self) -> None:
        """Let go of the file; using it again opens it again."""
        with self._lock:
            self._archive = None

    @contextlib.contextmanager
    def translated(self, key: str) -> Iterator[None]:
        """Errors of the system come out as ours; an archive that is gone is no missing member of it."""
        try:
            yield
        except StorageError:
            raise
        except OSError as error:
            if error.errno == errno.ENOENT:
                raise StorageError(f"the archive {self.path} is gone", key) from error
            raise from_os_error(error, key) from error

    # Below here, the caller holds the lock.

    def _loaded(self) -> Archive:
        if self._archive is None or not self._archive.is_now(os.stat(self.path)):
            self._archive = read_archive(self.path, self._encoding, self._members_limit)
        return self._archive

    def _store_waiting(self) -> None:
        with self._waiting_lock:
            requests, self._waiting = self._waiting, []
        try:
            with self._alone():
                archive = self._loaded()
                changes = Changes(archive.tree)
                settled = [request.carry_out(changes) for request in requests]
                if changes.made:
                    self._archive = self._published(archive, changes)
        except BaseException as error:
            for request in requests:
                request.outcome.set_exception(error)
            if not isinstance(error, Exception):
                raise
        else:
            for settle in settled:
                settle()

    def _published(self, old: Archive, changes: Changes) -> Archive:
        changes.check_complete()
        # One name is enough: whoever writes holds the lock. What a crash left is not written to: it may not
        # be ours, in a folder where others may write.
        draft = os.path.join(self.folder, f".{os.path.basename(self.path)[:100]}.vfs-new")
        with contextlib.suppress(FileNotFoundError):
            os.unlink(draft)
        descriptor = os.open(draft, os.O_RDWR | os.O_CREAT | os.O_EXCL | os.O_CLOEXEC, 0o600)
        try:
            start = Span(old.descriptor, 0, old.start)
            placed = write_archive(descriptor, changes.members, comment=old.comment, start=start)
            _give_attributes(descriptor, os.fstat(old.descriptor))
            os.rename(draft, self.path)
        except BaseException:
            os.close(descriptor)
            with contextlib.suppress(FileNotFoundError):
                os.unlink(draft)
            raise
        return Archive(descriptor, Tree(placed), old.comment, old.start)

    @contextlib.contextmanager
    def _alone(self) -> Iterator[None]:
        """Hold the lock on the archive that has its name now, against other processes."""
        while True:
            descriptor = os.open(self.path, os.O_RDONLY | os.O_CLOEXEC)
            try:
                fcntl.flock(descriptor, fcntl.LOCK_EX)
                if os.path.samestat(os.stat(self.path), os.fstat(descriptor)):
                    yield
                    return
            finally:
                os.close(descriptor)

    def _make_if_missing(self) -> None:
        with contextlib.suppress(FileExistsError):
            flags = os.O_WRONLY | os.O_CREAT | os.O_EXCL | os.O_CLOEXEC
            descriptor = os.open(self.path, flags, 0o666)
            try:
                write_archive(descriptor, [])
            finally:
                os.close(descriptor)


def _give_attributes(descriptor: int, old: os.stat_result) -> None:
    """The new archive belongs to whom the old one belonged, where we may give files away."""
    if os.geteuid() == 0:
        os.fchown(descriptor, old.st_uid, old.st_gid)
    os.fchmod(descriptor, stat_bits.S_IMODE(old.st_mode))
