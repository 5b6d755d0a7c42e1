"""The backend that storages of objects have in common: a bucket, or a prefix in it, as a tree of files."""

# pyright: reportReturnType=false
# It takes a protocol's methods that are a docstring alone for bodies; mypy checks what they return.

import builtins
from collections.abc import Iterable, Iterator, Mapping, Sequence
from typing import Any, ClassVar, Protocol, cast

from vfs.engine.backend import (
    AbilityT,
    Backend,
    Buffer,
    KeepsAttributes,
    KeepsMetadata,
    KeepsSpecialFiles,
    KeepsSymlinks,
    KeepsVersions,
    KeepsXattrs,
    PartUpload,
    Source,
)
from vfs.engine.backends.objects.bucket import Bucket
from vfs.engine.backends.objects.files import Files
from vfs.engine.backends.objects.folders import Folders
from vfs.engine.backends.objects.places import Places
from vfs.engine.backends.objects.posix import (
    ExtendedAttributes,
    Links,
    MetadataChanges,
    PosixAttributes,
    UserMetadata,
)
from vfs.engine.backends.objects.stored import Condition
from vfs.engine.capabilities import READING, WRITING, Capability
from vfs.engine.entries import Attributes, Entry, SpaceUsage, WriteResult
from vfs.engine.errors import CapabilityNotSupported
from vfs.engine.histories import SweepsVersions
from vfs.engine.originals import OwnOriginals


class BucketVersions(KeepsVersions, SweepsVersions, Protocol):
    """`KeepsVersions` and `SweepsVersions` of a bucket that may keep none."""

    def are_kept(self) -> bool:
        """Whether the bucket has versioning, on or suspended; asked once. Unknown counts as no."""


class ObjectBackend(OwnOriginals, Backend):
    """A bucket as a tree; the backend of each store adds what that store alone can do.

    It keeps the contract but for one rule. Such stores know no folders, so that nothing in them stops a file
    `a/b` below a file `a`, or a file where a folder is. Such a write is refused when we have seen what is
    there; to ask before each write would double its price. Where both stand in a bucket, the file is shown.
    """

    is_remote = True

    extra_capabilities: frozenset[Capability] = frozenset()
    """What this store can do besides what all storages of objects can."""

    folders_type: ClassVar[type[Folders]] = Folders
    places_type: ClassVar[type[Places]] = Places
    changes_type: ClassVar[type[MetadataChanges]] = MetadataChanges
    """How folders are kept and metadata changed, where a store does it in a way of its own."""

    _versions: BucketVersions
    """Set by the store's own backend."""

    def __init__(self, bucket: Bucket) -> None:
        self._bucket = bucket
        self._folders = self.folders_type(bucket)
        self._places = self.places_type(bucket, self._folders)
        self._files = Files(bucket, self._places, self._folders)
        self._abilities = self._helpers()

    def _helpers(self) -> dict[type, Any]:
        """The abilities that are objects of their own, by protocol."""
        changes = self.changes_type(self._bucket, self._places, self._folders)
        helpers: dict[type, Any] = {
            KeepsMetadata: UserMetadata(changes),
            KeepsAttributes: PosixAttributes(self._bucket, self._places, changes),
        }
        if self._bucket.keeps_attributes:
            links = Links(self._bucket, self._places, self._files)
            helpers |= {KeepsSymlinks: links, KeepsSpecialFiles: links}
            helpers[KeepsXattrs] = ExtendedAttributes(self._bucket, self._places, self._folders, changes)
        return helpers

    @property
    def capabilities(self) -> frozenset[Capability]:
        found = {
            Capability.ATOMIC_WRITE,
            Capability.CONDITIONAL_WRITE,
            Capability.USER_METADATA,
            Capability.WRITE_RESULT_NATIVE,
        }
        if self._bucket.keeps_attributes:
            found |= {Capability.POSIX_ATTRIBUTES, Capability.SYMLINKS}
        if self._versions.are_kept():
            found |= {Capability.VERSIONING, Capability.VERSION_LISTING, Capability.VERSION_ACCESS}
        return READING | WRITING | self.extra_capabilities | found

    def ability(self, wanted: type[AbilityT]) -> AbilityT | None:
        if wanted in {KeepsVersions, SweepsVersions}:
            return cast("AbilityT", self._versions) if self._versions.are_kept() else None
        return cast("AbilityT | None", self._abilities.get(wanted)) or super().ability(wanted)

    def check_key(self, key: str) -> None:
        self._bucket.keys.object_key(key)

    def stat(self, key: str) -> Entry:
        return self._places.stat(key)

    def list(self, key: str) -> Iterator[Entry]:
        return self._places.list(key)

    def sweep(self, key: str) -> Iterator[tuple[str, Entry]]:
        return self._places.sweep(key)

    def complete_entries(self, folder: str, entries: Sequence[Entry]) -> builtins.list[Entry]:
        return self._places.complete(folder, entries)

    def read(
        self,
        key: str,
        start: int = 0,
        end: int | None = None,
        *,
        version: str | None = None,
        if_match: str | None = None,
    ) -> Buffer:
        if version is not None and not self._versions.are_kept():
            raise CapabilityNotSupported("this bucket keeps no old versions", key)
        return self._files.read(key, start, end, version=version, if_match=if_match)

    def read_ranges(
        self, key: str, ranges: Sequence[tuple[int, int]], *, if_match: str | None = None
    ) -> builtins.list[Buffer]:
        return self._files.read_ranges(key, ranges, if_match)

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
        condition = Condition(absent=not overwrite, etag=if_match)
        return self._files.write(key, source, condition=condition, metadata=metadata, attributes=attributes)

    def begin_upload(
        self,
        key: str,
        *,
        metadata: Mapping[str, str] | None = None,
        attributes: Attributes | None = None,
    ) -> PartUpload:
        return self._files.begin_upload(key, metadata, attributes)

    def delete(self, key: str, *, if_match: str | None = None) -> None:
        self._files.delete(key, if_match=if_match)

    def delete_many(self, keys: Iterable[str]) -> None:
        self._files.delete_many(keys)

    def copy(self, source: str, target: str, *, overwrite: bool = True) -> WriteResult:
        return self._files.copy(source, target, overwrite=overwrite)

    def make_directory(self, key: str, *, attributes: Attributes | None = None) -> Entry:
        if key:
            self._places.object_key(key)
            self._places.refuse_below_file(key)
        return self._folders.make(key, attributes)

    def remove_directory(self, key: str) -> None:
        self._folders.remove(key)

    def content_hash(self, key: str) -> tuple[str, str] | None:
        return self._files.content_hash(key)

    def ping(self) -> None:
        self._bucket.ping()

    def space(self) -> SpaceUsage:
        return SpaceUsage(None, None)

    def close(self) -> None:
        self._bucket.close()
