"""What a stack can do besides the contract, where virtual files have a part in it."""

import errno
from collections.abc import Callable, Iterator, Mapping, Sequence
from threading import Lock
from typing import TYPE_CHECKING, Any, NoReturn

from vfs.engine import paths
from vfs.engine.backend import (
    STREAM_CHUNK,
    Buffer,
    CompletesEntries,
    Copies,
    OpenFile,
    OpensInPlace,
    ReadsBeginning,
    ReadsRanges,
    SweepsTree,
)
from vfs.engine.entries import Attributes, Entry, EntryKind, WriteResult
from vfs.engine.errors import AlreadyExists, NotADirectory, NotFound, PermissionDenied
from vfs.engine.layers.intercepted_abilities import INTERCEPTED, begun
from vfs.engine.node_abilities import HasNativePaths, TellsKinds
from vfs.engine.originals import Original, TellsOriginal
from vfs.engine.virtual.files.composing import Composed

if TYPE_CHECKING:
    from vfs.engine.virtual.files.layer import VirtualLayer


def refuse(key: str) -> NoReturn:
    """Raise PermissionDenied with EROFS."""
    raise PermissionDenied("a virtual file is made of its parts: change those", key, errno=errno.EROFS)


class _Copies:
    def __init__(self, layer: "VirtualLayer", inner: Copies) -> None:
        self._layer = layer
        self._inner = inner

    def copy(self, source: str, target: str, *, overwrite: bool = True) -> WriteResult:
        if not self._layer.is_virtual(source):
            through: Copies = INTERCEPTED[Copies](self._layer, self._inner)  # type: ignore[assignment] # it is one
            return through.copy(source, target, overwrite=overwrite)
        composed = self._layer.composed(source)
        return self._layer.write(target, _pieces(composed), overwrite=overwrite)


def _pieces(composed: Composed) -> Iterator[Buffer]:
    start = 0
    while len(piece := composed.read(start, start + STREAM_CHUNK)):
        start += len(piece)
        yield piece


class _TellsKinds:
    def __init__(self, layer: "VirtualLayer", inner: TellsKinds) -> None:
        self._layer = layer
        self._inner = inner

    def kind(self, key: str) -> EntryKind | None:
        own = self._layer.own
        if own:
            if own.above(key):
                return None
            if key in own.files:
                return EntryKind.FILE
            if key in own.folders:
                return EntryKind.FOLDER
        return self._inner.kind(key)


class _TellsOriginal:
    def __init__(self, layer: "VirtualLayer", inner: TellsOriginal) -> None:
        self._layer = layer
        self._inner = inner

    def original(self, key: str) -> Original:
        if self._layer.is_virtual(key):
            # No store has this one: whoever wants to copy it must read it.
            return Original(f"virtual files {id(self._layer)}", key)
        return self._inner.original(key)


class _HasNativePaths:
    def __init__(self, layer: "VirtualLayer", inner: HasNativePaths) -> None:
        self._layer = layer
        self._inner = inner

    def native_path(self, key: str) -> str:
        return key if self._layer.is_virtual(key) else self._inner.native_path(key)


class _ReadsBeginning:
    def __init__(self, layer: "VirtualLayer", inner: ReadsBeginning) -> None:
        self._layer = layer
        self._inner = inner

    def read_beginning(self, key: str, size: int) -> tuple[Entry, Buffer]:
        if not self._layer.is_virtual(key):
            return self._inner.read_beginning(key, size)
        composed = self._layer.composed(key)
        return composed.entry, self._layer.read(key, 0, size, if_match=composed.entry.etag)


class _ReadsRanges:
    def __init__(self, layer: "VirtualLayer", inner: ReadsRanges) -> None:
        self._layer = layer
        self._inner = inner

    def read_ranges(
        self, key: str, ranges: Sequence[tuple[int, int]], *, if_match: str | None = None
    ) -> list[Buffer]:
        if not self._layer.is_virtual(key):
            return self._inner.read_ranges(key, ranges, if_match=if_match)
        etag = self._layer.composed(key, if_match).entry.etag
        return [self._layer.read(key, start, end, if_match=etag) for start, end in ranges]


