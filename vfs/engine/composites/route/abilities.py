"""What a route can do besides the contract: acts on a file are those of the member that its key leads to."""

import hashlib
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from itertools import groupby, islice

from vfs.engine import paths
from vfs.engine.backend import (
    Buffer,
    ChecksHealth,
    CompletesEntries,
    Copies,
    DeletesMany,
    HashesContent,
    HasLocation,
    KeepsAttributes,
    KeepsMetadata,
    KeepsSpecialFiles,
    KeepsSymlinks,
    KeepsVersions,
    KeepsXattrs,
    PartLimits,
    PartUpload,
    ReadsBeginning,
    ReadsRanges,
    ReportsSpace,
    SignsUrls,
    SweepsTree,
    UploadsParts,
)
from vfs.engine.composites.route.attributes import FolderAttributes, FolderXattrs
from vfs.engine.composites.route.copying import RouteCopies
from vfs.engine.composites.route.members import Members
from vfs.engine.composites.route.moving import RouteMoves
from vfs.engine.entries import Attributes, Entry, SpaceUsage, Version, WriteResult
from vfs.engine.errors import AlreadyExists, InvalidPath, NotFound
from vfs.engine.histories import History, SweepsVersions
from vfs.engine.partial_moves import MovesSome

DELETED_AT_ONCE = 1000


class _OfMembers:
    def __init__(self, members: Members) -> None:
        self._members = members


class _ReadsBeginning(_OfMembers):
    def read_beginning(self, key: str, size: int) -> tuple[Entry, Buffer]:
        try:
            return self._members.able(key, ReadsBeginning).read_beginning(key, size)
        except NotFound:
            self._members.check_no_folder(key)
            raise


class _ReadsRanges(_OfMembers):
    def read_ranges(
        self, key: str, ranges: Sequence[tuple[int, int]], *, if_match: str | None = None
    ) -> list[Buffer]:
        return self._members.able(key, ReadsRanges).read_ranges(key, ranges, if_match=if_match)


class _HashesContent(_OfMembers):
    def content_hash(self, key: str) -> tuple[str, str] | None:
        return self._members.able(key, HashesContent).content_hash(key)


class _SignsUrls(_OfMembers):
    def url(self, key: str, expires_in: int = 3600) -> str:
        return self._members.able(key, SignsUrls).url(key, expires_in)


class _KeepsVersions(_OfMembers):
    def list_versions(self, key: str) -> list[Version]:
        return self._members.able(key, KeepsVersions).list_versions(key)

    def restore_version(self, key: str, version: str) -> WriteResult:
        return self._members.able(key, KeepsVersions).restore_version(key, version)

    def delete_version(self, key: str, version: str) -> None:
        self._members.able(key, KeepsVersions).delete_version(key, version)


class _SweepsVersions(_OfMembers):
    def sweep_versions(self, folder: str, *, deep: bool = False) -> Iterator[History]:
        """Each file's history comes from the member that its key leads to; the folders' keys are held."""
        folders: set[str] = set()
        for member in self._members.order(folder):
            sweeps = member.ability(SweepsVersions)
            assert sweeps is not None
            for history in sweeps.sweep_versions(folder, deep=deep):
                if not history.is_folder:
                    if self._members.of(history.key) is member:
                        yield history
                elif history.key not in folders:
                    folders.add(history.key)
                    yield history


class _SweepsTree(_OfMembers):
    def sweep(self, key: str) -> Iterator[tuple[str, Entry]]:
        """Folders come from the first member that has them; their keys are held while the sweep lasts."""
        if not self._members.stat(key).is_folder:
            # Of a file, the member itself says what is wrong.
            yield from self._members.able(key, SweepsTree).sweep(key)
            return
        folders: set[str] = set()
        for member in self._members.order(key):
            sweeps = member.ability(SweepsTree)
            assert sweeps is not None
            for below, entry in _swept(sweeps, key):
                if not entry.is_folder:
                    if self._members.of(below) is member:
                        yield below, entry
                elif below not in folders:
                    folders.add(below)
                    yield below, entry


def _swept(sweeps: SweepsTree, key: str) -> Iterator[tuple[str, Entry]]:
    """Nothing where the member has no such folder."""
    try:
        yield from sweeps.sweep(key)
    except NotFound:
        return


class _CompletesEntries(_OfMembers):
    def complete_entries(self, folder: str, entries: Sequence[Entry]) -> Sequence[Entry]:
        def owner(entry: Entry) -> int:
            return id(self._members.of(paths.join(folder, entry.name)))

        found: list[Entry] = []
        files = sorted((entry for entry in entries if not entry.is_folder), key=owner)
        for _, group in groupby(files, key=owner):
            of_one = list(group)
            completes = self._members.able(paths.join(folder, of_one[0].name), CompletesEntries)
            found += completes.complete_entries(folder, of_one)
        found += (self._whole(folder, entry) for entry in entries if entry.is_folder)
        return found

    def _whole(self, folder: str, entry: Entry) -> Entry:
        return entry if entry.complete else self._members.stat(paths.join(folder, entry.name))


