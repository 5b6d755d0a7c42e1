"""The past of files: what is kept before a change, and what is noted after it.

A version has a record from the moment it is written, and a content of its own from the moment before it is
replaced or deleted. So whatever stops in between, the old content is at its key, or here, or both.
"""

import dataclasses
import logging
import threading
import time
from collections.abc import Iterator, Sequence
from contextlib import contextmanager

from cachetools import LRUCache

from vfs.engine.backend import Backend, Copies, HashesContent
from vfs.engine.entries import Attributes, Entry, WriteResult
from vfs.engine.errors import AlreadyExists, PermissionDenied, StorageError
from vfs.engine.layers.mapped_keys import in_own_keys
from vfs.engine.layers.versioned import attributes
from vfs.engine.layers.versioned.contents import Contents
from vfs.engine.layers.versioned.digesting import digest_of
from vfs.engine.layers.versioned.places import NAME, PRIVATE, content_place
from vfs.engine.layers.versioned.records import Record, Records, state_of, state_of_etag
from vfs.engine.layers.versioned.retention import Retention, superfluous

READ_TO_BE_HASHED = 8 << 20
"""Bytes of a file that nobody hashed while writing it and that is read once to tell equal contents; what is
bigger is kept under a name of its own, and no byte of it comes here."""

REMEMBERED = 10_000
"""Newest records that are remembered, so that they need not be listed before the next change."""

_log = logging.getLogger(__name__)