class _SweepsTree:
    def __init__(self, layer: "VirtualLayer", inner: SweepsTree) -> None:
        self._layer = layer
        self._inner = inner

    def sweep(self, key: str) -> Iterator[tuple[str, Entry]]:
        own = self._layer.own
        if not own:
            return self._inner.sweep(key)
        if self._layer.is_virtual(key):
            raise NotADirectory(path=key)
        try:
            stored = begun(self._inner.sweep(key))
        except NotFound:
            if key not in own.folders:
                raise
            stored = iter(())
        return self._with_virtual(key, stored)

    def _with_virtual(self, key: str, stored: Iterator[tuple[str, Entry]]) -> Iterator[tuple[str, Entry]]:
        own = self._layer.own
        yield from (found for found in stored if found[0] not in own.files)
        for below in own.below(key):
            yield below, self._layer.shown_entry(below)


class _CompletesEntries:
    def __init__(self, layer: "VirtualLayer", inner: CompletesEntries) -> None:
        self._layer = layer
        self._inner = inner

    def complete_entries(self, folder: str, entries: Sequence[Entry]) -> Sequence[Entry]:
        own = self._layer.own
        virtual = [entry for entry in entries if paths.join(folder, entry.name) in own.files]
        stored = [entry for entry in entries if entry not in virtual]
        found = list(self._inner.complete_entries(folder, stored)) if stored else []
        return found + [self._layer.shown_entry(paths.join(folder, entry.name)) for entry in virtual]


class _OpensInPlace:
    def __init__(self, layer: "VirtualLayer", inner: OpensInPlace) -> None:
        self._layer = layer
        self._inner = inner

    def open_file(self, key: str, *, write: bool = False, truncate: bool = False) -> OpenFile:
        if not self._layer.is_virtual(key):
            return self._inner.open_file(key, write=write, truncate=truncate)
        if write or truncate:
            refuse(key)
        return ComposedFile(self._layer, key)

    def create_file(
        self, key: str, *, exclusive: bool = False, attributes: Attributes | None = None
    ) -> OpenFile:
        if exclusive and key in self._layer.own.files:
            raise AlreadyExists(path=key)
        self._layer.check_key(key)
        return self._inner.create_file(key, exclusive=exclusive, attributes=attributes)


class ComposedFile:
    """A virtual file of a mount whose files are opened in place, in the state that it was opened in.

    Of parts that may be far away at least a MiB is asked for at a time, and kept until the next.
    """

    def __init__(self, layer: "VirtualLayer", key: str) -> None:
        self._layer = layer
        self._key = key
        self._composed = layer.composed(key)
        self._window: tuple[int, Buffer] = (0, b"")
        self._lock = Lock()

    def read(self, offset: int, size: int) -> Buffer:
        if not self._composed.is_remote:
            return self._read(offset, offset + size)
        end = min(offset + size, self._composed.entry.size)
        with self._lock:
            start, held = self._window
            if not start <= offset <= end <= start + len(held):
                start, held = offset, self._read(offset, max(end, offset + STREAM_CHUNK))
                self._window = (start, held)
        return memoryview(held)[offset - start : max(0, end - start)]

    def _read(self, start: int, end: int) -> Buffer:
        return self._composed.read(start, end)

    def read_ready(self, offset: int, size: int) -> Buffer | None:
        content = self._composed.content
        return content[offset : offset + size] if isinstance(content, bytes) else None

    def stat(self) -> Entry:
        return self._composed.entry

    def write(self, offset: int, data: Buffer) -> int:
        refuse(self._key)

    def truncate(self, size: int) -> None:
        refuse(self._key)

    def set_attributes(self, change: Attributes) -> Entry:
        refuse(self._key)

    def flush(self) -> None:
        """Nothing was written."""

    def sync(self) -> None:
        """Nothing was written."""

    def close(self) -> None:
        """Nothing is held open."""


SERVED: Mapping[type, Callable[["VirtualLayer", Any], object]] = {
    CompletesEntries: _CompletesEntries,
    Copies: _Copies,
    HasNativePaths: _HasNativePaths,
    OpensInPlace: _OpensInPlace,
    ReadsBeginning: _ReadsBeginning,
    ReadsRanges: _ReadsRanges,
    SweepsTree: _SweepsTree,
    TellsKinds: _TellsKinds,
    TellsOriginal: _TellsOriginal,
}
"""Each over the inner stack's own; they ask for the virtual files that there are at each call."""
