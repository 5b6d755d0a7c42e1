"""The abilities of a stack as an intercepting layer shows them: each call goes through its `around`."""

from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from itertools import chain, islice
from typing import TYPE_CHECKING, Any, TypeVar

from vfs.engine.backend import (
    Buffer,
    ChecksHealth,
    CompletesEntries,
    Copies,
    DeletesMany,
    HashesContent,
    HasLocation,
    KeepsAttributes,
    KeepsHardLinks,
    KeepsMetadata,
    KeepsSpecialFiles,
    KeepsSymlinks,
    KeepsXattrs,
    Moves,
    OpensInPlace,
    PartLimits,
    ReadsBeginning,
    ReadsRanges,
    ReportsSpace,
    SignsUrls,
    SweepsTree,
    UploadsParts,
)
from vfs.engine.entries import Attributes, Entry, SpaceUsage, WriteResult
from vfs.engine.layers.acts import Act
from vfs.engine.layers.intercepted_files import InterceptedFile, InterceptedUpload
from vfs.engine.layers.intercepted_for_nodes import INTERCEPTED_FOR_NODES
from vfs.engine.layers.intercepted_versions import INTERCEPTED_VERSIONS
from vfs.engine.originals import CopiesFrom, Original, TellsOriginal
from vfs.engine.partial_moves import MovesSome

if TYPE_CHECKING:
    from vfs.engine.layers.interception import InterceptingLayer

DELETED_AT_ONCE = 1000

ItemT = TypeVar("ItemT")


def begun(items: Iterator[ItemT]) -> Iterator[ItemT]:
    """The same items, the first of them already here: what a listing raises at first is raised now."""
    return chain(list(islice(items, 1)), items)


class _Copies:
    def __init__(self, layer: "InterceptingLayer", inner: Copies) -> None:
        self._layer = layer
        self._inner = inner

    def copy(self, source: str, target: str, *, overwrite: bool = True) -> WriteResult:
        return self._layer.around(
            Act.COPY, (source, target), lambda s, t: self._inner.copy(s, t, overwrite=overwrite)
        )


class _CopiesFrom:
    def __init__(self, layer: "InterceptingLayer", inner: CopiesFrom) -> None:
        self._layer = layer
        self._inner = inner

    def can_copy_from(self, original: Original, entry: Entry, *, overwrite: bool = True) -> bool:
        return self._inner.can_copy_from(original, entry, overwrite=overwrite)

    def copy_from(
        self, original: Original, entry: Entry, target: str, *, overwrite: bool = True
    ) -> WriteResult:
        return self._layer.around(
            Act.COPY_FROM,
            (target,),
            lambda place: self._inner.copy_from(original, entry, place, overwrite=overwrite),
        )


class _Moves:
    def __init__(self, layer: "InterceptingLayer", inner: Moves) -> None:
        self._layer = layer
        self._inner = inner

    def move(self, source: str, target: str, *, overwrite: bool = True, exchange: bool = False) -> None:
        self._layer.around(
            Act.EXCHANGE if exchange else Act.MOVE,
            (source, target),
            lambda s, t: self._inner.move(s, t, overwrite=overwrite, exchange=exchange),
        )


class _MovesSome:
    def __init__(self, layer: "InterceptingLayer", inner: MovesSome) -> None:
        self._layer = layer
        self._inner = inner

    def can_move(self, source: str, target: str) -> bool:
        return self._layer.around(Act.ORIGINAL, (source, target), self._inner.can_move)

    def move_file(self, source: str, target: str) -> None:
        self._layer.around(Act.MOVE, (source, target), self._inner.move_file)


class _ReadsBeginning:
    def __init__(self, layer: "InterceptingLayer", inner: ReadsBeginning) -> None:
        self._layer = layer
        self._inner = inner

    def read_beginning(self, key: str, size: int) -> tuple[Entry, Buffer]:
        return self._layer.around(
            Act.READ_BEGINNING, (key,), lambda place: self._inner.read_beginning(place, size)
        )


class _ReadsRanges:
    def __init__(self, layer: "InterceptingLayer", inner: ReadsRanges) -> None:
        self._layer = layer
        self._inner = inner

    def read_ranges(
        self, key: str, ranges: Sequence[tuple[int, int]], *, if_match: str | None = None
    ) -> list[Buffer]:
        return self._layer.around(
            Act.READ_RANGES, (key,), lambda place: self._inner.read_ranges(place, ranges, if_match=if_match)
        )


