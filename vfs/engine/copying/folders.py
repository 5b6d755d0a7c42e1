"""Copying folders themselves: those that hold nothing, and the modes, owners and times of all of them."""

from contextlib import suppress
from dataclasses import replace

from vfs.engine.capabilities import Capability
from vfs.engine.copying.inventory import Listed
from vfs.engine.copying.kept import kept_attributes
from vfs.engine.errors import AlreadyExists, NotADirectory
from vfs.engine.files.tree import FileTree
from vfs.engine.mount_errors import naming_mount


class FolderCopier:
    """Makes folders like those of another tree. Thread-safe."""

    def __init__(self, source: FileTree, target: FileTree) -> None:
        self._source = source
        self._target = target
        self.keeps_attributes = Capability.POSIX_ATTRIBUTES in source.capabilities & target.capabilities
        """Whether there is anything to give to a folder; without that, nothing is asked."""

    def make(self, key: str) -> None:
        """Make a folder that holds no file; one that came with what it holds is no error."""
        with naming_mount(self._target.name, key), suppress(AlreadyExists):
            self._target.make_directory(key)

    def give_attributes(self, source: str, key: str) -> None:
        """Give a folder the mode, owner and times of the source's.

        To be done when all that is in it is there, the deepest first: filling a folder moves its times.
        """
        with naming_mount(self._source.name, source):
            entry = self._source.stat(source)
        attributes = kept_attributes(entry, self._target)
        if attributes is not None and (attributes := replace(attributes, xattrs=attributes.xattrs or None)):
            with naming_mount(self._target.name, key):
                self._target.set_attributes(key, attributes)


def refuse_clash(present: Listed | None, target: FileTree) -> None:
    """Raise NotADirectory where a file stands in a folder's place."""
    if present is not None and not present.is_folder:
        raise NotADirectory(path=present.key, mount=target.name)
