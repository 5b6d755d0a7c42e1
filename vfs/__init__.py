"""Any storage as one file system: the public names of the Python API."""

from vfs.current import use
from vfs.engine.batches import BatchResult
from vfs.engine.capabilities import Capability
from vfs.engine.copying import CopyFailure, CopySummary, SkipStrategy
from vfs.engine.entries import Attributes, Entry, EntryKind, TreeInfo, Version, WriteResult
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
from vfs.engine.mapping import FolderMapping
from vfs.engine.nodes import NodeWriteResult, ResolutionPlan, StorageNode
from vfs.engine.virtual.nodes import DiffNode, IterNode, PastNode, VirtualNode
from vfs.storage import StorageManager, open  # noqa: A004 - as gzip.open and tarfile.open are

__all__ = [
    "AlreadyExists",
    "Attributes",
    "BackendUnavailable",
    "BatchResult",
    "Capability",
    "CapabilityNotSupported",
    "ConfigError",
    "Conflict",
    "CopyFailure",
    "CopySummary",
    "DiffNode",
    "DirectoryNotEmpty",
    "Entry",
    "EntryKind",
    "FolderMapping",
    "InvalidPath",
    "IsADirectory",
    "IterNode",
    "NodeWriteResult",
    "NotADirectory",
    "NotFound",
    "PastNode",
    "PermissionDenied",
    "ResolutionPlan",
    "ResourceLocked",
    "SkipStrategy",
    "StorageError",
    "StorageManager",
    "StorageNode",
    "TreeInfo",
    "Version",
    "VirtualNode",
    "WriteResult",
    "open",
    "use",
]
