"""Any storage as one file system: the public names of the Python API."""

from vfs.current import use
from vfs.engine.capabilities import Capability
from vfs.engine.copying import CopyFailure, CopySummary, SkipStrategy
from vfs.engine.entries import Attributes, Entry, EntryKind, Version, WriteResult
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
from vfs.engine.nodes import StorageNode
from vfs.storage import StorageManager, open  # noqa: A004 - as gzip.open and tarfile.open are

__all__ = [
    "AlreadyExists",
    "Attributes",
    "BackendUnavailable",
    "Capability",
    "CapabilityNotSupported",
    "ConfigError",
    "Conflict",
    "CopyFailure",
    "CopySummary",
    "DirectoryNotEmpty",
    "Entry",
    "EntryKind",
    "InvalidPath",
    "IsADirectory",
    "NotADirectory",
    "NotFound",
    "PermissionDenied",
    "ResourceLocked",
    "SkipStrategy",
    "StorageError",
    "StorageManager",
    "StorageNode",
    "Version",
    "WriteResult",
    "open",
    "use",
]
