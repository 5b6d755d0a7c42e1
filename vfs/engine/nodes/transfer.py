"""Copying and moving what stands at a node's place to another place, in any mount."""

from typing import Self

from vfs.engine.errors import InvalidPath
from vfs.engine.nodes.live import LiveNode, telling_place
from vfs.engine.subtrees import copy_file, move_across


class NodeTransfer(LiveNode):
    """A place whose entry can go elsewhere."""

    __slots__ = ()

    @telling_place
    def move_to(self, target: "LiveNode | str", *, overwrite: bool = True) -> Self:
        """Give this entry another place, in its mount in one act as rename(2) does; the node there.

        Into another mount, everything is copied and then deleted here. Raises AlreadyExists unless
        `overwrite`, and IsADirectory, NotADirectory, DirectoryNotEmpty as rename(2) does.
        """
        there = self._other(target)
        if there._tree is self._tree:
            self._tree.rename(self._key, there.path, overwrite=overwrite)
        else:
            move_across((self._tree, self._key), (there._tree, there.path), overwrite=overwrite)
        return there

    @telling_place
    def copy_to(self, target: "LiveNode | str", *, overwrite: bool = True) -> Self:
        """Copy this file, with metadata and attributes as far as they are kept there; the node there."""
        there = self._other(target)
        if there == self:
            raise InvalidPath("a file cannot be copied onto itself", self._key)
        copy_file((self._tree, self._key), (there._tree, there.path), overwrite=overwrite)
        return there

    def _other(self, target: "LiveNode | str") -> Self:
        """The node of a path, or of a node that another manager may have made."""
        if isinstance(target, LiveNode):
            return type(self)(target._table, target.mount, target.path)
        tree, key = self._table.resolve(target)
        return type(self)(self._table, tree.name, key)
