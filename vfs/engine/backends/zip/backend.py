"""ZipBackend: files, folders, symlinks and their attributes as the members of one archive."""

import builtins
import os
import zipfile
from collections.abc import Iterable, Iterator, Mapping
from typing import Annotated, Literal

from pydantic import AliasChoices, BaseModel, Field

from vfs.engine import paths
from vfs.engine.backend import Backend, Buffer, Source
from vfs.engine.backends.zip.archive_file import ArchiveFile
from vfs.engine.backends.zip.changes import Changes
from vfs.engine.backends.zip.content import ContentReader
from vfs.engine.backends.zip.writing import Packed
from vfs.engine.capabilities import READING, WRITING, Capability
from vfs.engine.entries import Attributes, Entry, EntryKind, SpaceUsage, WriteResult
from vfs.engine.errors import AlreadyExists, CapabilityNotSupported, Conflict
from vfs.engine.option_types import LocalPath, Size


class ZipOptions(BaseModel, frozen=True, extra="forbid", populate_by_name=True):
    """Which archive, made if it is missing, and what is refused of archives that mean ill."""

    path: LocalPath = Field(validation_alias=AliasChoices("path", "file"))
    mode: Literal["r", "a", "w"] = "a"
    """As other configurations write it: `r` makes the mount read-only, the others are the same."""
    compression: Literal["deflate", "store"] = "deflate"
    """Of files written from now on."""
    encoding: str | None = None
    """Of names that the archive does not mark as UTF-8; cp437, as the format says, unless given."""
    size_limit: Size = 1 << 40
    """Bytes that a member may claim to be; a bigger one cannot be read."""
    ratio_limit: Annotated[int, Field(ge=1)] = 1100
    """How often bigger than packed a member may claim to be: by default just what deflate can reach."""
    members_limit: Annotated[int, Field(ge=1)] = 1_000_000
    """An archive of more members is refused: its directory is held in memory."""


