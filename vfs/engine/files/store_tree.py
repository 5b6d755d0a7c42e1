"""The tree of a mount whose files are staged here and committed to a store.

What is remembered of the store (entries, listings) is laid under what is open: a file being written is
seen by everybody with its present size, and a new one before the store has heard of it.
"""

import errno
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager

from vfs.engine import paths
from vfs.engine.backend import KeepsAttributes, KeepsMetadata, KeepsXattrs, OpenFile, ReadsBeginning
from vfs.engine.cache.entries import ABSENT, Absent, EntryStatistics
from vfs.engine.capabilities import Capability
from vfs.engine.changes import ChangeKind
from vfs.engine.entries import NO_XATTRS, Attributes, Entry, EntryKind
from vfs.engine.errors import (
    AlreadyExists,
    DirectoryNotEmpty,
    IsADirectory,
    NotADirectory,
    NotFound,
    StorageError,
)
from vfs.engine.files import elsewhere, removing, renaming
from vfs.engine.files.attempts import Attempt, Attempts
from vfs.engine.files.drafts import Draft, Replacement
from vfs.engine.files.durability import Durability
from vfs.engine.files.first_bytes import entry_to_read, whole_or_entry
from vfs.engine.files.given_attributes import fresh, inherited, with_attributes
from vfs.engine.files.handle import DropBoxHandle, SharedHandle, write_only
from vfs.engine.files.mount_context import MountContext
from vfs.engine.files.present_state import PresentFile
from vfs.engine.files.progress import SENT, SendProgress, progress_of
from vfs.engine.files.replacing import StoreDraft
from vfs.engine.files.shared import SharedFile
from vfs.engine.files.store_transfers import StoreTransfers
from vfs.engine.files.store_view import StoreView
from vfs.engine.files.table import KeyLocks, OpenFiles, laid_over
from vfs.engine.files.tree import FileTree, Unsent