class Archive:
    """What stood at the keys of one store. The caller holds each key's lock while it asks for a change."""

    def __init__(self, inner: Backend, retention: Retention) -> None:
        self._inner = inner
        self._retention = retention
        self.records = Records(inner)
        self.contents = Contents(inner)
        self._lock = threading.Lock()
        self._newest: LRUCache[str, Record] = LRUCache(REMEMBERED)
        self._is_made = False

    def keep(self, key: str, entry: Entry) -> Record:
        """Have the content that stands at a key safe here; its record.

        Raises Conflict when something else stands there by now.
        """
        with in_own_keys({"": key}):
            self._make()
            record = self.current(key, entry) or self._adopted(key, entry)
            shared = self.contents.hold(record.content, record.id, key, entry)
            if shared is not None and not record.has_attributes and attributes.differ(entry, shared):
                described = dataclasses.replace(record, has_attributes=True)
                self.records.exchange(key, record, described, attributes.encoded(entry))
                self._remember(key, described)
                return described
            return record

    def wrote(
        self,
        key: str,
        result: WriteResult | Entry,
        digest: str | None,
        previous: Record | None,
        at_ns: int,
    ) -> Record | None:
        """A file stands at a key since a moment; `previous` is what `keep` gave of what stood there.

        None if that could not be noted.
        """
        etag = result.etag or f"{result.size:x}-{result.mtime_ns or 0:x}"
        # Not before the file's own time: who finds the file before this is noted gives it that.
        time_ns = max(at_ns, min(result.mtime_ns or 0, time.time_ns()))
        if previous is not None:
            time_ns = max(time_ns, previous.time_ns + 1)
        record = _record(time_ns, result.size, digest, state_of_etag(etag))
        noted: Record | None = None
        with self._noting(key):
            self._make()
            self.records.add(key, record)
            self._remember(key, record)
            noted = record
            if previous is not None:
                self._retire(key, at_ns)
        return noted

    def removed(self, key: str, previous: Record, at_ns: int) -> None:
        """The file that `keep` has kept is gone since a moment."""
        marker = _record(max(at_ns, previous.time_ns + 1), 0, None, "", is_marker=True)
        with self._noting(key):
            self._remember(key, None)
            self.records.add(key, marker)
            self._retire(key, at_ns)

    def altered(self, key: str, before: Entry, after: Entry) -> None:
        """The file is the same, in another state: its attributes changed."""
        with self._noting(key):
            record = self.current(key, before)
            if record is not None and state_of(before) != state_of(after):
                again = dataclasses.replace(record, state=state_of(after))
                self.records.exchange(key, record, again)
                self._remember(key, again)

    def current(self, key: str, entry: Entry, records: Sequence[Record] | None = None) -> Record | None:
        """The record of what stands at a key now; None where it came past us."""
        state = state_of(entry)
        newest = self.remembered(key) if records is None else None
        if newest is None or newest.state != state:
            found = self.records.of(key) if records is None else records
            newest = next((r for r in reversed(found) if r.state == state and not r.is_marker), None)
            self._remember(key, newest)
        return newest

    def remembered(self, key: str) -> Record | None:
        """The record of what stood at a key when we last looked; asks nobody."""
        with self._lock:
            return self._newest.get(key)

    def versions(
        self, key: str, entry: Entry | None, records: Sequence[Record] | None = None
    ) -> list[tuple[Record, bool]]:
        """All versions, oldest first, each with whether it is the file that stands at the key, `entry`."""
        with in_own_keys({"": key}):
            records = self.records.of(key) if records is None else records
            standing = self.current(key, entry, records) if entry is not None else None
            if standing is not None:
                others = [(record, False) for record in records if record.id != standing.id]
                return [*others, (standing, True)]
            told = [(record, False) for record in records]
            if records and not records[-1].is_marker and not self._is_held(records[-1]):
                told.pop()
            return told if entry is None else [*told, (_found_there(entry, records, None), True)]

    def forgotten(self, key: str, record: Record) -> None:
        """A version is not wanted any more."""
        with in_own_keys({"": key}):
            self.records.remove(key, record)
            newest = self.remembered(key)
            if newest is not None and newest.id == record.id:
                self._remember(key, None)
            if not record.is_marker:
                self.contents.release(record.content, record.id)

    def put_back(self, key: str, record: Record) -> WriteResult:
        """Store an old content at a key, with the attributes that it had; inside the store where it can."""
        place = content_place(record.content)
        with in_own_keys({"": key}):
            copies = self._inner.ability(Copies)
            if copies is not None and not record.has_attributes:
                return copies.copy(place, key)
            entry = self._inner.stat(place)
            pieces = self.contents.pieces(place, entry)
            metadata, given = entry.metadata, entry.attributes
            if record.has_attributes:
                metadata, given = attributes.decoded(self.records.body(key, record))
            return self._inner.write(key, pieces, metadata=metadata, attributes=given)

    def forget_below(self, *folders: str) -> None:
        """Records of these keys and below are elsewhere."""
        with self._lock:
            for key in list(self._newest):
                if any(key == folder or key.startswith(f"{folder}/") for folder in folders):
                    del self._newest[key]

    def retire(self, key: str, now_ns: int) -> int:
        """Remove the versions of a key that are not to be kept any longer; how many."""
        gone = superfluous(self.records.of(key), self._retention, now_ns)
        for record in gone:
            self.forgotten(key, record)
        return len(gone)

    def _retire(self, key: str, now_ns: int) -> None:
        if self._retention:
            self.retire(key, now_ns)

    def _adopted(self, key: str, entry: Entry) -> Record:
        """A record for what came past us; the last of ours, if nothing is left of it, goes."""
        records = self.records.of(key)
        digest = self._digest(key, entry)
        last = records[-1] if records else None
        if last is not None and not last.is_marker:
            if digest is not None and last.digest == digest:
                again = dataclasses.replace(last, state=state_of(entry))
                self.records.exchange(key, last, again)
                return again
            if not self._is_held(last):
                self.records.remove(key, last)
        record = _found_there(entry, records, digest)
        self.records.add(key, record)
        return record

    def _digest(self, key: str, entry: Entry) -> str | None:
        hashes = self._inner.ability(HashesContent)
        told = hashes.content_hash(key) if hashes is not None else None
        if told is not None and told[0] == "sha256":
            return told[1]
        if entry.size > READ_TO_BE_HASHED:
            return None
        return digest_of(self.contents.pieces(key, entry))

    def _is_held(self, record: Record) -> bool:
        return self.contents.holds(record.content, record.id)

    def _remember(self, key: str, record: Record | None) -> None:
        with self._lock:
            if record is None:
                self._newest.pop(key, None)
            else:
                self._newest[key] = record

    def _make(self) -> None:
        """The folder of the history is there, for our eyes only."""
        if not self._is_made:
            try:
                self._inner.make_directory(NAME, attributes=Attributes(mode=PRIVATE))
            except AlreadyExists as error:
                if not self._inner.stat(NAME).is_folder:
                    raise PermissionDenied(f"{NAME} is taken by something else", NAME) from error
            self._is_made = True

    @contextmanager
    def _noting(self, key: str) -> Iterator[None]:
        """What is noted after a change can be found out later: failing to is no failure of the change."""
        try:
            yield
        except StorageError as error:
            self._remember(key, None)
            _log.warning("%s: the change was made, and its history not noted: %s", key, error)


def _record(time_ns: int, size: int, digest: str | None, state: str, *, is_marker: bool = False) -> Record:
    tag = digest_of([f"{time_ns} {state} {time.monotonic_ns()}".encode()])[:8]
    return Record(time_ns, tag, size, digest, state, is_marker)


def _found_there(entry: Entry, records: Sequence[Record], digest: str | None) -> Record:
    """A record for a file of which there is none; whoever asks gives it the same id."""
    now = time.time_ns()
    last = records[-1].time_ns + 1 if records else 0
    time_ns = max(last, min(entry.mtime_ns or now, now), 0)
    state = state_of(entry)
    return Record(time_ns, digest_of([state.encode()])[:8], entry.size, digest, state)
