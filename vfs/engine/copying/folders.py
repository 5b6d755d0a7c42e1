"""Copying folders themselves: those that hold nothing, and the modes, owners and times of all of them."""

from dataclasses import replace

from vfs.engine.capabilities import Capability
from vfs.engine.copying.inventory import Listed
from vfs.engine.copying.kept import kept_attributes
from vfs.engine.entries import Attributes
from vfs.engine.errors import AlreadyExists, NotADirectory
from vfs.engine.files.tree import FileTree
from vfs.engine.mount_errors import naming_mount


class FolderCopier:
    """Makes folders like those of another tree. Thread-safe.

    To be done when all that is in them is there, the deepest first: filling a folder moves its times.
    """

    def __init__(self, source: FileTree, target: FileTree) -> None:
        self._source = source
        self._target = target
        kept = source.capabilities & target.capabilities
        self._keeps_attributes = Capability.POSIX_ATTRIBUTES in kept

    def copy(self, key: str, target: str) -> None:
        """Make a folder that was not there before, or what came of it along with its files, like this one."""
        attributes = self._attributes(key)
        with naming_mount(self._target.name, target):
            try:
                self._target.make_directory(target)
            except AlreadyExists:
                if not self._target.stat(target).is_folder:
                    raise NotADirectory(path=target) from None
            if attributes is not None:
                self._target.set_attributes(target, attributes)

    def _attributes(self, key: str) -> Attributes | None:
        """Those that both sides keep: without them nothing is asked."""
        if not self._keeps_attributes:
            return None
        with naming_mount(self._source.name, key):
            entry = self._source.stat(key)
        found = kept_attributes(entry, self._target)
        return None if found is None else replace(found, xattrs=found.xattrs or None)


def refuse_clash(present: Listed | None, target: FileTree) -> None:
    """Raise NotADirectory where a file stands in a folder's place."""
    if present is not None and not present.is_folder:
        raise NotADirectory(path=present.key, mount=target.name)
