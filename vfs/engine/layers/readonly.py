"""A storage that can only be read: every write is refused with EROFS before it reaches the store."""

import errno
from collections.abc import Callable, Mapping
from typing import NoReturn, cast

from pydantic import BaseModel, ConfigDict

from vfs.engine.backend import (
    AbilityT,
    Backend,
    Buffer,
    ChecksHealth,
    CompletesEntries,
    HashesContent,
    HasLocation,
    KeepsSymlinks,
    KeepsVersions,
    KeepsXattrs,
    OpenFile,
    OpensInPlace,
    ReadsBeginning,
    ReadsRanges,
    ReportsSpace,
    SignsUrls,
    Source,
    SweepsTree,
)
from vfs.engine.capabilities import WRITING, Capability
from vfs.engine.entries import Attributes, Entry, Version, WriteResult
from vfs.engine.errors import PermissionDenied
from vfs.engine.histories import SweepsVersions
from vfs.engine.layer import Layer
from vfs.engine.node_abilities import HasLocalPaths, HasNativePaths, KeepsTags, TellsKinds
from vfs.engine.originals import TellsOriginal

_LOST = WRITING | {
    Capability.ATOMIC_WRITE,
    Capability.ATOMIC_MOVE,
    Capability.CONDITIONAL_WRITE,
    Capability.PARTIAL_UPDATE,
    Capability.POSIX_ATTRIBUTES,
    Capability.USER_METADATA,
    Capability.WRITE_RESULT_NATIVE,
}


class ReadOnlyOptions(BaseModel):
    """There is nothing to choose."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    @property
    def is_readonly(self) -> bool:
        """Always: what settings ask of a layer's options."""
        return True


class ReadOnlyLayer(Layer):
    """Passes reading on. Abilities that also read keep their reading half; those that only write are gone."""

    passes = frozenset(
        {
            ChecksHealth,
            CompletesEntries,
            HasLocalPaths,
            HasLocation,
            HasNativePaths,
            HashesContent,
            ReadsBeginning,
            ReadsRanges,
            ReportsSpace,
            SignsUrls,
            SweepsTree,
            SweepsVersions,
            TellsKinds,
            TellsOriginal,
        }
    )

    def __init__(self, inner: Backend, options: ReadOnlyOptions | None = None) -> None:
        super().__init__(inner)

    @property
    def capabilities(self) -> frozenset[Capability]:
        return (self.inner.capabilities - _LOST) | {Capability.READONLY}

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
        refuse(key)

    def delete(self, key: str, *, if_match: str | None = None) -> None:
        refuse(key)

    def make_directory(self, key: str, *, attributes: Attributes | None = None) -> Entry:
        refuse(key)

    def remove_directory(self, key: str) -> None:
        refuse(key)

    def ability(self, wanted: type[AbilityT]) -> AbilityT | None:
        inner = self.inner.ability(wanted)
        reading_half = _READING_HALVES.get(wanted)
        if inner is None or reading_half is None:
            return super().ability(wanted)
        return cast("AbilityT", reading_half(inner))


class _Symlinks:
    def __init__(self, inner: KeepsSymlinks) -> None:
        self.read_symlink = inner.read_symlink

    def make_symlink(self, key: str, target: str, *, attributes: Attributes | None = None) -> Entry:
        refuse(key)


class _Xattrs:
    def __init__(self, inner: KeepsXattrs) -> None:
        self.get_xattr = inner.get_xattr
        self.list_xattrs = inner.list_xattrs

    def set_xattr(
        self, key: str, name: str, value: bytes, *, create: bool = False, replace: bool = False
    ) -> None:
        refuse(key)

    def remove_xattr(self, key: str, name: str) -> None:
        refuse(key)


class _Versions:
    def __init__(self, inner: KeepsVersions) -> None:
        self._inner = inner

    def list_versions(self, key: str) -> list[Version]:
        return self._inner.list_versions(key)

    def restore_version(self, key: str, version: str) -> WriteResult:
        refuse(key)

    def delete_version(self, key: str, version: str) -> None:
        refuse(key)


class _Tags:
    def __init__(self, inner: KeepsTags) -> None:
        self.get_tags = inner.get_tags

    def set_tags(self, key: str, tags: Mapping[str, str]) -> None:
        refuse(key)


class _InPlace:
    def __init__(self, inner: OpensInPlace) -> None:
        self._inner = inner

    def open_file(self, key: str, *, write: bool = False, truncate: bool = False) -> OpenFile:
        if write or truncate:
            refuse(key)
        return ReadOnlyFile(self._inner.open_file(key), key)

    def create_file(
        self, key: str, *, exclusive: bool = False, attributes: Attributes | None = None
    ) -> OpenFile:
        refuse(key)


class ReadOnlyFile:
    """An open file whose descriptor would still allow a change of its attributes."""

    def __init__(self, inner: OpenFile, key: str) -> None:
        self._inner = inner
        self._key = key
        self.read_ready = inner.read_ready
        self.stat = inner.stat
        self.close = inner.close

    def read(self, offset: int, size: int) -> Buffer:
        return self._inner.read(offset, size)

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


_READING_HALVES: dict[type, Callable[..., object]] = {
    KeepsSymlinks: _Symlinks,
    KeepsTags: _Tags,
    KeepsVersions: _Versions,
    KeepsXattrs: _Xattrs,
    OpensInPlace: _InPlace,
}


def refuse(key: str, mount: str | None = None) -> NoReturn:
    """Raise PermissionDenied with EROFS; `mount` where nobody on the way out tells it."""
    raise PermissionDenied("this mount is read-only", key, mount=mount, errno=errno.EROFS)
