"""SharedHandle: one open of a file, on the state that all opens of it share."""

from typing import TYPE_CHECKING

from vfs.engine.backend import Buffer
from vfs.engine.entries import Attributes, Entry
from vfs.engine.errors import Conflict, PermissionDenied
from vfs.engine.files import commits
from vfs.engine.files.shared import SharedFile

if TYPE_CHECKING:
    from vfs.engine.files.store_tree import StoreTree


class SharedHandle:
    """An `OpenFile`; closing it twice is harmless."""

    def __init__(self, tree: "StoreTree", file: SharedFile) -> None:
        self._tree = tree
        self._file = file
        self._closed = False
        self.read_ready = file.read_ready
        self.stat = file.stat

    def read(self, offset: int, size: int) -> Buffer:
        """Raises Conflict when the object was replaced and these bytes of the old one are gone."""
        try:
            return self._file.read(offset, size)
        except Conflict:
            self._tree.overtaken(self._file)
            raise

    def expect(self, start: int, end: int) -> None:
        """Reads go from `start` to `end`, in order: what is stored of that is fetched ahead of them."""
        base = self._file.base
        if base is not None:
            base.reader.expect(start, end)

    def write(self, offset: int, data: Buffer) -> int:
        """A small stored file comes here whole before its first edit: a conflict can then keep all of it."""
        file = self._file
        if file.is_stored and not file.is_dirty and file.size <= commits.SINGLE_WRITE:
            file.keep_whole()
        written = file.write(offset, data)
        self._tree.durability.written(file)
        return written

    def truncate(self, size: int) -> None:
        self._file.truncate(size)

    def set_attributes(self, change: Attributes) -> Entry:
        return self._tree.set_open_attributes(self._file, change)

    def flush(self) -> None:
        self._tree.commit(self._file)

    def sync(self) -> None:
        self._tree.commit(self._file)

    def close(self) -> None:
        if not self._closed:
            self._closed = True
            self._tree.release(self._file)
            self._tree.uses.end()


class DropBoxHandle(SharedHandle):
    """An open of a file whose mount gives nothing out: not even what was just written, and is here still."""

    def __init__(self, tree: "StoreTree", file: SharedFile) -> None:
        super().__init__(tree, file)
        self.read_ready = lambda *_, **__: None

    def read(self, offset: int, size: int) -> Buffer:
        raise write_only(self._file.key)


def write_only(key: str) -> PermissionDenied:
    """The error for reading where only writing is allowed."""
    return PermissionDenied("this mount is write-only", key)
