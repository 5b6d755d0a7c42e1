"""MountContext: what the files of one mount need from around them."""

import logging
from dataclasses import dataclass

from vfs.engine.backend import Backend, Buffer
from vfs.engine.cache.blocks import ContentId, MemoryBlocks
from vfs.engine.cache.budget import MemoryBudget
from vfs.engine.cache.chunks import BLOCK
from vfs.engine.cache.disk import DiskBlocks
from vfs.engine.changes import ChangeBus
from vfs.engine.entries import Entry
from vfs.engine.files.attempt_log import AttemptLog
from vfs.engine.files.reader import BlockReader
from vfs.engine.files.shared import SharedFile
from vfs.engine.files.snapshots import Base
from vfs.engine.files.staging import Staging
from vfs.engine.workers import Workers


@dataclass(frozen=True, slots=True)
class MountContext:
    """A mount's store with the process-wide caches, threads and change bus."""

    name: str
    location: str
    """The store's own address: what is cached of one store is never taken for another's."""
    backend: Backend
    changes: ChangeBus
    workers: Workers
    budget: MemoryBudget
    memory: MemoryBlocks
    disk: DiskBlocks | None
    staging_directory: str
    log: logging.Logger
    attempts: AttemptLog | None = None
    """Where what is asked of the store outlives the process; a store that takes nothing late needs none."""

    def new_staging(self, key: str) -> Staging:
        return Staging(self.staging_directory, key)

    def base_of(self, key: str, entry: Entry) -> Base:
        """The stored object that this entry tells of, ready to be read."""
        reader = BlockReader(
            self.backend,
            key,
            self.content_id(key, entry),
            entry.size,
            self.memory,
            self.disk,
            self.workers,
            entry.etag,
        )
        return Base(entry.etag, entry.version_id, entry.size, reader)

    def content_id(self, key: str, entry: Entry) -> ContentId:
        return ContentId(self.location, key, entry.etag or f"{entry.mtime_ns}-{entry.size}")

    def beginning_here(self, key: str, entry: Entry) -> Buffer | None:
        """First bytes of this content that are on this machine, in memory now; None where none are."""
        content = self.content_id(key, entry)
        if self.memory.get(content, 0, 1) is not None:
            return self.memory.run(content, 0, entry.size)[0]
        found = b"" if self.disk is None else self.disk.get(content, 0, min(entry.size, BLOCK))
        if not len(found):
            return None
        self.memory.put(content, 0, found)
        return found

    def keep_beginning(self, key: str, entry: Entry, data: Buffer) -> None:
        self.memory.put(self.content_id(key, entry), 0, data)

    def keep_recent(self, file: SharedFile) -> None:
        """What was written here a moment ago is likely to be read: remember a small file's bytes."""
        content = None if file.unlinked or file.is_dirty else file.recent_content()
        if content:
            self.memory.put(self.content_id(file.key, file.stat()), 0, content)
