"""LiveNode: a place together with the tree that it lies in; what every act of a node stands on."""

from collections.abc import Callable
from functools import wraps
from typing import Concatenate, ParamSpec, TypeVar

from vfs.engine.capabilities import Capability
from vfs.engine.errors import CapabilityNotSupported, StorageError
from vfs.engine.files.tree import FileTree
from vfs.engine.mount_errors import name_mount
from vfs.engine.nodes.place import PureNode

P = ParamSpec("P")
R = TypeVar("R")
NodeT = TypeVar("NodeT", bound=PureNode)


def telling_place(method: Callable[Concatenate[NodeT, P], R]) -> Callable[Concatenate[NodeT, P], R]:
    """Errors of this method name the node's mount and path. Not for generators: they run later."""

    @wraps(method)
    def telling(self: NodeT, /, *args: P.args, **kwargs: P.kwargs) -> R:
        try:
            return method(self, *args, **kwargs)
        except StorageError as error:
            name_mount(error, self.mount, self.path)
            raise

    return telling


class LiveNode(PureNode):
    """A place whose storage can be asked.

    Every method raises `StorageError`s that name the place: NotFound, PermissionDenied, BackendUnavailable
    and so on.
    """

    __slots__ = ()

    @property
    def _tree(self) -> FileTree:
        return self._table.tree(self._mount)

    def _require(self, capability: Capability, act: str) -> None:
        if capability not in self.capabilities:
            raise CapabilityNotSupported(f"this storage cannot {act}", self._key, mount=self._mount)
