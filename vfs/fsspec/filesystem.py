"""VfsFileSystem: folders, copies, renames and deletions on top of looking and contents."""

import os
import time
from glob import has_magic
from typing import Any

from fsspec.callbacks import DEFAULT_CALLBACK, Callback

from vfs.engine import AlreadyExists, Attributes, naming_mount
from vfs.fsspec.contents import Contents


class VfsFileSystem(Contents):
    """The mounts of a configuration as an fsspec file system.

    `VfsFileSystem(config="config.yaml")` opens a configuration, once for the process;
    `VfsFileSystem(storage=storage)` is about a storage that is open; without either it is the storage of
    `vfs.use`, else the configuration that the environment variable VFS_CONFIG names. One by `config` or
    without options can be pickled. All calls may be made from any thread, and raise the errors of vfs.
    """

    def mkdir(self, path: str, create_parents: bool = True, **_: Any) -> None:
        """Raises AlreadyExists; without `create_parents`, NotFound for a missing folder above."""
        if self._is_root(path):
            raise AlreadyExists("the root is there", "vfs://")
        self._node(path).mkdir(parents=create_parents)

    def makedirs(self, path: str, exist_ok: bool = False) -> None:
        """Make a folder and those above. Raises AlreadyExists unless `exist_ok`."""
        if not self._is_root(path):
            self._node(path).mkdir(parents=True, exist_ok=exist_ok)
        elif not exist_ok:
            raise AlreadyExists("the root is there", "vfs://")

    def rmdir(self, path: str) -> None:
        """Remove an empty folder. Raises NotFound, NotADirectory, DirectoryNotEmpty."""
        tree, key = self._place(path)
        with naming_mount(tree.name, key):
            tree.remove_directory(key)

    def rm_file(self, path: str) -> None:
        """Delete one file, or a symlink itself. Raises NotFound, IsADirectory."""
        tree, key = self._place(path)
        with naming_mount(tree.name, key):
            tree.delete(key)

    def _rm(self, path: str) -> None:
        self.rm_file(path)

    def rm(self, path: str | list[str], recursive: bool = False, maxdepth: int | None = None) -> None:
        """Delete files; with `recursive` folders with all that is in them, but for the root of a mount.

        Raises NotFound, IsADirectory. With `maxdepth`, folders that keep something stay.
        """
        if maxdepth is not None:
            self._prune(path, recursive, maxdepth)
            return
        for one in reversed(self.expand_path(path)):
            if recursive:
                self._node(one).delete(recursive=True)
            else:
                self.rm_file(one)

    def _prune(self, path: str | list[str], recursive: bool, maxdepth: int) -> None:
        for one in reversed(self.expand_path(path, recursive, maxdepth)):
            if not self.isdir(one):
                self.rm_file(one)
            elif not self.ls(one, detail=False):
                self.rmdir(one)

    def cp_file(self, path1: str, path2: str, **_: Any) -> None:
        """Copy one file, inside the store where it can; a folder is made, without what is in it."""
        source = self._node(path1)
        if source.stat().is_folder:
            self.makedirs(path2, exist_ok=True)
        else:
            source.copy_to(self._node(path2))

    def copy(
        self,
        path1: str | list[str],
        path2: str | list[str],
        recursive: bool = False,
        maxdepth: int | None = None,
        on_error: str | None = None,
        **kwargs: Any,
    ) -> None:
        """As fsspec's, but a file that is there as it is written is no pattern."""
        if self._is_odd_file(path1) and isinstance(path2, str):
            path1, path2 = [str(path1)], [self._target(str(path1), path2)]
        super().copy(path1, path2, recursive, maxdepth, on_error, **kwargs)

    def get(
        self,
        rpath: Any,
        lpath: Any,
        recursive: bool = False,
        callback: Callback = DEFAULT_CALLBACK,
        maxdepth: int | None = None,
        **kwargs: Any,
    ) -> None:
        """As fsspec's, but a file that is there as it is written is no pattern."""
        if self._is_odd_file(rpath) and not isinstance(lpath, list):
            target, name = os.fspath(lpath), rpath.rpartition("/")[2]
            is_folder = target.endswith(os.sep) or os.path.isdir(target)
            rpath, lpath = [rpath], [os.path.join(target, name) if is_folder else target]
        super().get(rpath, lpath, recursive, callback, maxdepth, **kwargs)

    def mv(
        self,
        path1: str | list[str],
        path2: str | list[str],
        recursive: bool = False,
        maxdepth: int | None = None,
        **kwargs: Any,
    ) -> None:
        """Rename; a folder goes with all that is in it.

        Into a folder that is there, or a path that ends in a slash, it goes under its own name. Patterns and
        lists are copied and then deleted, as fsspec does it.
        """
        plain = isinstance(path1, str) and (not has_magic(path1) or self.exists(path1))
        if plain and isinstance(path2, str) and maxdepth is None:
            self._rename(str(path1), path2)
        else:
            super().mv(path1, path2, recursive, maxdepth, **kwargs)

    def _rename(self, path1: str, path2: str) -> None:
        source, target = self._strip_protocol(path1), self._target(path1, path2)
        if source != target:
            self._node(source).move_to(self._node(target))

    def _target(self, source: str, target: str) -> str:
        """Where something goes that is copied or moved to `target`: there, or into the folder there."""
        place: str = self._strip_protocol(target)
        if self._strip_protocol(source) != place and (target.endswith("/") or self.isdir(place)):
            return f"{place}/{self._strip_protocol(source).rpartition('/')[2]}".lstrip("/")
        return place

    def _is_odd_file(self, path: object) -> bool:
        """True for a file whose name could be read as a pattern."""
        return isinstance(path, str) and has_magic(path) and self.isfile(path)

    def touch(self, path: str, truncate: bool = True, **_: Any) -> None:
        """Empty a file, or make it. Without `truncate`, one that is there is given the present time.

        Raises CapabilityNotSupported where the storage keeps no times.
        """
        if truncate or not self.exists(path):
            self.pipe_file(path, b"")
            return
        tree, key = self._place(path)
        with naming_mount(tree.name, key):
            tree.set_attributes(key, Attributes(mtime_ns=time.time_ns()))

    def sign(self, path: str, expiration: int = 100, **_: Any) -> str:
        """A URL that reads the file without credentials for so many seconds. CapabilityNotSupported."""
        return self._node(path).url(expiration)
