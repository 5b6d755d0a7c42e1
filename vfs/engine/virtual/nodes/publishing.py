"""What a manager can do with virtual files: show what a node is made of as a file in a mount."""

from typing import cast

from vfs.engine.errors import AlreadyExists, NotFound
from vfs.engine.files.tree import FileTree
from vfs.engine.nodes import StorageNode
from vfs.engine.option_types import MountPath
from vfs.engine.virtual.files.layer import VirtualLayer
from vfs.engine.virtual.files.table import Changes, VirtualFiles
from vfs.engine.virtual.nodes.definitions import Publishable, definition_of


class Publishing:
    """A table of mounts whose virtual files come and go."""

    _virtual: VirtualFiles

    def has_mount(self, name: str) -> bool:
        """Whether a mount has this name."""
        raise NotImplementedError

    def tree(self, name: str) -> FileTree:
        """Raises NotFound for a name that is no mount."""
        raise NotImplementedError

    def _as_node(self, place: StorageNode | str) -> StorageNode:
        """The node of a path."""
        raise NotImplementedError

    def publish(self, made: Publishable, place: StorageNode | str) -> StorageNode:
        """Show what a node is made of as a file in a mount, to everybody and as long as this manager lives.

        `made` is a virtual node of stored ones, a node, or what a configuration's `virtual` says of a file.
        AlreadyExists where anything else stands, ConfigError for a file that is made of itself.
        """
        node, file = self._as_node(place), definition_of(made)
        for part in file.parts:
            self.tree(part.mount)
        where = MountPath(node.mount, node.path)
        if node.exists() and not self._virtual.is_published(where):
            raise AlreadyExists(path=node.path, mount=node.mount)
        self._tell(self._virtual.publish(where, file))
        return node

    def withdraw(self, place: StorageNode | str) -> None:
        """Show a file no longer that was published. Raises NotFound where none was."""
        node = self._as_node(place)
        if not (changes := self._virtual.withdraw(MountPath(node.mount, node.path))):
            raise NotFound("nothing was published here", node.path, mount=node.mount)
        self._tell(changes)

    def _tell(self, changes: Changes) -> None:
        """Virtual files came, went or became others."""
        for place, kind in changes.items():
            if self.has_mount(place.mount):
                self.tree(place.mount).stored_elsewhere(place.key, kind)

    def _with_virtual(self, mount: str) -> VirtualLayer:
        return cast("VirtualLayer", self.tree(mount).backend.ability(VirtualLayer))
