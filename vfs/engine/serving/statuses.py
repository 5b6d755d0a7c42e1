"""What of the engine's errors a web client is told: a status for each, and no more."""

from vfs.engine.errors import (
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

STATUSES: dict[type[StorageError], int] = {
    StorageError: 500,
    NotFound: 404,
    IsADirectory: 404,
    NotADirectory: 404,
    InvalidPath: 404,
    PermissionDenied: 403,
    CapabilityNotSupported: 501,
    Conflict: 503,
    BackendUnavailable: 503,
    ResourceLocked: 503,
    AlreadyExists: 500,
    DirectoryNotEmpty: 500,
    ConfigError: 500,
}
"""For reading a file: a folder is no file, and what changes just now may be asked for again."""


def status_of(error: StorageError) -> int:
    """The status of the nearest class that has one."""
    return next(STATUSES[kind] for kind in type(error).__mro__ if kind in STATUSES)