class _DeletesMany(_OfMembers):
    def delete_many(self, keys: Iterable[str]) -> None:
        remaining = iter(keys)
        while batch := list(islice(remaining, DELETED_AT_ONCE)):
            for member in self._members.all:
                own = [key for key in batch if self._members.of(key) is member]
                if own:
                    self._members.able(own[0], DeletesMany).delete_many(own)


class _UploadsParts(_OfMembers):
    @property
    def part_limits(self) -> PartLimits:
        """What every member takes."""
        uploads = (member.ability(UploadsParts) for member in self._members.writable())
        limits = [each.part_limits for each in uploads if each is not None]
        smallest, largest = max(each.smallest for each in limits), min(each.largest for each in limits)
        preferred = min(max(smallest, *(each.preferred for each in limits)), largest)
        return PartLimits(smallest, preferred, largest, min(each.max_parts for each in limits))

    def begin_upload(
        self,
        key: str,
        *,
        metadata: Mapping[str, str] | None = None,
        attributes: Attributes | None = None,
    ) -> PartUpload:
        self._members.check_free_for_file(key)
        uploads = self._members.able(key, UploadsParts)
        return uploads.begin_upload(key, metadata=metadata, attributes=attributes)


class _KeepsMetadata(_OfMembers):
    def set_metadata(self, key: str, metadata: Mapping[str, str]) -> Entry:
        try:
            return self._members.able(key, KeepsMetadata).set_metadata(key, metadata)
        except NotFound:
            self._members.check_no_folder(key)
            raise


class _KeepsSymlinks(_OfMembers):
    def make_symlink(self, key: str, target: str, *, attributes: Attributes | None = None) -> Entry:
        _check_free(self._members, key)
        return self._members.able(key, KeepsSymlinks).make_symlink(key, target, attributes=attributes)

    def read_symlink(self, key: str) -> str:
        try:
            return self._members.able(key, KeepsSymlinks).read_symlink(key)
        except NotFound:
            if self._members.folder_elsewhere(key, self._members.of(key)) is None:
                raise
            raise InvalidPath("is no symlink", key) from None


class _KeepsSpecialFiles(_OfMembers):
    def make_special(self, key: str, mode: int, rdev: int, *, attributes: Attributes | None = None) -> Entry:
        _check_free(self._members, key)
        specials = self._members.able(key, KeepsSpecialFiles)
        return specials.make_special(key, mode, rdev, attributes=attributes)


def _check_free(members: Members, key: str) -> None:
    if members.folder_elsewhere(key, members.of(key)) is not None:
        raise AlreadyExists(path=key)
    members.check_way(key)


class _ChecksHealth(_OfMembers):
    def ping(self) -> None:
        for member in self._members.all:
            checks = member.ability(ChecksHealth)
            if checks is not None:
                checks.ping()


class _HasLocation(_OfMembers):
    @property
    def location(self) -> str:
        places = [member.ability(HasLocation) for member in self._members.all]
        told = "\n".join([*(place.location for place in places if place), *self._members.patterns])
        return f"route:{hashlib.sha256(told.encode(errors='surrogateescape')).hexdigest()}"


class _ReportsSpace(_OfMembers):
    def space(self) -> SpaceUsage:
        """That of the default's store: the others are for some files only."""
        reports = self._members.default.ability(ReportsSpace)
        return SpaceUsage(None, None) if reports is None else reports.space()


OF_ALL: frozenset[type] = frozenset(
    {
        CompletesEntries,
        HasLocation,
        HashesContent,
        KeepsVersions,
        ReadsBeginning,
        ReadsRanges,
        SignsUrls,
        SweepsTree,
        SweepsVersions,
    }
)
"""Abilities that are there when every member has them."""

OF_WRITABLE: frozenset[type] = frozenset(
    {
        DeletesMany,
        KeepsAttributes,
        KeepsMetadata,
        KeepsSpecialFiles,
        KeepsSymlinks,
        KeepsXattrs,
        UploadsParts,
    }
)
"""Abilities that are there when every member has them that can be written at all."""

COMPOSED: Mapping[type, Callable[[Members], object]] = {
    ChecksHealth: _ChecksHealth,
    CompletesEntries: _CompletesEntries,
    Copies: RouteCopies,
    DeletesMany: _DeletesMany,
    HasLocation: _HasLocation,
    HashesContent: _HashesContent,
    KeepsAttributes: FolderAttributes,
    KeepsMetadata: _KeepsMetadata,
    KeepsSpecialFiles: _KeepsSpecialFiles,
    KeepsSymlinks: _KeepsSymlinks,
    KeepsVersions: _KeepsVersions,
    KeepsXattrs: FolderXattrs,
    MovesSome: RouteMoves,
    ReadsBeginning: _ReadsBeginning,
    ReadsRanges: _ReadsRanges,
    ReportsSpace: _ReportsSpace,
    SignsUrls: _SignsUrls,
    SweepsTree: _SweepsTree,
    SweepsVersions: _SweepsVersions,
    UploadsParts: _UploadsParts,
}
"""All that a route may have; those in neither set above are there wherever something can be written."""
