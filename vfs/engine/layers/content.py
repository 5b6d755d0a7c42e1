"""A layer under which contents are stored as other bytes: sizes are those shown, and reads are pinned."""

import threading
from abc import abstractmethod
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, replace
from typing import TypeVar, cast

from cachetools import LRUCache

from vfs.engine.backend import (
    Backend,
    Buffer,
    HashesContent,
    KeepsVersions,
    OpensInPlace,
    ReadsBeginning,
    ReadsRanges,
    SignsUrls,
    Source,
    UploadsParts,
)
from vfs.engine.capabilities import Capability
from vfs.engine.entries import Attributes, Entry, Version, WriteResult
from vfs.engine.errors import Conflict, InvalidPath, IsADirectory, NotFound
from vfs.engine.layers.acts import Act
from vfs.engine.layers.intercepted_abilities import INTERCEPTED
from vfs.engine.layers.interception import InterceptingLayer
from vfs.engine.node_abilities import HasLocalPaths
from vfs.engine.originals import CopiesFrom, TellsOriginal
from vfs.engine.sources import pieces

ResultT = TypeVar("ResultT")

ENCODED_AT_ONCE = 1 << 20
"""Bytes that are given to the store in one piece, so that it can send them in one request, and again."""

TRIES = 10
"""How often a read that nobody pinned begins anew when the file is replaced under it."""

REMEMBERED = 65_536
"""Sizes and ETags kept of contents seen, so that they are not asked for again."""


Identity = tuple[str, str | None, str | None]
"""What is remembered of a content is remembered under this."""


@dataclass(frozen=True, slots=True)
class Pin:
    """One content as the store has it: its key, its size there, and what pins it."""

    key: str
    size: int
    etag: str | None
    version: str | None = None

    @property
    def identity(self) -> Identity | None:
        """Equal for one content only; None where the store gives no ETag that could tell."""
        known = self.etag is not None or self.version is not None
        return (self.key, self.etag, self.version) if known else None


