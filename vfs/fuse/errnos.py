"""Our errors as the kernel's numbers: the one table."""

import errno
from collections.abc import Mapping

from vfs.engine import (
    AlreadyExists,
    BackendUnavailable,
    CapabilityNotSupported,
    ConfigError,
    Conflict,
    DirectoryNotEmpty,
    InvalidPath,
    IsADirectory,
    NotADirectory,
    NotFound,
    PermissionDenied,
    ResourceLocked,
    StorageError,
)

ERRNOS: Mapping[type[StorageError], int] = {
    StorageError: errno.EIO,
    NotFound: errno.ENOENT,
    AlreadyExists: errno.EEXIST,
    PermissionDenied: errno.EACCES,
    IsADirectory: errno.EISDIR,
    NotADirectory: errno.ENOTDIR,
    DirectoryNotEmpty: errno.ENOTEMPTY,
    InvalidPath: errno.EINVAL,
    CapabilityNotSupported: errno.ENOTSUP,
    Conflict: errno.ESTALE,
    BackendUnavailable: errno.EIO,
    ResourceLocked: errno.EBUSY,
    ConfigError: errno.EIO,
}


def errno_of(error: StorageError) -> int:
    """The number for the kernel: the exact one that the error carries, else its class's in the table."""
    if error.errno and error.errno != error.default_errno:
        return error.errno
    return next(ERRNOS[kind] for kind in type(error).__mro__ if kind in ERRNOS)