class ZipBackend(Backend):
    """A tree in one ZIP archive.

    Every change writes the archive anew beside the old one and takes its place in one rename: readers,
    also other programs, see one or the other. That costs a copy of the archive (inside the kernel, nothing
    is unpacked), whatever is changed. Several processes may change one archive; a change made by another
    program is seen by the next call.
    """

    def __init__(self, options: ZipOptions) -> None:
        self._file = ArchiveFile(str(options.path), options.encoding, options.members_limit)
        self._content = ContentReader(options.size_limit, options.ratio_limit)
        self._method = zipfile.ZIP_DEFLATED if options.compression == "deflate" else zipfile.ZIP_STORED
        self.location = f"zip://{self._file.path}"

    @property
    def capabilities(self) -> frozenset[Capability]:
        kept = {Capability.POSIX_ATTRIBUTES, Capability.SYMLINKS, Capability.ATOMIC_MOVE}
        if not self._file.is_writable:
            return READING | kept | {Capability.READONLY}
        return (READING | WRITING | kept) | {
            Capability.ATOMIC_WRITE,
            Capability.CONDITIONAL_WRITE,
            Capability.WRITE_RESULT_NATIVE,
        }

    def stat(self, key: str) -> Entry:
        paths.check_key(key)
        return self._file.current().tree.existing(key)

    def list(self, key: str) -> Iterator[Entry]:
        paths.check_key(key)
        tree = self._file.current().tree
        return (tree.existing(paths.join(key, name)) for name in tree.names(key))

    def sweep(self, key: str) -> Iterator[tuple[str, Entry]]:
        paths.check_key(key)
        tree = self._file.current().tree
        tree.names(key)
        return tree.below(key)

    def read(
        self,
        key: str,
        start: int = 0,
        end: int | None = None,
        *,
        version: str | None = None,
        if_match: str | None = None,
    ) -> Buffer:
        paths.check_key(key)
        archive = self._file.current()
        member = archive.tree.file(key)
        if version is not None:
            raise CapabilityNotSupported("a ZIP archive keeps no old versions", key)
        if if_match is not None and member.etag != if_match:
            raise Conflict("the file is another one now", key)
        with self._file.translated(key):
            return self._content.read(archive, member, start, end)

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
        paths.check_key(key)
        Changes(self._file.current().tree).check_writable(key, overwrite, if_match)
        if metadata:
            raise CapabilityNotSupported("a ZIP archive keeps no user metadata", key)
        with Packed(self._file.folder) as packed:
            member = packed.fill(key, EntryKind.FILE, source, attributes or Attributes(), self._method)
            self._file.change(key, lambda changes: changes.put_file(key, member, overwrite, if_match))
        return WriteResult(key, member.size, member.etag, mtime_ns=member.entry().mtime_ns)

    def copy(self, source: str, target: str, *, overwrite: bool = True) -> WriteResult:
        paths.check_key(source)
        paths.check_key(target)
        member = self._file.change(source, lambda changes: changes.copy(source, target, overwrite))
        return WriteResult(target, member.size, member.etag, mtime_ns=member.entry().mtime_ns)

    def delete(self, key: str, *, if_match: str | None = None) -> None:
        paths.check_key(key)
        with Packed(self._file.folder) as packed:
            self._file.change(key, lambda changes: changes.delete(key, if_match, packed))

    def delete_many(self, keys: Iterable[str]) -> None:
        wanted = builtins.list(keys)
        for key in wanted:
            paths.check_key(key)
        with Packed(self._file.folder) as packed:
            self._file.change("", lambda changes: changes.delete_many(wanted, packed))

    def make_directory(self, key: str, *, attributes: Attributes | None = None) -> Entry:
        return self._make(key, EntryKind.FOLDER, b"", attributes)

    def remove_directory(self, key: str) -> None:
        paths.check_key(key)
        with Packed(self._file.folder) as packed:
            self._file.change(key, lambda changes: changes.remove_directory(key, packed))

    def move(self, source: str, target: str, *, overwrite: bool = True, exchange: bool = False) -> None:
        paths.check_key(source)
        with Packed(self._file.folder) as packed:
            if exchange:
                self._file.change(source, lambda changes: changes.exchange(source, target))
            else:
                self._file.change(source, lambda changes: changes.move(source, target, overwrite, packed))

    def make_symlink(self, key: str, target: str, *, attributes: Attributes | None = None) -> Entry:
        return self._make(key, EntryKind.SYMLINK, paths.target_bytes(target, key), attributes)

    def read_symlink(self, key: str) -> str:
        paths.check_key(key)
        archive = self._file.current()
        member = archive.tree.symlink(key)
        with self._file.translated(key):
            return os.fsdecode(bytes(self._content.read(archive, member, 0, paths.MAX_KEY_BYTES)))

    def set_attributes(self, key: str, change: Attributes) -> Entry:
        paths.check_key(key)
        with Packed(self._file.folder) as packed:
            return self._file.change(key, lambda changes: changes.set_attributes(key, change, packed))

    def space(self) -> SpaceUsage:
        with self._file.translated(""):
            usage = os.statvfs(self._file.folder)
        return SpaceUsage(usage.f_blocks * usage.f_frsize, usage.f_bavail * usage.f_frsize)

    def ping(self) -> None:
        self._file.current()

    def close(self) -> None:
        self._file.close()
        self._content.close()

    def _make(self, key: str, kind: EntryKind, content: bytes, attributes: Attributes | None) -> Entry:
        paths.check_key(key)
        if self._file.current().tree.find(key) is not None:
            raise AlreadyExists(path=key)
        with Packed(self._file.folder) as packed:
            member = packed.fill(key, kind, content, attributes or Attributes(), zipfile.ZIP_STORED)
            return self._file.change(key, lambda changes: changes.make(key, member))
