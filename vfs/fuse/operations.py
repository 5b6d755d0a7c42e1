"""All request handlers, as pyfuse3 wants them: one object."""

# pyright: reportIncompatibleMethodOverride=false
# It tells the CoroutineType of pyfuse3's methods from the Coroutine of decorated ones; mypy checks overrides.

from vfs.fuse.attribute_requests import AttributeRequests
from vfs.fuse.file_requests import FileRequests
from vfs.fuse.folder_requests import FolderRequests
from vfs.fuse.namespace import NamespaceRequests


class Operations(NamespaceRequests, AttributeRequests, FolderRequests, FileRequests):
    """The handlers of one mounted file system."""

    supports_dot_lookup = False
    """Only an NFS export of the mount would look up `.` and `..`."""

    enable_writeback_cache = False
    """With it the kernel would own size and times, and not see what other doors or machines wrote."""

    enable_acl = False
    """Permissions are the mode bits and the owner."""
