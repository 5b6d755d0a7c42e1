"""Replacing a file of a store with a whole new one, in one act."""

from contextlib import ExitStack
from typing import TYPE_CHECKING

from vfs.engine import paths
from vfs.engine.backend import Buffer
from vfs.engine.changes import ChangeKind
from vfs.engine.entries import NO_XATTRS, Entry, EntryKind, WriteResult
from vfs.engine.errors import AlreadyExists, Conflict, NotFound
from vfs.engine.files.drafts import Replacement
from vfs.engine.files.given_attributes import fresh, with_attributes
from vfs.engine.files.shared import SharedFile

if TYPE_CHECKING:
    from vfs.engine.files.store_tree import StoreTree


class StoreDraft:
    """A shared file that is not in its tree's table yet: staged, journalled and sent as any other.

    No lock is held while it is filled, however long its writer takes.
    """

    def __init__(self, tree: "StoreTree", wanted: Replacement) -> None:
        name, metadata = paths.name_of(wanted.key), wanted.metadata or {}
        entry = Entry(name, EntryKind.FILE, metadata=metadata, xattrs=NO_XATTRS)
        self._tree = tree
        self._wanted = wanted
        self._file = SharedFile(
            wanted.key,
            with_attributes(entry, fresh(wanted.attributes)),
            None,
            tree.context.new_staging,
            tree.backend.largest_file,
        )
        self._ended = False
        self.read = self._file.read
        self.truncate = self._file.truncate

    @property
    def size(self) -> int:
        return self._file.size

    def write(self, offset: int, data: Buffer) -> int:
        written = self._file.write(offset, data)
        self._tree.durability.written(self._file)
        return written

    def commit(self) -> WriteResult:
        given = self._wanted.attributes
        try:
            if given is not None and given.mtime_ns is not None:
                self._file.set_attributes(given)
            with self._tree.locks.holding(self._wanted.key):
                return self._take_place()
        except (AlreadyExists, Conflict):
            self._tree.entries.forget(self._wanted.key)
            raise
        finally:
            self.discard()

    def discard(self) -> None:
        if not self._ended:
            self._end()
            self._tree.durability.forget(self._file)
            self._file.dispose()

    def _end(self) -> None:
        self._ended = True
        self._tree.uses.end()

    def _take_place(self) -> WriteResult:
        tree, file = self._tree, self._file
        with tree.holding(file.key) as old, ExitStack() as locks:
            for held in filter(None, (old, file)):
                locks.enter_context(held.at_rest())
            present = _present(tree, file.key)
            self._check(present, old)
            if present is None and tree.durability.is_deferred:
                # The store will make them when the file gets there; until then nobody could see it.
                tree.make_folders_above(file.key)
            self._stand_over(present, old)
            if old is not None and old.is_stored:
                old.keep_for_others()
            over_any = self._wanted.overwrite and self._wanted.if_match is None
            result = tree.durability.place(file, old, over_any=over_any)
            tree.files.supplant(file)
            self._end()
            if old is not None:
                old.unlinked = True
                tree.durability.forget(old)
        tree.release(file)
        if present is None:
            tree.appeared(file.key)
        else:
            tree.changes.publish(tree.name, file.key, ChangeKind.REPLACED)
        return result

    def _check(self, present: Entry | None, old: SharedFile | None) -> None:
        self._wanted.check(present)
        if self._wanted.if_match is not None and old is not None and old.is_dirty:
            raise Conflict("the file is being changed", self._wanted.key)

    def _stand_over(self, present: Entry | None, old: SharedFile | None) -> None:
        """Settle what the store is to check: that nothing stands there, or what stood there by now."""
        if present is not None and (old is None or old.is_stored):
            self._file.replaces(self._tree.context.base_of(self._wanted.key, present))


def _present(tree: "StoreTree", key: str) -> Entry | None:
    try:
        return tree.stat(key)
    except NotFound:
        return None