class ContentLayer(InterceptingLayer):
    """Subclasses turn shown bytes into stored ones and back.

    What depends on the stored bytes is not passed on: hashes, URLs, ranges and parts by other calls than
    `read` and `write`, files opened in place. The ETag is the store's: it changes when the content does.
    """

    exposes = frozenset(INTERCEPTED) - {
        CopiesFrom,
        HasLocalPaths,
        HashesContent,
        OpensInPlace,
        ReadsBeginning,
        ReadsRanges,
        SignsUrls,
        TellsOriginal,
        UploadsParts,
    }

    reads_kept_content: bool = False
    """Whether reading may come without asking the store: then `read` asks it for the present ETag first."""

    def __init__(self, inner: Backend) -> None:
        super().__init__(inner)
        self._pins: LRUCache[tuple[str, str], Pin] = LRUCache(REMEMBERED)
        self._pins_lock = threading.Lock()

    @abstractmethod
    def encoded(self, key: str, source: Source) -> Iterator[Buffer]:
        """The bytes to store for a source. What it raises leaves the old file."""

    @abstractmethod
    def plain_size(self, pin: Pin) -> int:
        """The size that is shown. May ask the store; raises as `read` does."""

    @abstractmethod
    def read_pinned(self, pin: Pin, start: int, end: int | None) -> Buffer:
        """Shown bytes of exactly this content; Conflict where it was replaced."""

    def known_size(self, pin: Pin) -> int | None:
        """The size that is shown, without asking the store; None where that cannot be told."""
        return self.plain_size(pin)

    def shown_size(self, pin: Pin) -> int:
        """The size that entries tell."""
        return self.plain_size(pin)

    def learned(self, pin: Pin, size: int) -> None:
        """This content was just written, and has this size."""

    @property
    def capabilities(self) -> frozenset[Capability]:
        return super().capabilities - {Capability.PARTIAL_UPDATE}

    def around(self, act: Act, keys: tuple[str, ...], run: Callable[..., ResultT]) -> ResultT:
        result = run(*keys)
        return cast("ResultT", self._told(keys[-1], result)) if keys else result

    def shown(self, folder: str, entries: Iterator[Entry]) -> Iterator[Entry]:
        above = f"{folder}/" if folder else ""
        return (self.listed(f"{above}{entry.name}", entry) for entry in entries)

    def swept(self, folder: str, found: Iterator[tuple[str, Entry]]) -> Iterator[tuple[str, Entry]]:
        return ((key, self.listed(key, entry)) for key, entry in found)

    def read(
        self,
        key: str,
        start: int = 0,
        end: int | None = None,
        *,
        version: str | None = None,
        if_match: str | None = None,
    ) -> Buffer:
        if version is not None:
            return self.read_pinned(self._pin_of_version(key, version), start, end)
        for _ in range(TRIES):
            try:
                return self.read_pinned(self._pin(key, if_match), start, end)
            except Conflict:
                if if_match is not None:
                    raise
        raise Conflict("the file is being replaced all the time", key)

    def write(
        self,
        key: str,
        source: Source,
        *,
        overwrite: bool = True,
        if_match: str | None = None,
        metadata: Mapping[str, str] | None = None,
        attributes: Attributes | None = None,
    ) -> WriteResult:
        counted = _Counted(source)
        encoded = self.encoded(key, iter(counted))
        is_small = isinstance(source, bytes | bytearray | memoryview) and len(source) <= ENCODED_AT_ONCE
        result = self.inner.write(
            key,
            b"".join(encoded) if is_small else encoded,
            overwrite=overwrite,
            if_match=if_match,
            metadata=metadata,
            attributes=attributes,
        )
        if result.written:
            self.learned(Pin(key, result.size, result.etag), counted.size)
        return replace(result, size=counted.size)

    def stored_range(self, pin: Pin, start: int, end: int | None = None) -> memoryview:
        """Bytes of the store, of exactly this content."""
        if_match = None if pin.version else pin.etag
        return memoryview(self.inner.read(pin.key, start, end, version=pin.version, if_match=if_match))

    def _told(self, key: str, result: object) -> object:
        if isinstance(result, Entry):
            return self.measured(key, result)
        if isinstance(result, WriteResult):
            return replace(result, size=self.shown_size(Pin(key, result.size, result.etag)))
        if isinstance(result, list) and result and isinstance(result[0], Version):
            return [self._told_version(key, version) for version in result]
        return result

    def measured(self, key: str, entry: Entry) -> Entry:
        """An entry of the store with the size that is shown."""
        if not entry.is_file:
            return entry
        return replace(entry, size=self.shown_size(Pin(key, entry.size, entry.etag)))

    def listed(self, key: str, entry: Entry) -> Entry:
        """An entry of a listing, as far as it can be told without asking the store."""
        if not entry.is_file:
            return entry
        size = self.known_size(Pin(key, entry.size, entry.etag))
        return replace(entry, complete=False) if size is None else replace(entry, size=size)

    def _told_version(self, key: str, version: Version) -> Version:
        if version.is_delete_marker:
            return version
        return replace(version, size=self.shown_size(Pin(key, version.size, version.etag, version.id)))

    def _pin(self, key: str, if_match: str | None) -> Pin:
        with self._pins_lock:
            known = self._pins.get((key, if_match)) if if_match is not None else None
        if known is not None and not self.reads_kept_content:
            return known
        entry = self.inner.stat(key)
        if entry.is_folder:
            raise IsADirectory(path=key)
        if not entry.is_file:
            raise InvalidPath("not a regular file", key)
        if if_match not in {None, entry.etag}:
            raise Conflict("the file is another one now", key)
        pin = Pin(key, entry.size, entry.etag)
        if entry.etag is not None:
            with self._pins_lock:
                self._pins[key, entry.etag] = pin
        return pin

    def _pin_of_version(self, key: str, version: str) -> Pin:
        versions = self.inner.ability(KeepsVersions)
        if versions is None:
            self.inner.read(key, 0, 0, version=version)
            raise NotFound("this storage lists no versions", key)
        for found in versions.list_versions(key):
            if found.id == version and not found.is_delete_marker:
                return Pin(key, found.size, found.etag, version)
        raise NotFound(f"there is no version {version}", key)


class _Counted:
    """The pieces of a source; `size` tells how many bytes have passed."""

    def __init__(self, source: Source) -> None:
        self._source = source
        self.size = 0

    def __iter__(self) -> Iterator[Buffer]:
        for piece in pieces(self._source):
            self.size += len(piece)
            yield piece
