"""What a mount was configured to be, beneath the layer of virtual files that is around every mount."""

from typing import Any

from vfs.engine.manager import StorageManager
from vfs.engine.virtual.files.layer import VirtualLayer


def stack_of(storage: StorageManager, mount: str) -> Any:
    """The mount's own layers and backend, to look into and to spoil."""
    outermost = storage.tree(mount).backend
    assert isinstance(outermost, VirtualLayer)
    return outermost.inner
