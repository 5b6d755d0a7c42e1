"""The engine's front: what the front doors may import."""

from vfs.engine.backend import Buffer, KeepsVersions, OpenFile
from vfs.engine.cache.entries import ABSENT, Absent
from vfs.engine.capabilities import Capability
from vfs.engine.changes import Change, ChangeBus, ChangeKind, acting_as
from vfs.engine.entries import Attributes, Entry, EntryKind, SpaceUsage, WriteResult
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
from vfs.engine.files.drafts import Draft, Replacement
from vfs.engine.files.present_state import PresentFile
from vfs.engine.files.progress import SendProgress, SendState
from vfs.engine.files.tree import FileTree, Unsent
from vfs.engine.manager import StorageManager
from vfs.engine.mount_errors import naming_mount
from vfs.engine.nodes import StorageNode
from vfs.engine.reconfiguring import Door
from vfs.engine.workers import Workers

__all__ = [
    "ABSENT",
    "Absent",
    "AlreadyExists",
    "Attributes",
    "BackendUnavailable",
    "Buffer",
    "Capability",
    "CapabilityNotSupported",
    "Change",
    "ChangeBus",
    "ChangeKind",
    "ConfigError",
    "Conflict",
    "DirectoryNotEmpty",
    "Door",
    "Draft",
    "Entry",
    "EntryKind",
    "FileTree",
    "InvalidPath",
    "IsADirectory",
    "KeepsVersions",
    "NotADirectory",
    "NotFound",
    "OpenFile",
    "PermissionDenied",
    "PresentFile",
    "Replacement",
    "ResourceLocked",
    "SendProgress",
    "SendState",
    "SpaceUsage",
    "StorageError",
    "StorageManager",
    "StorageNode",
    "Unsent",
    "Workers",
    "WriteResult",
    "acting_as",
    "naming_mount",
]
