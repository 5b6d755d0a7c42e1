"""What a storage can do, as words that a user may ask for."""

from enum import StrEnum


class Capability(StrEnum):
    """One thing that a mount's whole stack, layers included, can do."""

    READ = "read"
    WRITE = "write"
    DELETE = "delete"
    LIST = "list"
    GLOB = "glob"
    MOVE = "move"
    COPY = "copy"
    ATOMIC_WRITE = "atomic_write"
    ATOMIC_MOVE = "atomic_move"
    METADATA = "metadata"
    USER_METADATA = "user_metadata"
    VERSIONING = "versioning"
    VERSION_LISTING = "version_listing"
    VERSION_ACCESS = "version_access"
    PRESIGNED_URLS = "presigned_urls"
    READONLY = "readonly"
    TEMPORARY = "temporary"
    SEEKABLE_READ = "seekable_read"
    LAZY_READ = "lazy_read"
    WRITE_RESULT_NATIVE = "write_result_native"
    SYMLINKS = "symlinks"
    POSIX_ATTRIBUTES = "posix_attributes"
    CONDITIONAL_WRITE = "conditional_write"
    PARTIAL_UPDATE = "partial_update"


READING = frozenset(
    {
        Capability.READ,
        Capability.LIST,
        Capability.GLOB,
        Capability.METADATA,
        Capability.SEEKABLE_READ,
        Capability.LAZY_READ,
    }
)
"""What every backend that can be read at all has."""

WRITING = frozenset({Capability.WRITE, Capability.DELETE, Capability.COPY, Capability.MOVE})
"""What a backend that can be written has; copy and move are derived where there is no native call."""
