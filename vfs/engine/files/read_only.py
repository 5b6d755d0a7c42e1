"""A tree that can only be read: every change is refused with EROFS at the door, before anything is staged."""

from collections.abc import Iterator, Mapping, Sequence

from vfs.engine.backend import OpenFile
from vfs.engine.cache.entries import Absent, EntryStatistics
from vfs.engine.changes import ChangeKind
from vfs.engine.entries import Attributes, Entry, EntryKind, SpaceUsage
from vfs.engine.files.drafts import Draft, Replacement
from vfs.engine.files.present_state import PresentFile
from vfs.engine.files.progress import SendProgress
from vfs.engine.files.transfers import Transfers
from vfs.engine.files.tree import FileTree, Unsent
from vfs.engine.layers.readonly import ReadOnlyFile, refuse


class ReadOnlyTree(FileTree):
    """Another tree without its changes; it owns that tree."""

    readonly = True

    def __init__(self, inner: FileTree) -> None:
        super().__init__(inner.name, inner.backend, ttl=inner.ttl, changes=inner.changes)
        self._inner = inner
        self.uses = inner.uses

    @property
    def transfers(self) -> Transfers:
        return self._inner.transfers

    def remembered(self, key: str) -> Entry | Absent | None:
        return self._inner.remembered(key)

    def stat(self, key: str) -> Entry:
        return self._inner.stat(key)

    def listed(self, key: str) -> Entry:
        return self._inner.listed(key)

    def kind(self, key: str) -> EntryKind | None:
        return self._inner.kind(key)

    def list(self, key: str) -> Iterator[Entry]:
        return self._inner.list(key)

    def beside(self, key: str) -> Sequence[Entry]:
        return self._inner.beside(key)

    def open(self, key: str, *, write: bool = False, truncate: bool = False) -> OpenFile:
        if write or truncate:
            refuse(key)
        return ReadOnlyFile(self._inner.open(key), key)

    def open_present(self, key: str) -> PresentFile:
        return self._inner.open_present(key)

    def read_symlink(self, key: str) -> str:
        return self._inner.read_symlink(key)

    def get_xattr(self, key: str, name: str) -> bytes:
        return self._inner.get_xattr(key, name)

    def list_xattrs(self, key: str) -> Sequence[str]:
        return self._inner.list_xattrs(key)

    def space(self) -> SpaceUsage:
        return self._inner.space()

    def flush(self) -> None:
        self._inner.flush()

    def stored_elsewhere(self, key: str, kind: ChangeKind) -> None:
        self._inner.stored_elsewhere(key, kind)

    def unsent(self) -> Sequence[Unsent]:
        return self._inner.unsent()

    def send_now(self) -> None:
        self._inner.send_now()

    def forget_entries(self) -> None:
        self._inner.forget_entries()

    def entry_statistics(self) -> EntryStatistics | None:
        return self._inner.entry_statistics()

    def progress(self, key: str) -> SendProgress:
        return self._inner.progress(key)

    def close(self) -> None:
        self._inner.close()

    def create(self, key: str, *, exclusive: bool = False, attributes: Attributes | None = None) -> OpenFile:
        refuse(key)

    def draft(self, wanted: Replacement) -> Draft:
        refuse(wanted.key)

    def delete(self, key: str) -> None:
        refuse(key)

    def rename(self, source: str, target: str, *, overwrite: bool = True, exchange: bool = False) -> None:
        refuse(source)

    def make_directory(self, key: str, *, attributes: Attributes | None = None) -> Entry:
        refuse(key)

    def remove_directory(self, key: str) -> None:
        refuse(key)

    def set_attributes(self, key: str, change: Attributes) -> Entry:
        refuse(key)

    def set_metadata(self, key: str, metadata: Mapping[str, str]) -> Entry:
        refuse(key)

    def truncate(self, key: str, size: int) -> Entry:
        refuse(key)

    def make_symlink(self, key: str, target: str, *, attributes: Attributes | None = None) -> Entry:
        refuse(key)

    def make_link(self, source: str, target: str) -> Entry:
        refuse(target)

    def make_special(self, key: str, mode: int, rdev: int, *, attributes: Attributes | None = None) -> Entry:
        refuse(key)

    def set_xattr(
        self, key: str, name: str, value: bytes, *, create: bool = False, replace: bool = False
    ) -> None:
        refuse(key)

    def remove_xattr(self, key: str, name: str) -> None:
        refuse(key)
