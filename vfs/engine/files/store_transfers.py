"""Transfers of a tree that keeps open files over a store: what is open goes through it, all else past it."""

import errno
from collections.abc import Iterable, Iterator
from contextlib import suppress
from dataclasses import replace
from itertools import islice
from typing import TYPE_CHECKING

from vfs.engine.backend import Buffer, DeletesMany, KeepsVersions, ReadsBeginning, UploadsParts
from vfs.engine.changes import ChangeKind
from vfs.engine.entries import Entry, WriteResult
from vfs.engine.errors import IsADirectory, NotADirectory, NotFound, StorageError
from vfs.engine.files.commits import PARALLEL_PARTS, SINGLE_WRITE
from vfs.engine.files.drafts import Replacement
from vfs.engine.files.outgoing import RANGE, Outgoing, StoredOutgoing
from vfs.engine.files.parts import Part, cut
from vfs.engine.files.shared import SharedFile
from vfs.engine.files.transfers import Transfers

if TYPE_CHECKING:
    from vfs.engine.files.store_tree import StoreTree

REMOVED_AT_ONCE = 1000


def _unsent_entry(file: SharedFile) -> Entry:
    """What is open and changed has no ETag: that of the old content is not its own."""
    return replace(file.stat(), etag=None)


class StoreTransfers(Transfers):
    """What it stores is in the store when a call returns, whatever the mount's durability."""

    def __init__(self, tree: "StoreTree") -> None:
        super().__init__(tree)
        self._store_tree = tree
        self._context = tree.context

    def sweep(self, folder: str, *, remembering: bool = False) -> Iterator[tuple[str, Entry]]:
        if self._store_tree.files.get(folder) is not None:
            raise NotADirectory(path=folder)
        entries = self._store_tree.entries
        since = entries.moment()
        below = self._store_tree.files.below(folder)
        unsent = {file.key: file for file in below if file.is_dirty and not file.unlinked}
        for key, entry in super().sweep(folder):
            file = unsent.pop(key, None)
            # What was asked for one by one tells more than a listing does.
            if remembering and file is None and entries.get(key) is None:
                entries.put(key, entry, since=since)
            yield key, entry if file is None else _unsent_entry(file)
        for key, file in unsent.items():
            yield key, _unsent_entry(file)

    def take_out(self, key: str, listed: Entry) -> Outgoing:
        if self._is_unsent(key):
            return super().take_out(key, listed)
        beginning = self._backend.ability(ReadsBeginning)
        first: Buffer = b""
        if beginning is not None and listed.size <= RANGE:
            entry, first = beginning.read_beginning(key, max(listed.size, 1))
        else:
            entry = self._backend.stat(key)
        if entry.is_folder:
            raise IsADirectory(path=key)
        return StoredOutgoing(key, entry, first, self._backend, self._context.workers)

    def put_in(self, wanted: Replacement, file: Outgoing, *, replacing: bool) -> WriteResult:
        if self._is_open(wanted.key):
            return super().put_in(wanted, file, replacing=replacing)
        if file.entry.size > self._backend.largest_file:
            limit = f"a file here has {self._backend.largest_file} bytes at most"
            raise StorageError(limit, wanted.key, errno=errno.EFBIG)
        result = self._stored(wanted, file)
        self._tell(wanted.key, replacing)
        return result

    def _stored(self, wanted: Replacement, file: Outgoing) -> WriteResult:
        uploads = self._backend.ability(UploadsParts)
        size = file.entry.size
        if uploads is not None and size > max(SINGLE_WRITE, uploads.part_limits.smallest):
            return self._stored_in_parts(uploads, wanted, file)
        return self._backend.write(
            wanted.key,
            self._whole(file) if size <= RANGE else file.pieces(),
            overwrite=wanted.overwrite,
            metadata=wanted.metadata,
            attributes=wanted.attributes,
        )

    @staticmethod
    def _whole(file: Outgoing) -> Buffer:
        data = file.read(0, file.entry.size)
        file.check()
        return data

    def _stored_in_parts(self, uploads: UploadsParts, wanted: Replacement, file: Outgoing) -> WriteResult:
        parts = cut(0, file.entry.size, uploads.part_limits)
        upload = uploads.begin_upload(wanted.key, metadata=wanted.metadata, attributes=wanted.attributes)

        def send(numbered: tuple[int, Part]) -> None:
            number, part = numbered
            with self._context.budget.lent(part.size):
                upload.put(number, file.read(part.start, part.end))

        try:
            for _ in self._context.workers.map_bounded(send, enumerate(parts, 1), parallel=PARALLEL_PARTS):
                pass
            file.check()
            return upload.complete(overwrite=wanted.overwrite)
        except BaseException:
            upload.abort()
            raise

    def copy_inside(
        self, source: Transfers, key: str, listed: Entry, target: str, *, replacing: bool, overwrite: bool
    ) -> WriteResult | None:
        if self._is_open(target) or (isinstance(source, StoreTransfers) and source._is_unsent(key)):
            return None
        result = self._copied_from(source, key, listed, target, overwrite=overwrite)
        if result is not None:
            self._tell(target, replacing)
        return result

    def content_hash(self, key: str) -> tuple[str, str] | None:
        return None if self._is_unsent(key) else super().content_hash(key)

    def restore_version(self, key: str, version: str) -> WriteResult:
        """What was not sent yet is sent before, and is a version too; open handles keep their bytes."""
        tree = self._store_tree
        keeps = tree.required(KeepsVersions, "old versions", key)
        with tree.locks.holding(key), tree.holding(key) as file:
            replacing = tree.kind(key) is not None
            if file is None:
                result = keeps.restore_version(key, version)
            else:
                with file.at_rest():
                    if file.is_dirty:
                        tree.durability.publish_now(file)
                    file.keep_for_others()
                    result = keeps.restore_version(key, version)
                tree.overtaken(file)
            self._tell(key, replacing)
        return result

    def remove(self, keys: Iterable[str]) -> None:
        many = self._backend.ability(DeletesMany)
        if many is None:
            super().remove(keys)
            return
        rest = iter(keys)
        while batch := list(islice(rest, REMOVED_AT_ONCE)):
            closed = [key for key in batch if not self._is_open(key)]
            many.delete_many(closed)
            for key in closed:
                self._store_tree.vanished(key)
            for key in set(batch).difference(closed):
                with suppress(NotFound):
                    self._store_tree.delete(key)

    def _is_open(self, key: str) -> bool:
        return self._store_tree.files.get(key) is not None

    def _is_unsent(self, key: str) -> bool:
        file = self._store_tree.files.get(key)
        return file is not None and file.is_dirty and not file.unlinked

    def _tell(self, key: str, replacing: bool) -> None:
        """A file was stored past the tree: what was remembered of the key does not hold any more."""
        self._store_tree.entries.forget(key)
        if replacing:
            self._store_tree.changes.publish(self._store_tree.name, key, ChangeKind.REPLACED)
        else:
            self._store_tree.appeared(key)
