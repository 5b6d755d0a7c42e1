"""What a mount does about POSIX attributes that its store does not know."""

from enum import StrEnum


class AttributePolicy(StrEnum):
    """What becomes of POSIX attributes."""

    STORE = "store"
    """Kept as metadata of the object, under the names that s3fs-fuse and rclone use."""
    IGNORE = "ignore"
    """Taken and dropped; listings are complete, and nothing is asked per file."""
    REFUSE = "refuse"
    """Changing them is an error (EPERM)."""
