"""The folder that a local mount may not leave: from a key to a descriptor of its folder and a name in it.

Every act works on (folder descriptor, name), so that no path is resolved twice and nobody can swap a folder
for a symlink between a check and the act.
"""

import contextlib
import errno
import os
import stat as stat_bits
from types import TracebackType

from vfs.engine import paths
from vfs.engine.backends.local.system_calls import open_folder_beneath, open_to_read_beneath
from vfs.engine.errors import (
    NotADirectory,
    NotFound,
    PermissionDenied,
    StorageError,
    from_os_error,
)

_FOLDER = os.O_PATH | os.O_DIRECTORY | os.O_CLOEXEC

_IMPLIED_MODE = 0o755
"""Of folders made on the way to an entry: the process's umask may be 0, and nobody said 0777."""


class Root:
    """An open folder, and the way to everything below it. Thread-safe."""

    def __init__(self, path: str, *, create: bool, follow_symlinks: bool) -> None:
        if create:
            _make_folders(path)
        self.path = path
        self.follow_symlinks = follow_symlinks
        self.descriptor = os.open(path, _FOLDER)
        self._has_openat2 = True

    def close(self) -> None:
        descriptor, self.descriptor = self.descriptor, -1
        if descriptor >= 0:
            os.close(descriptor)

    def place(self, key: str, *, making: bool = False, behind_symlink: bool = False) -> "Place":
        """Where a key stands, for a `with` block: see `Place`."""
        paths.check_key(key)
        return Place(self, key, making, behind_symlink and self.follow_symlinks)

    def open_folder(self, key: str) -> int:
        """A new descriptor of a folder below the root, for resolving only.

        Raises OSError: ENOENT, ENOTDIR, ELOOP. What is too long for one call is walked name by name.
        """
        try:
            if self.follow_symlinks:
                return os.open(key, _FOLDER, dir_fd=self.descriptor)
            if self._has_openat2:
                return open_folder_beneath(self.descriptor, key)
        except OSError as error:
            # EPERM is what a container's filter answers for calls that it does not know.
            if error.errno in {errno.ENOSYS, errno.EPERM}:
                self._has_openat2 = False
            elif error.errno != errno.ENAMETOOLONG:
                raise
        return self._walk(key, make=False)

    def open_to_read(self, key: str) -> int:
        """A new descriptor of what stands at a checked key, by one call of the system.

        -1 where that is not to be had: the way through `place` says why, or has it after all.
        """
        if self.follow_symlinks or not self._has_openat2 or not key:
            return -1
        return open_to_read_beneath(self.descriptor, key)

    def make_folder(self, key: str) -> int:
        """As `open_folder`, with the missing folders made."""
        return self._walk(key, make=True)

    def _walk(self, key: str, *, make: bool) -> int:
        folder = os.open(".", _FOLDER, dir_fd=self.descriptor)
        for name in key.split("/"):
            try:
                if make:
                    with contextlib.suppress(FileExistsError):
                        os.mkdir(name, _IMPLIED_MODE, dir_fd=folder)
                below = self._step(folder, name)
            finally:
                os.close(folder)
            folder = below
        return folder

    def _step(self, folder: int, name: str) -> int:
        flags = _FOLDER if self.follow_symlinks else _FOLDER | os.O_NOFOLLOW
        try:
            return os.open(name, flags, dir_fd=folder)
        except NotADirectoryError:
            if stat_bits.S_ISLNK(os.stat(name, dir_fd=folder, follow_symlinks=False).st_mode):
                raise OSError(errno.ELOOP, os.strerror(errno.ELOOP), name) from None
            raise


def _make_folders(path: str) -> None:
    """Make an absolute path's missing folders, writable for their owner only."""
    if not os.path.isdir(path):
        _make_folders(os.path.dirname(path))
        with contextlib.suppress(FileExistsError):
            os.mkdir(path, _IMPLIED_MODE)


class Place:
    """A key as (descriptor of its folder, name in it), while a `with` block runs; the root is `.` in itself.

    The block's OSErrors become ours. When an entry is to be made, the folders above are made too.
    `behind_symlink` gives the place that a symlink at the key leads to.
    """

    __slots__ = ("_behind_symlink", "_key", "_making", "_opened", "_root")

    def __init__(self, root: Root, key: str, making: bool, behind_symlink: bool) -> None:
        self._root = root
        self._key = key
        self._making = making
        self._behind_symlink = behind_symlink
        self._opened = -1

    def __enter__(self) -> tuple[int, str]:
        folder, _, name = self._key.rpartition("/")
        if folder:
            try:
                self._opened = self._root.open_folder(folder)
            except OSError as error:
                self._opened = self._recover(folder, error)
        place = (self._opened if folder else self._root.descriptor), name or "."
        return self._follow(*place) if self._behind_symlink else place

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        if self._opened >= 0:
            os.close(self._opened)
        if isinstance(error, OSError) and not isinstance(error, StorageError):
            raise from_os_error(error, self._key) from error

    def _follow(self, folder: int, name: str) -> tuple[int, str]:
        path = f"/proc/self/fd/{folder}/{name}"
        if not os.path.islink(path):
            return folder, name
        above, _, name = os.path.realpath(path).rpartition("/")
        try:
            target_folder = os.open(above or "/", _FOLDER)
        except OSError as error:
            raise from_os_error(error, self._key) from error
        finally:
            if self._opened >= 0:
                os.close(self._opened)
                self._opened = -1
        self._opened = target_folder
        return target_folder, name

    def _recover(self, folder: str, error: OSError) -> int:
        """The folder after all, where it could be made; else the failure in our words."""
        if self._making and error.errno == errno.ENOENT:
            try:
                return self._root.make_folder(folder)
            except OSError as again:
                raise self._refusal(folder, again) from again
        raise self._refusal(folder, error) from error

    def _refusal(self, folder: str, error: OSError) -> StorageError:
        if error.errno == errno.ELOOP and not self._root.follow_symlinks:
            return PermissionDenied(
                "the way there goes through a symlink, and this mount does not follow them", self._key
            )
        if error.errno == errno.ENOTDIR:
            if self._making:
                return NotADirectory(f"{folder} or a folder above it is not a folder", self._key)
            return NotFound(path=self._key)
        return from_os_error(error, self._key)
