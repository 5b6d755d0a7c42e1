"""The engine's errors as statuses of HTTP: the one table."""

import errno
import logging
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from http import HTTPStatus

from wsgidav.dav_error import DAVError

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

log = logging.getLogger("vfs")

STATUSES: Mapping[type[StorageError], int] = {
    StorageError: 500,
    NotFound: 404,
    AlreadyExists: 412,
    PermissionDenied: 403,
    IsADirectory: 405,
    NotADirectory: 409,
    DirectoryNotEmpty: 409,
    InvalidPath: 400,
    CapabilityNotSupported: 403,
    Conflict: 412,
    BackendUnavailable: 503,
    ResourceLocked: 423,
    ConfigError: 500,
}

BY_ERRNO: Mapping[int, int] = {
    errno.ENOSPC: 507,
    errno.EDQUOT: 507,
    errno.EFBIG: 413,
    errno.ENAMETOOLONG: 414,
    errno.ELOOP: 409,
}
"""Where the number says more than the class."""


def status_of(error: StorageError) -> int:
    """By the exact number that the error carries, else by its nearest class in the table."""
    exact = BY_ERRNO.get(error.errno or 0)
    if exact is not None:
        return exact
    return next(STATUSES[kind] for kind in type(error).__mro__ if kind in STATUSES)


def status_line(status: int) -> str:
    """As a response begins: `404 Not Found`."""
    return f"{status} {HTTPStatus(status).phrase}"


def refusal(error: StorageError) -> DAVError:
    """An error as the protocol library has them; what is the storage's own fault is logged."""
    status = status_of(error)
    if status >= 500:
        log.warning("refused by WebDAV: %s", error)
    return DAVError(status, src_exception=error)


@contextmanager
def refusing() -> Iterator[None]:
    """Raise what the engine raises inside as the protocol library wants it."""
    try:
        yield
    except StorageError as error:
        raise refusal(error) from error