class _SweepsTree:
    def __init__(self, layer: "InterceptingLayer", inner: SweepsTree) -> None:
        self._layer = layer
        self._inner = inner

    def sweep(self, key: str) -> Iterator[tuple[str, Entry]]:
        found = self._layer.around(Act.SWEEP, (key,), lambda place: begun(self._inner.sweep(place)))
        return self._layer.swept(key, found)


class _CompletesEntries:
    def __init__(self, layer: "InterceptingLayer", inner: CompletesEntries) -> None:
        self._layer = layer
        self._inner = inner

    def complete_entries(self, folder: str, entries: Sequence[Entry]) -> Sequence[Entry]:
        stored = [self._layer.stored(folder, entry) for entry in entries]
        found = self._layer.around(
            Act.COMPLETE_ENTRIES, (folder,), lambda place: self._inner.complete_entries(place, stored)
        )
        return list(self._layer.shown(folder, iter(found)))


class _DeletesMany:
    def __init__(self, layer: "InterceptingLayer", inner: DeletesMany) -> None:
        self._layer = layer
        self._inner = inner

    def delete_many(self, keys: Iterable[str]) -> None:
        remaining = iter(keys)
        while batch := tuple(islice(remaining, DELETED_AT_ONCE)):
            self._layer.around(Act.DELETE_MANY, batch, lambda *places: self._inner.delete_many(places))


class _UploadsParts:
    def __init__(self, layer: "InterceptingLayer", inner: UploadsParts) -> None:
        self._layer = layer
        self._inner = inner

    @property
    def part_limits(self) -> PartLimits:
        return self._inner.part_limits

    def begin_upload(
        self,
        key: str,
        *,
        metadata: Mapping[str, str] | None = None,
        attributes: Attributes | None = None,
    ) -> InterceptedUpload:
        upload = self._layer.around(
            Act.BEGIN_UPLOAD,
            (key,),
            lambda place: self._inner.begin_upload(place, metadata=metadata, attributes=attributes),
        )
        return InterceptedUpload(self._layer, upload, key)


class _KeepsMetadata:
    def __init__(self, layer: "InterceptingLayer", inner: KeepsMetadata) -> None:
        self._layer = layer
        self._inner = inner

    def set_metadata(self, key: str, metadata: Mapping[str, str]) -> Entry:
        return self._layer.around(
            Act.SET_METADATA, (key,), lambda place: self._inner.set_metadata(place, metadata)
        )


class _SignsUrls:
    def __init__(self, layer: "InterceptingLayer", inner: SignsUrls) -> None:
        self._layer = layer
        self._inner = inner

    def url(self, key: str, expires_in: int = 3600) -> str:
        return self._layer.around(Act.URL, (key,), lambda place: self._inner.url(place, expires_in))


class _KeepsAttributes:
    def __init__(self, layer: "InterceptingLayer", inner: KeepsAttributes) -> None:
        self._layer = layer
        self._inner = inner

    def set_attributes(self, key: str, change: Attributes) -> Entry:
        return self._layer.around(
            Act.SET_ATTRIBUTES, (key,), lambda place: self._inner.set_attributes(place, change)
        )


class _KeepsSymlinks:
    def __init__(self, layer: "InterceptingLayer", inner: KeepsSymlinks) -> None:
        self._layer = layer
        self._inner = inner

    def make_symlink(self, key: str, target: str, *, attributes: Attributes | None = None) -> Entry:
        return self._layer.around(
            Act.MAKE_SYMLINK,
            (key,),
            lambda place: self._inner.make_symlink(place, target, attributes=attributes),
        )

    def read_symlink(self, key: str) -> str:
        return self._layer.around(Act.READ_SYMLINK, (key,), self._inner.read_symlink)


class _KeepsHardLinks:
    def __init__(self, layer: "InterceptingLayer", inner: KeepsHardLinks) -> None:
        self._layer = layer
        self._inner = inner

    def make_link(self, source: str, target: str) -> Entry:
        return self._layer.around(Act.MAKE_LINK, (source, target), self._inner.make_link)


class _KeepsSpecialFiles:
    def __init__(self, layer: "InterceptingLayer", inner: KeepsSpecialFiles) -> None:
        self._layer = layer
        self._inner = inner

    def make_special(self, key: str, mode: int, rdev: int, *, attributes: Attributes | None = None) -> Entry:
        return self._layer.around(
            Act.MAKE_SPECIAL,
            (key,),
            lambda place: self._inner.make_special(place, mode, rdev, attributes=attributes),
        )


