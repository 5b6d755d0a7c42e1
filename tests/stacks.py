"""What a mount was configured to be, without the layers that every mount has."""

from typing import Any

from vfs.engine.layers.counted import CountedLayer
from vfs.engine.manager import StorageManager
from vfs.engine.virtual.files.layer import VirtualLayer


def stack_of(storage: StorageManager, mount: str) -> Any:
    """The mount's own layers and backend, to look into and to spoil."""
    outermost = storage.tree(mount).backend
    assert isinstance(outermost, VirtualLayer)
    stack = outermost.inner
    return stack.inner if isinstance(stack, CountedLayer) else stack
