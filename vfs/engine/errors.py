"""What can go wrong, told in the storage's own words.

    StorageError (OSError)
    ├── NotFound (FileNotFoundError)            ├── CapabilityNotSupported (NotImplementedError)
    ├── AlreadyExists (FileExistsError)         ├── Conflict               the object changed under us
    ├── PermissionDenied (PermissionError)      ├── BackendUnavailable (ConnectionError)
    ├── IsADirectory (IsADirectoryError)        ├── ResourceLocked (BlockingIOError)
    ├── NotADirectory (NotADirectoryError)      └── ConfigError (ValueError)
    ├── DirectoryNotEmpty
    └── InvalidPath (ValueError)

Each is also the fitting built-in, so that plain Python code understands it.
"""

import errno as errnos
import os


class StorageError(OSError):
    """A storage operation failed; the root of every error that vfs raises.

    `path` is the key as the user wrote it, `mount` the mount's name where it is known, `errno` the POSIX
    number: the class's own unless a more exact one was given (PermissionDenied with EROFS, say).
    """

    default_errno: int = errnos.EIO

    def __init__(
        self,
        message: str = "",
        path: str | None = None,
        *,
        mount: str | None = None,
        errno: int | None = None,
    ) -> None:
        number = self.default_errno if errno is None else errno
        super().__init__(number, message or os.strerror(number))
        self.message = message or os.strerror(number)
        self.path = path
        self.mount = mount

    def __str__(self) -> str:
        if not self.path:
            return self.message if self.mount is None else f"mount {self.mount!r}: {self.message}"
        place = self.path if self.mount is None else f"{self.mount}:{self.path}"
        return f"{place}: {self.message}"

    def __reduce__(self) -> tuple[object, ...]:
        return (_rebuild, (type(self), self.message, self.path, self.mount, self.errno))


def _rebuild(
    kind: type[StorageError], message: str, path: str | None, mount: str | None, errno: int
) -> StorageError:
    return kind(message, path, mount=mount, errno=errno)


class NotFound(StorageError, FileNotFoundError):
    """Nothing is stored at this path."""

    default_errno = errnos.ENOENT


class AlreadyExists(StorageError, FileExistsError):
    """The path is taken and the call asked for a free one."""

    default_errno = errnos.EEXIST


class PermissionDenied(StorageError, PermissionError):
    """The store, the mount (EROFS) or the file's mode refuses this."""

    default_errno = errnos.EACCES


class IsADirectory(StorageError, IsADirectoryError):
    """A file was asked for; the path is a folder."""

    default_errno = errnos.EISDIR


class NotADirectory(StorageError, NotADirectoryError):
    """A folder was asked for, here or on the way; the path is a file."""

    default_errno = errnos.ENOTDIR


class DirectoryNotEmpty(StorageError):
    """The folder still holds entries."""

    default_errno = errnos.ENOTEMPTY


class InvalidPath(StorageError, ValueError):
    """No such path can exist: `..`, NUL, a name too long, a place outside the mount."""

    default_errno = errnos.EINVAL


class CapabilityNotSupported(StorageError, NotImplementedError):
    """This storage cannot do that, ever; see `capabilities`."""

    default_errno = errnos.ENOTSUP


class Conflict(StorageError):
    """The object changed under us: it is no longer the one that was read or is to be replaced."""

    default_errno = errnos.ESTALE


class BackendUnavailable(StorageError, ConnectionError):
    """The store did not answer, or not in time, after every retry."""

    default_errno = errnos.EIO


class ResourceLocked(StorageError, BlockingIOError):
    """Somebody holds a lock on this."""

    default_errno = errnos.EBUSY


class ConfigError(StorageError, ValueError):
    """The configuration is wrong; the message names the file, the key and what to write instead."""

    default_errno = errnos.EINVAL


_BY_ERRNO: dict[int, type[StorageError]] = {
    errnos.ENOENT: NotFound,
    errnos.ENODATA: NotFound,
    errnos.EEXIST: AlreadyExists,
    errnos.EACCES: PermissionDenied,
    errnos.EPERM: PermissionDenied,
    errnos.EROFS: PermissionDenied,
    errnos.EISDIR: IsADirectory,
    errnos.ENOTDIR: NotADirectory,
    errnos.ENOTEMPTY: DirectoryNotEmpty,
    errnos.ENAMETOOLONG: InvalidPath,
    errnos.EINVAL: InvalidPath,
    errnos.EILSEQ: InvalidPath,
    errnos.ELOOP: InvalidPath,
    errnos.ENOTSUP: CapabilityNotSupported,
    errnos.ENOSYS: CapabilityNotSupported,
    errnos.ESTALE: Conflict,
    errnos.ETXTBSY: ResourceLocked,
    errnos.EBUSY: ResourceLocked,
    errnos.ETIMEDOUT: BackendUnavailable,
}


def from_os_error(error: OSError, path: str, mount: str | None = None) -> StorageError:
    """The same failure as one of ours, its errno kept exactly.

    Errors that are ours already come back unchanged.
    """
    if isinstance(error, StorageError):
        return error
    number = error.errno or errnos.EIO
    kind = _BY_ERRNO.get(number, StorageError)
    return kind(error.strerror or str(error), path, mount=mount, errno=number)