class _KeepsXattrs:
    def __init__(self, layer: "InterceptingLayer", inner: KeepsXattrs) -> None:
        self._layer = layer
        self._inner = inner

    def get_xattr(self, key: str, name: str) -> bytes:
        return self._layer.around(Act.GET_XATTR, (key,), lambda place: self._inner.get_xattr(place, name))

    def list_xattrs(self, key: str) -> list[str]:
        return self._layer.around(Act.LIST_XATTRS, (key,), self._inner.list_xattrs)

    def set_xattr(
        self, key: str, name: str, value: bytes, *, create: bool = False, replace: bool = False
    ) -> None:
        self._layer.around(
            Act.SET_XATTR,
            (key,),
            lambda place: self._inner.set_xattr(place, name, value, create=create, replace=replace),
        )

    def remove_xattr(self, key: str, name: str) -> None:
        self._layer.around(Act.REMOVE_XATTR, (key,), lambda place: self._inner.remove_xattr(place, name))


class _OpensInPlace:
    def __init__(self, layer: "InterceptingLayer", inner: OpensInPlace) -> None:
        self._layer = layer
        self._inner = inner

    def open_file(self, key: str, *, write: bool = False, truncate: bool = False) -> InterceptedFile:
        file = self._layer.around(
            Act.OPEN_TRUNCATED if truncate else Act.OPEN_FILE,
            (key,),
            lambda place: self._inner.open_file(place, write=write, truncate=truncate),
        )
        return InterceptedFile(self._layer, file, key)

    def create_file(
        self, key: str, *, exclusive: bool = False, attributes: Attributes | None = None
    ) -> InterceptedFile:
        file = self._layer.around(
            Act.CREATE_FILE,
            (key,),
            lambda place: self._inner.create_file(place, exclusive=exclusive, attributes=attributes),
        )
        return InterceptedFile(self._layer, file, key)


class _HashesContent:
    def __init__(self, layer: "InterceptingLayer", inner: HashesContent) -> None:
        self._layer = layer
        self._inner = inner

    def content_hash(self, key: str) -> tuple[str, str] | None:
        return self._layer.around(Act.CONTENT_HASH, (key,), self._inner.content_hash)


class _TellsOriginal:
    def __init__(self, layer: "InterceptingLayer", inner: TellsOriginal) -> None:
        self._layer = layer
        self._inner = inner

    def original(self, key: str) -> Original:
        return self._layer.around(Act.ORIGINAL, (key,), self._inner.original)


class _ChecksHealth:
    def __init__(self, layer: "InterceptingLayer", inner: ChecksHealth) -> None:
        self._layer = layer
        self._inner = inner

    def ping(self) -> None:
        self._layer.around(Act.PING, (), self._inner.ping)


class _HasLocation:
    def __init__(self, layer: "InterceptingLayer", inner: HasLocation) -> None:
        self._layer = layer
        self._inner = inner

    @property
    def location(self) -> str:
        return self._layer.located(self._inner.location)


class _ReportsSpace:
    def __init__(self, layer: "InterceptingLayer", inner: ReportsSpace) -> None:
        self._layer = layer
        self._inner = inner

    def space(self) -> SpaceUsage:
        return self._layer.around(Act.SPACE, (), self._inner.space)


INTERCEPTED: Mapping[type, Callable[["InterceptingLayer", Any], object]] = {
    ChecksHealth: _ChecksHealth,
    CompletesEntries: _CompletesEntries,
    Copies: _Copies,
    CopiesFrom: _CopiesFrom,
    DeletesMany: _DeletesMany,
    HasLocation: _HasLocation,
    HashesContent: _HashesContent,
    KeepsAttributes: _KeepsAttributes,
    KeepsHardLinks: _KeepsHardLinks,
    KeepsMetadata: _KeepsMetadata,
    KeepsSpecialFiles: _KeepsSpecialFiles,
    KeepsSymlinks: _KeepsSymlinks,
    KeepsXattrs: _KeepsXattrs,
    Moves: _Moves,
    MovesSome: _MovesSome,
    OpensInPlace: _OpensInPlace,
    ReadsBeginning: _ReadsBeginning,
    ReadsRanges: _ReadsRanges,
    ReportsSpace: _ReportsSpace,
    SignsUrls: _SignsUrls,
    SweepsTree: _SweepsTree,
    TellsOriginal: _TellsOriginal,
    UploadsParts: _UploadsParts,
    **INTERCEPTED_FOR_NODES,
    **INTERCEPTED_VERSIONS,
}
"""What stands before each ability of the inner backend."""
