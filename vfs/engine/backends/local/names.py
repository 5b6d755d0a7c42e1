"""What a local folder's names stand for: status, folders, links, special files and their attributes."""

import contextlib
import errno
import os
import stat as stat_bits
from collections.abc import Callable, Iterator, Mapping

from vfs.engine import paths
from vfs.engine.backends.local import metadata as kept_metadata
from vfs.engine.backends.local.attributes import apply, descriptor_path, entry_of, for_new
from vfs.engine.backends.local.drafts import remove_leftovers
from vfs.engine.backends.local.root import Root
from vfs.engine.entries import SPECIAL_TYPES, Attributes, Entry, EntryKind, kind_of_mode
from vfs.engine.errors import InvalidPath, IsADirectory, NotADirectory, NotFound, PermissionDenied

_NEW_FOLDER_MODE = 0o755


class LocalNames:
    """The acts on names that need no file's content."""

    _root: Root
    _keeps_metadata: bool

    def stat(self, key: str) -> Entry:
        with self._root.place(key) as (folder, name):
            return self._entry(folder, name)

    def kind(self, key: str) -> EntryKind | None:
        try:
            with self._root.place(key) as (folder, name):
                return kind_of_mode(os.stat(name, dir_fd=folder, follow_symlinks=False).st_mode)
        except (NotFound, NotADirectory):
            return None

    def make_directory(self, key: str, *, attributes: Attributes | None = None) -> Entry:
        wanted = attributes or Attributes()
        mode = _NEW_FOLDER_MODE if wanted.mode is None else wanted.mode & 0o777
        with self._root.place(key, making=True) as (folder, name):
            os.mkdir(name, mode, dir_fd=folder)
            return self._dress(folder, name, stat_bits.S_IFDIR, wanted, os.rmdir)

    def remove_directory(self, key: str) -> None:
        with self._root.place(key) as (folder, name):
            if name == ".":
                raise PermissionDenied("the root cannot be removed", key, errno=errno.EBUSY)
            without_leftovers(lambda: os.rmdir(name, dir_fd=folder), folder, name)

    def set_attributes(self, key: str, change: Attributes) -> Entry:
        with self._root.place(key) as (folder, name):
            self._change(folder, name, change)
            return self._entry(folder, name)

    def make_symlink(self, key: str, target: str, *, attributes: Attributes | None = None) -> Entry:
        with self._root.place(key, making=True) as (folder, name):
            os.symlink(paths.target_bytes(target, key), os.fsencode(name), dir_fd=folder)
            return self._dress(folder, name, stat_bits.S_IFLNK, attributes or Attributes(), os.unlink)

    def read_symlink(self, key: str) -> str:
        with self._root.place(key) as (folder, name):
            return os.readlink(name, dir_fd=folder)

    def make_link(self, source: str, target: str) -> Entry:
        paths.check_key(target)
        with self._root.place(source) as (from_folder, from_name):
            if stat_bits.S_ISDIR(os.stat(from_name, dir_fd=from_folder, follow_symlinks=False).st_mode):
                raise IsADirectory("a folder has only one name", source, errno=errno.EPERM)
            with self._root.place(target, making=True) as (folder, name):
                os.link(from_name, name, src_dir_fd=from_folder, dst_dir_fd=folder, follow_symlinks=False)
                return self._entry(folder, name)

    def make_special(self, key: str, mode: int, rdev: int, *, attributes: Attributes | None = None) -> Entry:
        kind = stat_bits.S_IFMT(mode)
        if kind not in SPECIAL_TYPES:
            raise InvalidPath("neither a fifo, nor a socket, nor a device", key)
        wanted = (attributes or Attributes()).over(Attributes(mode=stat_bits.S_IMODE(mode)))
        with self._root.place(key, making=True) as (folder, name):
            os.mknod(name, kind | 0o600, rdev, dir_fd=folder)
            return self._dress(folder, name, kind, wanted, os.unlink)

    def get_xattr(self, key: str, name: str) -> bytes:
        with self._path(key) as path:
            return os.getxattr(path, paths.attribute_name(name, key), follow_symlinks=False)

    def list_xattrs(self, key: str) -> list[str]:
        with self._path(key) as path:
            return os.listxattr(path, follow_symlinks=False)

    def set_xattr(
        self, key: str, name: str, value: bytes, *, create: bool = False, replace: bool = False
    ) -> None:
        flags = (os.XATTR_CREATE if create else 0) | (os.XATTR_REPLACE if replace else 0)
        with self._path(key) as path:
            os.setxattr(path, paths.attribute_name(name, key), value, flags, follow_symlinks=False)

    def remove_xattr(self, key: str, name: str) -> None:
        with self._path(key) as path:
            os.removexattr(path, paths.attribute_name(name, key), follow_symlinks=False)

    @contextlib.contextmanager
    def _path(self, key: str) -> Iterator[str]:
        """A path to what stands at a key, for calls that know no folder descriptors; not to be followed."""
        with self._root.place(key) as (folder, name):
            yield f"{descriptor_path(folder)}/{name}"

    def _entry(self, folder: int, name: str) -> Entry:
        status = os.stat(name, dir_fd=folder, follow_symlinks=False)
        metadata: Mapping[str, str] = {}
        if self._keeps_metadata and stat_bits.S_ISREG(status.st_mode):
            metadata = kept_metadata.read(f"{descriptor_path(folder)}/{name}")
        return entry_of("" if name == "." else name, status, metadata)

    def _change(self, folder: int, name: str, attributes: Attributes) -> None:
        """Change what the name stands for, also if it is swapped for a symlink in between."""
        pinned = os.open(name, os.O_PATH | os.O_NOFOLLOW | os.O_CLOEXEC, dir_fd=folder)
        try:
            apply(descriptor_path(pinned), attributes)
        finally:
            os.close(pinned)

    def _dress(
        self, folder: int, name: str, kind: int, wanted: Attributes, undo: Callable[..., None]
    ) -> Entry:
        """Give a new entry its attributes; it is removed again when that fails."""
        if wanted:
            try:
                self._change(folder, name, for_new(wanted, folder, kind))
            except OSError:
                undo(name, dir_fd=folder)
                raise
        return self._entry(folder, name)


def without_leftovers(act: Callable[[], None], folder: int, name: str) -> None:
    """Do what needs an empty folder, twice where only the leftovers of a crash were in the way."""
    try:
        act()
    except OSError as error:
        if error.errno != errno.ENOTEMPTY or not _cleared(folder, name):
            raise
        act()


def _cleared(folder: int, name: str) -> bool:
    try:
        return remove_leftovers(folder, name)
    except PermissionError:
        # What may not be read or changed was not cleared, and the folder is not empty.
        return False
