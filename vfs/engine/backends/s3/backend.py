"""The `s3` backend: one bucket, or a prefix in it, as a tree of files."""

import builtins
from collections.abc import Iterable, Iterator, Mapping, Sequence
from typing import Any, cast

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
from vfs.engine.backends.objects.stored import Condition
from vfs.engine.backends.s3.connection import Connection
from vfs.engine.backends.s3.files import Files
from vfs.engine.backends.s3.folders import Folders
from vfs.engine.backends.s3.options import S3Options
from vfs.engine.backends.s3.originals import Originals
from vfs.engine.backends.s3.parts import LARGEST_OBJECT, MAX_PARTS, part_limits
from vfs.engine.backends.s3.places import Places
from vfs.engine.backends.s3.posix import (
    ExtendedAttributes,
    Links,
    MetadataChanges,
    PosixAttributes,
    UserMetadata,
)
from vfs.engine.backends.s3.versions import Versions
from vfs.engine.capabilities import READING, WRITING, Capability
from vfs.engine.entries import Attributes, Entry, SpaceUsage, WriteResult
from vfs.engine.errors import CapabilityNotSupported
from vfs.engine.originals import CopiesFrom, TellsOriginal


class S3Backend(Backend):
    """A bucket of S3, or of anything that speaks its protocol.

    It keeps the contract but for one rule. S3 knows no folders, so that nothing in it stops a file `a/b`
    below a file `a`, or a file where a folder is. Such a write is refused when we have seen what is there;
    to ask before each write would double its price. Where both stand in a bucket, the file is shown.
    """

    is_remote = True

    def __init__(self, options: S3Options) -> None:
        self.location = f"s3://{options.bucket}/{options.prefix}?at={options.endpoint_url or 'aws'}"
        self._connection = Connection(options)
        self._folders = Folders(self._connection)
        self._places = Places(self._connection, self._folders)
        self._files = Files(self._connection, self._places, self._folders)
        self._versions = Versions(self._connection, self._places, self._files)
        self._abilities = self._helpers()
        self.part_limits = part_limits(options.part_size)
        self.largest_file = min(LARGEST_OBJECT, options.part_size * MAX_PARTS)

    def _helpers(self) -> dict[type, Any]:
        """The abilities that are objects of their own, by protocol."""
        changes = MetadataChanges(self._connection, self._places, self._folders)
        helpers: dict[type, Any] = {
            KeepsMetadata: UserMetadata(changes),
            KeepsAttributes: PosixAttributes(self._connection, self._places, changes),
        }
        originals = Originals(self._connection, self._places, self._files)
        helpers |= {TellsOriginal: originals, CopiesFrom: originals}
        if self._connection.keeps_attributes:
            links = Links(self._connection, self._places, self._files)
            helpers |= {KeepsSymlinks: links, KeepsSpecialFiles: links}
            helpers[KeepsXattrs] = ExtendedAttributes(self._connection, self._places, self._folders, changes)
        return helpers

    @property
    def capabilities(self) -> frozenset[Capability]:
        found = {
            Capability.ATOMIC_WRITE,
            Capability.CONDITIONAL_WRITE,
            Capability.PARTIAL_UPDATE,
            Capability.PRESIGNED_URLS,
            Capability.USER_METADATA,
            Capability.WRITE_RESULT_NATIVE,
        }
        if self._connection.keeps_attributes:
            found |= {Capability.POSIX_ATTRIBUTES, Capability.SYMLINKS}
        if self._versions.are_kept():
            found |= {Capability.VERSIONING, Capability.VERSION_LISTING, Capability.VERSION_ACCESS}
        return READING | WRITING | found

    def ability(self, wanted: type[AbilityT]) -> AbilityT | None:
        if wanted is KeepsVersions:
            return cast("AbilityT", self._versions) if self._versions.are_kept() else None
        return cast("AbilityT | None", self._abilities.get(wanted)) or super().ability(wanted)

    def check_key(self, key: str) -> None:
        self._connection.keys.object_key(key)

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

    def read_beginning(self, key: str, size: int) -> tuple[Entry, Buffer]:
        return self._files.read_beginning(key, size)

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

    def url(self, key: str, expires_in: int = 3600) -> str:
        return self._connection.calls.presigned(self._places.object_key(key), key, expires_in)

    def content_hash(self, key: str) -> tuple[str, str] | None:
        return self._files.content_hash(key)

    def ping(self) -> None:
        """One listing of one key, not tried again: whoever mounts wants to know now."""
        prefix = self._connection.keys.marker_key("")
        deadline = self._connection.options.timeout
        self._connection.listing.page(prefix, "", limit=1, deadline=deadline)

    def space(self) -> SpaceUsage:
        return SpaceUsage(None, None)

    def close(self) -> None:
        self._connection.close()
