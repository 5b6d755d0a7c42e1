"""What a storage written with `async def` may do besides its contract: the abilities of `Backend`, awaited.

Each is the ability of the same name without `Async`, whose docstring says what it does. Abilities that ask
nobody (`AS_THEY_ARE` in `carrying`) have no awaited form: they are offered as they are.
"""

from collections.abc import AsyncIterator, Mapping, Sequence
from typing import Protocol, runtime_checkable

from vfs.aio.backends.contract import Pieces
from vfs.engine.backend import Buffer, PartLimits
from vfs.engine.entries import Attributes, Entry, EntryKind, SpaceUsage, Version, WriteResult
from vfs.engine.histories import History, HistoryReport
from vfs.engine.originals import Original


@runtime_checkable
class AsyncCopies(Protocol):
    """`Copies`, awaited."""

    async def copy(self, source: str, target: str, *, overwrite: bool = True) -> WriteResult: ...


@runtime_checkable
class AsyncCopiesFrom(Protocol):
    """`CopiesFrom`, awaited."""

    def can_copy_from(self, original: Original, entry: Entry, *, overwrite: bool = True) -> bool: ...

    async def copy_from(
        self, original: Original, entry: Entry, target: str, *, overwrite: bool = True
    ) -> WriteResult: ...


@runtime_checkable
class AsyncMoves(Protocol):
    """`Moves`, awaited."""

    async def move(
        self, source: str, target: str, *, overwrite: bool = True, exchange: bool = False
    ) -> None: ...


@runtime_checkable
class AsyncMovesSome(Protocol):
    """`MovesSome`, awaited."""

    def can_move(self, source: str, target: str) -> bool: ...

    async def move_file(self, source: str, target: str) -> None: ...


@runtime_checkable
class AsyncReadsBeginning(Protocol):
    """`ReadsBeginning`, awaited."""

    async def read_beginning(self, key: str, size: int) -> tuple[Entry, Buffer]: ...


@runtime_checkable
class AsyncReadsRanges(Protocol):
    """`ReadsRanges`, awaited."""

    async def read_ranges(
        self, key: str, ranges: Sequence[tuple[int, int]], *, if_match: str | None = None
    ) -> list[Buffer]: ...


@runtime_checkable
class AsyncTellsKinds(Protocol):
    """`TellsKinds`, awaited."""

    async def kind(self, key: str) -> EntryKind | None: ...


@runtime_checkable
class AsyncSweepsTree(Protocol):
    """`SweepsTree`, awaited."""

    def sweep(self, key: str) -> AsyncIterator[tuple[str, Entry]]: ...


@runtime_checkable
class AsyncCompletesEntries(Protocol):
    """`CompletesEntries`, awaited."""

    async def complete_entries(self, folder: str, entries: Sequence[Entry]) -> Sequence[Entry]: ...


@runtime_checkable
class AsyncDeletesMany(Protocol):
    """`DeletesMany`, awaited; of a blocking caller's keys a thousand come at a time."""

    async def delete_many(self, keys: Sequence[str]) -> None: ...


class AsyncPartUpload(Protocol):
    """`PartUpload`, awaited; parts come from many tasks."""

    async def put(self, number: int, data: Buffer) -> None: ...

    async def copy(self, number: int, start: int, end: int, *, if_match: str | None = None) -> None: ...

    async def complete(self, *, overwrite: bool = True, if_match: str | None = None) -> WriteResult: ...

    async def abort(self) -> None: ...


@runtime_checkable
class AsyncUploadsParts(Protocol):
    """`UploadsParts`, awaited."""

    part_limits: PartLimits

    async def begin_upload(
        self,
        key: str,
        *,
        metadata: Mapping[str, str] | None = None,
        attributes: Attributes | None = None,
    ) -> AsyncPartUpload: ...


@runtime_checkable
class AsyncNamesContent(Protocol):
    """`NamesContent`, awaited."""

    async def write_named(
        self,
        key: str,
        source: Pieces,
        *,
        overwrite: bool = True,
        if_match: str | None = None,
        metadata: Mapping[str, str] | None = None,
    ) -> WriteResult: ...


