"""StorageNode: a handle on one place of a mount, in the manner of pathlib.

What touches the storage is a method, what does not is a property. A node is the entry itself: a symlink is
not followed. Nothing is remembered between two calls but by the mount, for all that use it.
"""

from vfs.engine.nodes.archiving import NodeArchiving
from vfs.engine.nodes.backing import NodeBacking
from vfs.engine.nodes.comparing import NodeComparing
from vfs.engine.nodes.downloading import NodeDownloading
from vfs.engine.nodes.metadata import NodeMetadata
from vfs.engine.nodes.opening import NodeOpening
from vfs.engine.nodes.serving import NodeServing
from vfs.engine.nodes.tools import NodeTools


class StorageNode(
    NodeMetadata,
    NodeComparing,
    NodeOpening,
    NodeArchiving,
    NodeTools,
    NodeServing,
    NodeBacking,
    NodeDownloading,
):
    """A file, a folder, or nothing yet. Made by `StorageManager.node`; may be used from any thread.

    Every method raises `StorageError`s that name the place: NotFound, PermissionDenied, BackendUnavailable
    and so on. Writing makes the folders above.
    """

    __slots__ = ()
