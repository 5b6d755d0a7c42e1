"""The tree of a mount whose files are opened where they lie: every call goes straight through.

Nothing is remembered here: the system beneath has its own caches, and others change its files too.
"""

from collections.abc import Callable, Iterator
from contextlib import contextmanager

from vfs.engine import paths
from vfs.engine.backend import (
    Backend,
    Buffer,
    KeepsAttributes,
    Moves,
    OpenFile,
    OpensInPlace,
    Source,
)
from vfs.engine.changes import ChangeBus, ChangeKind
from vfs.engine.entries import Attributes, Entry, EntryKind, WriteResult
from vfs.engine.errors import NotFound
from vfs.engine.files.drafts import Draft, Replacement, StagedDraft
from vfs.engine.files.tree import FileTree
from vfs.engine.node_abilities import TellsKinds


class InPlaceTree(FileTree):
    """A pass-through to a backend that `OpensInPlace` and `Moves`."""

    def __init__(self, name: str, backend: Backend, *, ttl: float, changes: ChangeBus) -> None:
        super().__init__(name, backend, ttl=ttl, changes=changes)
        self._files = self.required(OpensInPlace, "files that open in place", "")
        self._kinds = backend.ability(TellsKinds)

    def stat(self, key: str) -> Entry:
        return self.backend.stat(key)

    def kind(self, key: str) -> EntryKind | None:
        # a root may be a folder before it is there: only the whole stack's `stat` knows
        return super().kind(key) if self._kinds is None or not key else self._kinds.kind(key)

    def list(self, key: str) -> Iterator[Entry]:
        return self.backend.list(key)

    def open(self, key: str, *, write: bool = False, truncate: bool = False) -> OpenFile:
        with self.uses:
            file = self._files.open_file(key, write=write, truncate=truncate)
        if truncate:
            self.announce(key, ChangeKind.CONTENT)
        return _Announced(file, self, key)

    def create(self, key: str, *, exclusive: bool = False, attributes: Attributes | None = None) -> OpenFile:
        with self.uses:
            file = self._files.create_file(key, exclusive=exclusive, attributes=attributes)
        self.announce(key, ChangeKind.CREATED)
        return _Announced(file, self, key)

    def draft(self, wanted: Replacement) -> Draft:
        self.backend.check_key(wanted.key)
        wanted.check(self._present(wanted.key))
        with self.uses:
            return StagedDraft(wanted.key, lambda source: self.replace(wanted, source), self.uses.end)

    def replace(self, wanted: Replacement, source: Source) -> WriteResult:
        present = self._present(wanted.key)
        wanted.check(present)
        whole = wanted.over(present)
        with self._making_above(whole.key):
            result = self.backend.write(
                whole.key,
                source,
                overwrite=whole.overwrite,
                if_match=whole.if_match,
                metadata=whole.metadata,
                attributes=whole.attributes,
            )
        self.announce(whole.key, ChangeKind.CREATED if present is None else ChangeKind.REPLACED)
        return result

    @contextmanager
    def _making_above(self, key: str) -> Iterator[None]:
        """Tell of the folders above a key that are made along with it."""
        missing = []
        for folder in paths.ancestors(key):
            try:
                self.backend.stat(folder)
                break
            except NotFound:
                missing.append(folder)
        yield
        for folder in reversed(missing):
            self.announce(folder, ChangeKind.CREATED)

    def _present(self, key: str) -> Entry | None:
        """What a write to this key would replace: the file behind a symlink, where the mount follows them."""
        try:
            entry = self.stat(key)
            if entry.kind is not EntryKind.SYMLINK:
                return entry
            file = self._files.open_file(key)
        except NotFound:
            return None
        try:
            return file.stat()
        finally:
            file.close()

    def delete(self, key: str) -> None:
        self.backend.delete(key)
        self.announce(key, ChangeKind.DELETED)

    def rename(self, source: str, target: str, *, overwrite: bool = True, exchange: bool = False) -> None:
        moves = self.required(Moves, "atomic renames", source)
        with self._making_above(target):
            moves.move(source, target, overwrite=overwrite, exchange=exchange)
        if exchange:
            self.announce(source, ChangeKind.CREATED)
            self.announce(target, ChangeKind.CREATED)
        else:
            self.announce(source, ChangeKind.DELETED, target)
            self.announce(target, ChangeKind.CREATED, source)

    def make_directory(self, key: str, *, attributes: Attributes | None = None) -> Entry:
        with self._making_above(key):
            entry = self.backend.make_directory(key, attributes=attributes)
        self._appeared(key, entry)
        return entry

    def remove_directory(self, key: str) -> None:
        self.backend.remove_directory(key)
        self.announce(key, ChangeKind.DELETED)

    def set_attributes(self, key: str, change: Attributes) -> Entry:
        entry = self.required(KeepsAttributes, "POSIX attributes", key).set_attributes(key, change)
        self._attributes_changed(key)
        return entry

    def flush(self) -> None:
        """Nothing waits here: what a handle wrote is with the system beneath already."""


class _Announced:
    """An open file that is counted, and tells the other front doors of what was written through it."""

    def __init__(self, file: OpenFile, tree: InPlaceTree, key: str) -> None:
        self._file = file
        self._tree = tree
        self._key = key
        self._written = False
        self._closed = False
        self.read = file.read
        self.read_ready = file.read_ready
        self.stat = file.stat
        # Not `isinstance`: that of a protocol takes as long as all the rest of opening a file.
        fileno: Callable[[], int] | None = getattr(file, "fileno", None)
        if fileno is not None:
            self.fileno = fileno

    def close(self) -> None:
        if not self._closed:
            self._closed = True
            self._file.close()
            self._announce()
            self._tree.uses.end()

    def write(self, offset: int, data: Buffer) -> int:
        self._written = True
        return self._file.write(offset, data)

    def truncate(self, size: int) -> None:
        self._written = True
        self._file.truncate(size)

    def set_attributes(self, change: Attributes) -> Entry:
        entry = self._file.set_attributes(change)
        self._tree.announce(self._key, ChangeKind.ATTRIBUTES)
        return entry

    def flush(self) -> None:
        self._file.flush()
        self._announce()

    def sync(self) -> None:
        self._file.sync()
        self._announce()

    def _announce(self) -> None:
        if self._written:
            self._written = False
            self._tree.announce(self._key, ChangeKind.CONTENT)
