"""Pieces of files kept in another storage, within a size, the least recently used leaving first."""

import hashlib
import logging
import math
import os
import threading
import time
from collections import OrderedDict
from collections.abc import Iterator
from contextlib import suppress
from dataclasses import dataclass

from vfs.engine import paths
from vfs.engine.backend import Backend, Buffer, SweepsTree
from vfs.engine.entries import Entry
from vfs.engine.errors import NotFound, StorageError

CHUNK = 1 << 20
"""Bytes of a file that are kept under one key."""

KEPT_AT_MOST = 250_000
"""Pieces, however small: their places are kept in memory."""

PAUSE = 30.0
"""Seconds that the storage is left alone after a failure."""

_log = logging.getLogger(__name__)


@dataclass(frozen=True, slots=True)
class Content:
    """One content of one file: another ETag is another content."""

    key: str
    etag: str
    size: int

    def chunk_size(self, number: int) -> int:
        """The bytes in one of its chunks."""
        return min(CHUNK, self.size - number * CHUNK)


class FastCopies:
    """Chunks in a folder of `fast`, named after what is in them. Thread-safe.

    Nothing here fails: what cannot be read is not there, what cannot be kept is not kept, and a storage that
    fails is left alone for a while, with one warning. `origin` tells stores apart that share the folder.
    """

    def __init__(self, fast: Backend, folder: str, size: int, origin: str) -> None:
        self._fast = fast
        self._folder = folder
        self._size = size
        self._origin = origin
        self._lock = threading.Lock()
        self._loading = threading.Lock()
        self._is_loaded = False
        self._sizes: OrderedDict[str, int] = OrderedDict()
        """Bytes by place, the least recently used first."""
        self._used = 0
        self._failed = False
        self._off_until = -math.inf

    def get(self, content: Content, number: int, start: int, end: int) -> Buffer | None:
        """Bytes `start` to `end` of a chunk; None where they are not here."""
        place = self._place(content, number)
        if not self._is_usable() or not self._note_use(place):
            return None
        try:
            data = self._fast.read(place, start, end)
        except NotFound:
            data = b""
        except StorageError as error:
            self._fail(error)
            return None
        if len(data) != end - start:
            self._drop(place)
            return None
        return data

    def put(self, content: Content, number: int, data: Buffer) -> None:
        """Keep a whole chunk."""
        assert len(data) == content.chunk_size(number), "chunks are kept whole"
        if len(data) > self._size or not self._is_usable():
            return
        place = self._place(content, number)
        try:
            self._fast.write(place, data)
            self._enter(place, len(data))
            self._trim()
        except StorageError as error:
            self._fail(error)
            return
        self._failed = False

    def _place(self, content: Content, number: int) -> str:
        named = "\0".join((self._origin, content.key, content.etag)).encode(errors="surrogateescape")
        digest = hashlib.sha256(named).hexdigest()[:40]
        return f"{self._folder}/{digest[:2]}/{digest}.{number}"

    # What is there

    def _is_usable(self) -> bool:
        if time.monotonic() < self._off_until:
            return False
        if not self._is_loaded:
            with self._loading:
                if not self._is_loaded:
                    self._load()
        return self._is_loaded

    def _load(self) -> None:
        """Take over what an earlier process kept, by the time of its writing."""
        try:
            found = sorted((entry.mtime_ns or 0, place, entry.size) for place, entry in self._stored())
            with self._lock:
                self._sizes = OrderedDict((place, size) for _, place, size in found)
                self._used = sum(self._sizes.values())
            self._is_loaded = True
            self._trim()
        except StorageError as error:
            self._fail(error)

    def _stored(self) -> Iterator[tuple[str, Entry]]:
        sweeps = self._fast.ability(SweepsTree)
        with suppress(NotFound):
            if sweeps is not None:
                yield from ((place, entry) for place, entry in sweeps.sweep(self._folder) if entry.is_file)
                return
            for group in self._fast.list(self._folder):
                if group.is_folder:
                    above = paths.join(self._folder, group.name)
                    yield from ((paths.join(above, entry.name), entry) for entry in self._fast.list(above))

    def _note_use(self, place: str) -> bool:
        with self._lock:
            is_here = place in self._sizes
            if is_here:
                self._sizes.move_to_end(place)
            return is_here

    def _enter(self, place: str, size: int) -> None:
        with self._lock:
            self._used += size - self._sizes.pop(place, 0)
            self._sizes[place] = size

    def _drop(self, place: str) -> None:
        with self._lock:
            self._used -= self._sizes.pop(place, 0)

    def _trim(self) -> None:
        for place in self._excess():
            with suppress(NotFound):
                self._fast.delete(place)

    def _excess(self) -> list[str]:
        """What has to go, taken out of the count."""
        places = []
        with self._lock:
            while self._used > self._size or len(self._sizes) > KEPT_AT_MOST:
                place, size = self._sizes.popitem(last=False)
                self._used -= size
                places.append(place)
        return places

    def _fail(self, error: StorageError) -> None:
        if not self._failed:
            _log.warning("the fast storage of a cache fails, the slow one is asked instead: %s", error)
        self._failed = True
        self._off_until = time.monotonic() + PAUSE


def origin_of(location: str | None) -> str:
    """What tells this store's contents from those of others; a store without a location is like no other."""
    return f"at {location}" if location is not None else f"process {os.urandom(16).hex()}"