class StoreTree(FileTree):
    """Open files over a store. `durability` decides what close and fsync wait for."""

    def __init__(self, context: MountContext, durability: Durability, *, ttl: float) -> None:
        super().__init__(context.name, context.backend, ttl=ttl, changes=context.changes)
        self.context = context
        self.durability = durability
        self.view = StoreView(context.backend, ttl)
        self.entries = self.view.entries
        self.files = OpenFiles()
        self.locks = KeyLocks()
        self.attempts = Attempts(self.entries.forget, context.attempts)
        # Asked for once: protocols are looked up at run time, which every opening would pay for.
        self.beginning = context.backend.ability(ReadsBeginning)
        self._gives_out = Capability.READ in context.backend.capabilities
        durability.start(self)

    @property
    def transfers(self) -> StoreTransfers:
        return StoreTransfers(self)

    # Looking

    def remembered(self, key: str) -> Entry | Absent | None:
        file = self.files.get(key)
        return file.stat() if file is not None and file.is_dirty else self.view.remembered(key)

    def stat(self, key: str) -> Entry:
        paths.check_key(key)
        file = self.files.get(key)
        return file.stat() if file is not None and file.is_dirty else self.view.stat(key)

    def listed(self, key: str) -> Entry:
        paths.check_key(key)
        file = self.files.get(key)
        return file.stat() if file is not None and file.is_dirty else self.view.listed(key)

    def list(self, key: str) -> Iterator[Entry]:
        if self.files.get(key) is not None:
            raise NotADirectory(path=key)
        # What is open first: what is sent between the two looks is in the second.
        unsent = self.files.unsent_inside(key)
        return laid_over(self.view.list(key), unsent)

    # Opening

    def open(self, key: str, *, write: bool = False, truncate: bool = False) -> OpenFile:
        if write or truncate:
            self.backend.check_key(key)
        elif not self._gives_out and not self.stat(key).is_folder:
            raise write_only(key)
        with self.uses:
            return self._opened(key, write, truncate)

    def open_present(self, key: str) -> PresentFile:
        if not self._gives_out or self.files.get(key) is not None:
            return self.open(key)
        with self.uses:
            found = whole_or_entry(self, key)
            if isinstance(found, Entry):
                return self._handle(self.files.take(key) or self._shared(key, found))
        self.uses.end()
        return found

    def _opened(self, key: str, write: bool, truncate: bool) -> OpenFile:
        file = self.files.take(key) or self._open_stored(key, to_read=not write)
        handle = self._handle(file)
        if truncate:
            handle.truncate(0)
        return handle

    def _handle(self, file: SharedFile) -> SharedHandle:
        return (SharedHandle if self._gives_out else DropBoxHandle)(self, file)

    def _open_stored(self, key: str, *, to_read: bool) -> SharedFile:
        return self._shared(key, entry_to_read(self, key) if to_read else self.listed(key))

    def _shared(self, key: str, entry: Entry) -> SharedFile:
        """The file of an entry, with one handle."""
        if entry.is_folder:
            raise IsADirectory(path=key)
        if not entry.complete:
            entry = self.stat(key)
        base = self.context.base_of(key, entry)
        return self.files.add(
            SharedFile(key, entry, base, self.context.new_staging, self.backend.largest_file)
        )

    def create(self, key: str, *, exclusive: bool = False, attributes: Attributes | None = None) -> OpenFile:
        self.backend.check_key(key)
        with self.uses, self.locks.holding(key):
            present = self._present(key)
            if present is not None:
                if exclusive:
                    raise AlreadyExists(path=key)
                return self._opened(key, write=True, truncate=False)
            given = inherited(self, key, attributes)
            new = Entry(paths.name_of(key), EntryKind.FILE, xattrs=NO_XATTRS)
            entry = with_attributes(new, fresh(given))
            file = self.files.add(
                SharedFile(key, entry, None, self.context.new_staging, self.backend.largest_file)
            )
            self.appeared(key)
        return self._handle(file)

    def _present(self, key: str) -> Entry | None:
        try:
            return self.stat(key)
        except NotFound:
            return None

    def draft(self, wanted: Replacement) -> Draft:
        self.backend.check_key(wanted.key)
        present = self._present(wanted.key)
        wanted.check(present)
        with self.uses:
            return StoreDraft(self, wanted.over(present))

    # Committing

    def commit(self, file: SharedFile) -> None:
        """What close and fsync promise for this file, if it has anything the store does not have yet."""
        if self.durability.is_deferred:
            with file.commit_lock:
                # A state of ours that could not be told from others' must not meet its successor unheard of.
                if all(Attempt.to_store(promised) for promised in file.promised):
                    self._settle(file)
                    return
        with file.at_rest():
            self._settle(file)

    def _settle(self, file: SharedFile) -> None:
        if file.is_dirty and not file.unlinked:
            self.durability.settle(file)

    def release(self, file: SharedFile) -> None:
        """One handle less. What was written through a memory map after the last close is committed here."""
        try:
            if file.handles == 1 and file.lost is None:
                self.commit(file)
        except StorageError as error:
            self.context.log.error(
                "%s:%s: not saved when the last handle went: %s", self.name, file.key, error
            )
        if self.files.give_back(file):
            self.context.keep_recent(file)
            file.dispose()

    def overtaken(self, file: SharedFile) -> None:
        """Somebody else's file stands at this one's key: whoever opens the key from now on gets that."""
        if self.files.get(file.key) is file:
            self.files.detach(file.key)
            self.entries.forget(file.key)
            self.announce(file.key, ChangeKind.REPLACED)

    # Changing the tree

    def appeared(self, key: str, entry: Entry | None = None, *, was: str | None = None) -> None:
        """A name was made here, or given to what had another one; the folder above it changed."""
        if entry is not None:
            self.entries.put(key, entry)
        self.folders_appeared(key)
        self.view.folder_times.touch(paths.parent(key))
        self.announce(key, ChangeKind.CREATED, was)

    def folders_appeared(self, key: str) -> None:
        """The store made the folders above a key along with it: none of them is absent any more."""
        for folder in reversed(paths.ancestors(key)):
            if self.entries.get(folder) is ABSENT:
                self.entries.forget(folder)
                self.announce(folder, ChangeKind.CREATED)

    def vanished(self, key: str, *, now: str | None = None) -> None:
        """A name was removed here, or another one given to what had it."""
        self.entries.put_absent(key)
        self.view.folder_times.touch(paths.parent(key))
        self.announce(key, ChangeKind.DELETED, now)

    def _appeared(self, key: str, entry: Entry) -> None:
        self.appeared(key, entry)

    def _attributes_changed(self, key: str) -> None:
        self.entries.forget(key)
        super()._attributes_changed(key)

    def delete(self, key: str) -> None:
        with self.locks.holding(key):
            removing.delete(self, key)
            self.vanished(key)

    @contextmanager
    def holding(self, key: str) -> Iterator[SharedFile | None]:
        """The shared file at a key, if there is one, kept from going away meanwhile."""
        file = self.files.take(key)
        try:
            yield file
        finally:
            if file is not None:
                self.release(file)

    def rename(self, source: str, target: str, *, overwrite: bool = True, exchange: bool = False) -> None:
        with self.locks.holding(source, target):
            renaming.rename(self, source, target, overwrite=overwrite, exchange=exchange)

    def make_directory(self, key: str, *, attributes: Attributes | None = None) -> Entry:
        if self.files.get(key) is not None:
            raise AlreadyExists(path=key)
        self.entries.forget_tree(key)
        nothing = self.entries.begin_listing(key)
        given = inherited(self, key, attributes, to_folder=True)
        entry = self.backend.make_directory(key, attributes=fresh(given))
        self.entries.finish_listing(nothing, ())
        self.appeared(key, entry)
        return entry

    def make_symlink(self, key: str, target: str, *, attributes: Attributes | None = None) -> Entry:
        return super().make_symlink(key, target, attributes=inherited(self, key, attributes))

    def make_special(self, key: str, mode: int, rdev: int, *, attributes: Attributes | None = None) -> Entry:
        return super().make_special(key, mode, rdev, attributes=inherited(self, key, attributes))

    def remove_directory(self, key: str) -> None:
        if any(not file.unlinked for file in self.files.below(key)):
            raise DirectoryNotEmpty(path=key)
        self.backend.remove_directory(key)
        self.entries.forget_tree(key)
        self.vanished(key)

    def set_attributes(self, key: str, change: Attributes) -> Entry:
        with self.holding(key) as file:
            if file is not None:
                return self.set_open_attributes(file, change)
        entry = self.required(KeepsAttributes, "POSIX attributes", key).set_attributes(key, change)
        self._changed_attributes(key, entry)
        return entry

    def set_open_attributes(self, file: SharedFile, change: Attributes) -> Entry:
        """Attributes of a dirty file go with its commit; those of a clean one go to the store at once."""
        with file.commit_lock:
            taken = self._taken_with_commit(file, change)
        if taken is not None:
            return taken
        with file.at_rest():
            taken = self._taken_with_commit(file, change)
            if taken is not None:
                return taken
            keeps = self.required(KeepsAttributes, "POSIX attributes", file.key)
            entry = keeps.set_attributes(file.key, change)
            file.stands_on(file.key, entry, self.context.base_of(file.key, entry))
            self._changed_attributes(file.key, entry)
            return entry

    def _taken_with_commit(self, file: SharedFile, change: Attributes) -> Entry | None:
        """What the file is with attributes that its next commit takes along; None where none is to come."""
        if not file.is_dirty and not file.unlinked:
            return None
        entry = file.set_attributes(change)
        self.announce(file.key, ChangeKind.ATTRIBUTES)
        return entry

    def set_metadata(self, key: str, metadata: Mapping[str, str]) -> Entry:
        keeps = self.required(KeepsMetadata, "user metadata", key)
        with self._stored(key):
            entry = keeps.set_metadata(key, metadata)
        self._changed_attributes(key, entry)
        return entry

    def get_xattr(self, key: str, name: str) -> bytes:
        told = self._told_xattrs(key)
        if told is None:
            return super().get_xattr(key, name)
        if name not in told:
            raise NotFound(f"there is no attribute {name}", key, errno=errno.ENODATA)
        return told[name]

    def list_xattrs(self, key: str) -> Sequence[str]:
        told = self._told_xattrs(key)
        return super().list_xattrs(key) if told is None else list(told)

    def _told_xattrs(self, key: str) -> Mapping[str, bytes] | None:
        """Those that the entry tells, mostly from memory; None where only the store can say."""
        return None if self.backend.ability(KeepsXattrs) is None else self.stat(key).xattrs

    def set_xattr(
        self, key: str, name: str, value: bytes, *, create: bool = False, replace: bool = False
    ) -> None:
        with self._stored(key):
            super().set_xattr(key, name, value, create=create, replace=replace)

    def remove_xattr(self, key: str, name: str) -> None:
        with self._stored(key):
            super().remove_xattr(key, name)

    @contextmanager
    def _stored(self, key: str) -> Iterator[None]:
        """The store has the key's newest bytes; an open file stands on what the block makes of them."""
        with self.holding(key) as file:
            if file is None:
                yield
                return
            with file.at_rest():
                if file.is_dirty:
                    self.durability.publish_now(file)
                yield
                entry = self.backend.stat(key)
                self.entries.put(key, entry)
                file.stands_on(key, entry, self.context.base_of(key, entry))

    def _changed_attributes(self, key: str, entry: Entry) -> None:
        self.entries.put(key, entry)
        self.view.folder_times.given(key, entry)
        self.announce(key, ChangeKind.ATTRIBUTES)

    # The whole mount

    def stored_elsewhere(self, key: str, kind: ChangeKind) -> None:
        elsewhere.take_in(self, key, kind)

    def flush(self) -> None:
        for file in self.files.all():
            if not file.unlinked and file.lost is None:
                self.commit(file)
        self.durability.outbox.wait_until_empty()

    def unsent(self) -> Sequence[Unsent]:
        return [
            Unsent(self.name, file.key, file.size, self.durability.outbox.failure_of(file))
            for file in self.files.all()
            if file.is_dirty and not file.unlinked
        ]

    def send_now(self) -> None:
        self.durability.outbox.retry()

    def forget_entries(self) -> None:
        self.entries.forget_tree("")

    def entry_statistics(self) -> EntryStatistics:
        return self.view.entries.statistics()

    def progress(self, key: str) -> SendProgress:
        file = self.files.get(key)
        return SENT if file is None else progress_of(file, self.durability.outbox)

    def close(self) -> None:
        self.durability.stop()
        for file in self.files.all():
            file.dispose()
        self.durability.journal.close()
        super().close()