@runtime_checkable
class AsyncKeepsVersions(Protocol):
    """`KeepsVersions`, awaited."""

    async def list_versions(self, key: str) -> list[Version]: ...

    async def restore_version(self, key: str, version: str) -> WriteResult: ...

    async def delete_version(self, key: str, version: str) -> None: ...


@runtime_checkable
class AsyncSweepsVersions(Protocol):
    """`SweepsVersions`, awaited."""

    def sweep_versions(self, folder: str, *, deep: bool = False) -> AsyncIterator[History]: ...


@runtime_checkable
class AsyncCompactsVersions(Protocol):
    """`CompactsVersions`, awaited."""

    async def compact_versions(self, key: str, *, dry_run: bool = False) -> int: ...


@runtime_checkable
class AsyncChecksHistory(Protocol):
    """`ChecksHistory`, awaited."""

    async def check_history(self, *, repair: bool = False) -> HistoryReport: ...


@runtime_checkable
class AsyncKeepsMetadata(Protocol):
    """`KeepsMetadata`, awaited."""

    async def set_metadata(self, key: str, metadata: Mapping[str, str]) -> Entry: ...


@runtime_checkable
class AsyncKeepsTags(Protocol):
    """`KeepsTags`, awaited."""

    async def get_tags(self, key: str) -> dict[str, str]: ...

    async def set_tags(self, key: str, tags: Mapping[str, str]) -> None: ...


@runtime_checkable
class AsyncSignsUrls(Protocol):
    """`SignsUrls`, awaited."""

    async def url(self, key: str, expires_in: int = 3600) -> str: ...


@runtime_checkable
class AsyncKeepsAttributes(Protocol):
    """`KeepsAttributes`, awaited."""

    async def set_attributes(self, key: str, change: Attributes) -> Entry: ...


@runtime_checkable
class AsyncKeepsSymlinks(Protocol):
    """`KeepsSymlinks`, awaited."""

    async def make_symlink(self, key: str, target: str, *, attributes: Attributes | None = None) -> Entry: ...

    async def read_symlink(self, key: str) -> str: ...


@runtime_checkable
class AsyncKeepsHardLinks(Protocol):
    """`KeepsHardLinks`, awaited."""

    async def make_link(self, source: str, target: str) -> Entry: ...


@runtime_checkable
class AsyncKeepsSpecialFiles(Protocol):
    """`KeepsSpecialFiles`, awaited."""

    async def make_special(
        self, key: str, mode: int, rdev: int, *, attributes: Attributes | None = None
    ) -> Entry: ...


@runtime_checkable
class AsyncKeepsXattrs(Protocol):
    """`KeepsXattrs`, awaited."""

    async def get_xattr(self, key: str, name: str) -> bytes: ...

    async def list_xattrs(self, key: str) -> list[str]: ...

    async def set_xattr(
        self, key: str, name: str, value: bytes, *, create: bool = False, replace: bool = False
    ) -> None: ...

    async def remove_xattr(self, key: str, name: str) -> None: ...


class AsyncOpenFile(Protocol):
    """`OpenFile`, awaited; what is in memory already is not told apart."""

    async def read(self, offset: int, size: int) -> Buffer: ...

    async def write(self, offset: int, data: Buffer) -> int: ...

    async def truncate(self, size: int) -> None: ...

    async def stat(self) -> Entry: ...

    async def set_attributes(self, change: Attributes) -> Entry: ...

    async def flush(self) -> None: ...

    async def sync(self) -> None: ...

    async def close(self) -> None: ...


@runtime_checkable
class AsyncOpensInPlace(Protocol):
    """`OpensInPlace`, awaited."""

    async def open_file(self, key: str, *, write: bool = False, truncate: bool = False) -> AsyncOpenFile: ...

    async def create_file(
        self, key: str, *, exclusive: bool = False, attributes: Attributes | None = None
    ) -> AsyncOpenFile: ...


@runtime_checkable
class AsyncHashesContent(Protocol):
    """`HashesContent`, awaited."""

    async def content_hash(self, key: str) -> tuple[str, str] | None: ...


@runtime_checkable
class AsyncChecksHealth(Protocol):
    """`ChecksHealth`, awaited."""

    async def ping(self) -> None: ...


@runtime_checkable
class AsyncReportsSpace(Protocol):
    """`ReportsSpace`, awaited."""

    async def space(self) -> SpaceUsage: ...
