"""Copying one entry: inside the store where that can be, else its bytes, with what belongs to them."""

import errno
import threading
from collections.abc import Iterator
from contextlib import closing, contextmanager

from vfs.engine.copying.contents import same_content
from vfs.engine.copying.inventory import Listed
from vfs.engine.copying.kept import kept_attributes, kept_metadata
from vfs.engine.copying.options import Place
from vfs.engine.entries import Entry, EntryKind, WriteResult
from vfs.engine.errors import AlreadyExists, IsADirectory, StorageError
from vfs.engine.files.drafts import Replacement
from vfs.engine.files.outgoing import RANGE, RANGES_AHEAD
from vfs.engine.files.tree import FileTree
from vfs.engine.mount_errors import naming_mount

HELD = 128 << 20
"""Bytes that the files of one copy may hold in memory together."""


class EntryCopier:
    """Copies entries of one tree into another. Thread-safe."""

    def __init__(self, source: FileTree, target: FileTree, *, overwrite: bool, verify: bool) -> None:
        self._source = source
        self._target = target
        self._overwrite = overwrite
        self._verify = verify
        self._memory = _Memory(HELD)
        self._stopped = threading.Event()

    def stop(self) -> None:
        """Have copies that are under way fail before their next bytes: what they were to replace stays."""
        self._stopped.set()

    def copy(self, listed: Listed, key: str, present: Listed | None) -> int:
        """Copy a file, a symlink or a special file to a key where `present` was listed; its size.

        Raises what either tree does; for the target's part the error names the target.
        """
        if present is not None and present.is_folder:
            raise IsADirectory(path=key, mount=self._target.name)
        if present is not None and not self._overwrite:
            # The store would say so too, once all bytes are there.
            raise AlreadyExists(path=key, mount=self._target.name)
        if present is not None and not listed.kind is present.kind is EntryKind.FILE:
            self._make_room(key)
            present = None
        result = self._copied_inside(listed, key, present)
        if result is not None:
            size = result.size
        elif listed.kind is EntryKind.FILE:
            size = self._streamed(listed, key, present)
        else:
            return self._make(self._stat(listed), listed.key, key, present)
        has_same_etag = result is not None and result.etag is not None and result.etag == listed.etag
        if self._verify and not has_same_etag:
            self._check(listed, key)
        return size

    def _stat(self, listed: Listed) -> Entry:
        with naming_mount(self._source.name, listed.key):
            return self._source.stat(listed.key)

    def _copied_inside(self, listed: Listed, key: str, present: Listed | None) -> WriteResult | None:
        target, source = self._target.transfers, self._source.transfers
        with naming_mount(self._target.name, key):
            return target.copy_inside(
                source,
                listed.key,
                listed.entry,
                key,
                replacing=present is not None,
                overwrite=self._overwrite,
            )

    def _streamed(self, listed: Listed, key: str, present: Listed | None) -> int:
        with self._memory.lent(listed.size if listed.size <= RANGE else RANGES_AHEAD * RANGE):
            with naming_mount(self._source.name, listed.key):
                file = self._source.transfers.take_out(listed.key, listed.entry)
            file.stopped = self._stopped
            with closing(file):
                if file.entry.kind is not EntryKind.FILE:
                    return self._make(file.entry, listed.key, key, present)
                wanted = Replacement(
                    key,
                    self._overwrite,
                    metadata=kept_metadata(file.entry, self._target),
                    attributes=kept_attributes(file.entry, self._target),
                )
                with naming_mount(self._target.name, key):
                    self._target.transfers.put_in(wanted, file, replacing=present is not None)
                return file.entry.size

    def _make(self, entry: Entry, source_key: str, key: str, present: Listed | None) -> int:
        """Make a symlink or a special file like this one."""
        with naming_mount(self._source.name, source_key):
            link = self._source.read_symlink(source_key) if entry.kind is EntryKind.SYMLINK else None
        if present is not None:
            self._make_room(key)
        with naming_mount(self._target.name, key):
            # What is given an owner asks the folder above, which may be there only with its first file.
            self._target.make_folders_above(key)
            attributes = kept_attributes(entry, self._target)
            if link is not None:
                self._target.make_symlink(key, link, attributes=attributes)
            else:
                self._target.make_special(key, entry.mode or 0, entry.rdev, attributes=attributes)
        return 0

    def _make_room(self, key: str) -> None:
        """Remove what is no file, or is to be none: nothing can take its place in one act."""
        with naming_mount(self._target.name, key):
            self._target.delete(key)

    def _check(self, listed: Listed, key: str) -> None:
        """Raise StorageError, and keep no copy, unless the copy's bytes are the source's."""
        with naming_mount(self._target.name, key):
            made = Listed.of(key, self._target.stat(key))
        source, target = Place(self._source, listed.key), Place(self._target, key)
        if made.kind is EntryKind.FILE and not same_content(source, listed, target, made):
            with naming_mount(self._target.name, key):
                self._target.delete(key)
            raise StorageError(
                "the copy had other bytes than its source, and was removed",
                key,
                mount=self._target.name,
                errno=errno.EIO,
            )


class _Memory:
    """Bytes that may be held at once; whoever wants some waits until there are. Thread-safe.

    Whoever asks for more than there is at all gets all of it.
    """

    def __init__(self, total: int) -> None:
        self._total = self._free = total
        self._turn = threading.Lock()
        self._changed = threading.Condition()

    @contextmanager
    def lent(self, size: int) -> Iterator[None]:
        size = min(size, self._total)
        # Who holds the turn is served next: many small ones do not keep a big one waiting.
        with self._turn, self._changed:
            self._changed.wait_for(lambda: self._free >= size)
            self._free -= size
        try:
            yield
        finally:
            with self._changed:
                self._free += size
                self._changed.notify_all()
