"""What a mirror can do besides the contract: what all of its members can, carried to all, told by one."""

import errno
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from contextlib import suppress
from dataclasses import replace
from itertools import islice
from typing import Any

from vfs.engine import paths
from vfs.engine.backend import (
    AbilityT,
    Buffer,
    CompletesEntries,
    Copies,
    DeletesMany,
    HasLocation,
    KeepsAttributes,
    KeepsMetadata,
    KeepsSpecialFiles,
    KeepsSymlinks,
    KeepsXattrs,
    Moves,
    ReadsBeginning,
    ReadsRanges,
    ReportsSpace,
    SweepsTree,
)
from vfs.engine.composites.mirror.changing import Change, Changes
from vfs.engine.composites.mirror.lag import Due, Mark, Standing
from vfs.engine.composites.mirror.looking import stat, walk
from vfs.engine.composites.mirror.members import Member, Members
from vfs.engine.entries import Attributes, Entry, SpaceUsage, WriteResult
from vfs.engine.errors import NotFound
from vfs.engine.layers.intercepted_abilities import begun

DELETED_AT_ONCE = 500


def able(member: Member, wanted: type[AbilityT]) -> AbilityT:
    """The member as what every member is; abilities are composed only where all have them."""
    found = member.backend.ability(wanted)
    assert found is not None, "asked of all members before"
    return found


class _Composed:
    def __init__(self, members: Members, changes: Changes) -> None:
        self._members = members
        self._changes = changes


class _Copies(_Composed):
    def copy(self, source: str, target: str, *, overwrite: bool = True) -> WriteResult:
        return self._changes.make(
            Change(
                (Mark(target, Due.FILE),),
                lead=lambda member: able(member, Copies).copy(source, target, overwrite=overwrite),
                follow=lambda member: able(member, Copies).copy(source, target),
                needs=(source,),
            )
        )


class _Moves(_Composed):
    def move(self, source: str, target: str, *, overwrite: bool = True, exchange: bool = False) -> None:
        moved = stat(self._members, source)
        replaced = stat(self._members, target) if exchange else None
        marks = (
            Mark(source, _due(replaced), _is_folder(moved) or _is_folder(replaced)),
            Mark(target, _due(moved), _is_folder(moved) or _is_folder(replaced)),
        )
        self._changes.make(
            Change(
                marks,
                lead=lambda member: able(member, Moves).move(
                    source, target, overwrite=overwrite, exchange=exchange
                ),
                follow=lambda member: able(member, Moves).move(source, target, exchange=exchange),
                is_of_folder=True,
            )
        )


class _ReadsBeginning(_Composed):
    def read_beginning(self, key: str, size: int) -> tuple[Entry, Buffer]:
        def question(member: Member, _: Standing) -> tuple[Entry, Buffer]:
            entry, beginning = able(member, ReadsBeginning).read_beginning(key, size)
            return self._members.told(key, member, entry), beginning

        return self._members.ask(key, question)


class _ReadsRanges(_Composed):
    def read_ranges(
        self, key: str, ranges: Sequence[tuple[int, int]], *, if_match: str | None = None
    ) -> list[Buffer]:
        return self._members.ask(
            key,
            lambda member, _: able(member, ReadsRanges).read_ranges(
                key, ranges, if_match=self._members.etag_at(key, if_match, member)
            ),
            first=lambda member: self._members.knows(key, if_match, member),
        )


class _DeletesMany(_Composed):
    def delete_many(self, keys: Iterable[str]) -> None:
        remaining = iter(keys)
        while batch := tuple(islice(remaining, DELETED_AT_ONCE)):

            def delete(member: Member, batch: tuple[str, ...] = batch) -> None:
                able(member, DeletesMany).delete_many(batch)

            marks = tuple(Mark(key, Due.GONE) for key in batch)
            self._changes.make(Change(marks, lead=delete, follow=delete, settles=True))


class _KeepsMetadata(_Composed):
    def set_metadata(self, key: str, metadata: Mapping[str, str]) -> Entry:
        def change(member: Member) -> Entry:
            return able(member, KeepsMetadata).set_metadata(key, metadata)

        return self._changes.make(Change((Mark(key, Due.SAME),), lead=change, follow=change))


class _KeepsAttributes(_Composed):
    def set_attributes(self, key: str, change: Attributes) -> Entry:
        def set_there(member: Member) -> Entry:
            return able(member, KeepsAttributes).set_attributes(key, change)

        return self._changes.make(Change((Mark(key, Due.SAME),), lead=set_there, follow=set_there))


class _KeepsSymlinks(_Composed):
    def make_symlink(self, key: str, target: str, *, attributes: Attributes | None = None) -> Entry:
        def make(member: Member) -> Entry:
            return able(member, KeepsSymlinks).make_symlink(key, target, attributes=attributes)

        return self._changes.make(Change((Mark(key, Due.SYMLINK),), lead=make, follow=make))

    def read_symlink(self, key: str) -> str:
        return self._members.ask(key, lambda member, _: able(member, KeepsSymlinks).read_symlink(key))


class _KeepsSpecialFiles(_Composed):
    def make_special(self, key: str, mode: int, rdev: int, *, attributes: Attributes | None = None) -> Entry:
        def make(member: Member) -> Entry:
            return able(member, KeepsSpecialFiles).make_special(key, mode, rdev, attributes=attributes)

        return self._changes.make(Change((Mark(key, Due.SPECIAL),), lead=make, follow=make))


class _KeepsXattrs(_Composed):
    def get_xattr(self, key: str, name: str) -> bytes:
        return self._members.ask(key, lambda member, _: able(member, KeepsXattrs).get_xattr(key, name))

    def list_xattrs(self, key: str) -> list[str]:
        return self._members.ask(key, lambda member, _: able(member, KeepsXattrs).list_xattrs(key))

    def set_xattr(
        self, key: str, name: str, value: bytes, *, create: bool = False, replace: bool = False
    ) -> None:
        self._changes.make(
            Change(
                (Mark(key, Due.SAME),),
                lead=lambda member: able(member, KeepsXattrs).set_xattr(
                    key, name, value, create=create, replace=replace
                ),
                follow=lambda member: able(member, KeepsXattrs).set_xattr(key, name, value),
            )
        )

    def remove_xattr(self, key: str, name: str) -> None:
        def follow(member: Member) -> None:
            try:
                able(member, KeepsXattrs).remove_xattr(key, name)
            except NotFound as error:
                if error.errno != errno.ENODATA:
                    raise

        self._changes.make(
            Change(
                (Mark(key, Due.SAME),),
                lead=lambda member: able(member, KeepsXattrs).remove_xattr(key, name),
                follow=follow,
            )
        )


class _SweepsTree(_Composed):
    def sweep(self, key: str) -> Iterator[tuple[str, Entry]]:
        """In one sweep by a member that lacks nothing below; else folder by folder."""

        def question(member: Member, standing: Standing) -> Iterator[tuple[str, Entry]]:
            if standing is not Standing.CURRENT:
                return walk(self._members, key)
            swept = begun(able(member, SweepsTree).sweep(key))
            return ((found, self._members.told(found, member, entry)) for found, entry in swept)

        return self._members.ask(key, question)


class _CompletesEntries(_Composed):
    def complete_entries(self, folder: str, entries: Sequence[Entry]) -> Sequence[Entry]:
        wanted = [entry for entry in entries if not entry.complete]
        completed = self._members.ask(folder, lambda *found: self._completed(folder, wanted, *found))
        by_name = {entry.name: entry for entry in completed}
        found = (entry if entry.complete else by_name.get(entry.name) for entry in entries)
        return [entry for entry in found if entry is not None]

    def _completed(
        self, folder: str, entries: Sequence[Entry], member: Member, standing: Standing
    ) -> Sequence[Entry]:
        completes = member.backend.ability(CompletesEntries)
        if completes is None or standing is Standing.PARTIAL:
            return list(self._asked_for(folder, entries))
        keys = {entry.name: paths.join(folder, entry.name) for entry in entries}
        stored = [
            replace(entry, etag=self._members.etag_at(keys[entry.name], entry.etag, member))
            for entry in entries
        ]
        completed = completes.complete_entries(folder, stored)
        return [self._members.told(keys[entry.name], member, entry) for entry in completed]

    def _asked_for(self, folder: str, entries: Sequence[Entry]) -> Iterator[Entry]:
        """One by one: the listing was another member's, which cannot be asked now."""
        for entry in entries:
            with suppress(NotFound):
                yield stat(self._members, paths.join(folder, entry.name))


class _HasLocation(_Composed):
    @property
    def location(self) -> str:
        return f"mirror:{'|'.join(able(member, HasLocation).location for member in self._members)}"


class _ReportsSpace(_Composed):
    def space(self) -> SpaceUsage:
        """What fits into every member."""
        found = [able(member, ReportsSpace).space() for member in self._members]
        return SpaceUsage(
            _least(usage.total_bytes for usage in found),
            _least(usage.free_bytes for usage in found),
            _least(usage.total_files for usage in found),
            _least(usage.free_files for usage in found),
        )


def _least(numbers: Iterable[int | None]) -> int | None:
    return min((number for number in numbers if number is not None), default=None)


def _due(entry: Entry | None) -> Due:
    return Due.GONE if entry is None else Due(entry.kind.value)


def _is_folder(entry: Entry | None) -> bool:
    return entry is not None and entry.is_folder


COMPOSED: Mapping[type, Callable[[Members, Changes], Any]] = {
    CompletesEntries: _CompletesEntries,
    Copies: _Copies,
    DeletesMany: _DeletesMany,
    HasLocation: _HasLocation,
    KeepsAttributes: _KeepsAttributes,
    KeepsMetadata: _KeepsMetadata,
    KeepsSpecialFiles: _KeepsSpecialFiles,
    KeepsSymlinks: _KeepsSymlinks,
    KeepsXattrs: _KeepsXattrs,
    Moves: _Moves,
    ReadsBeginning: _ReadsBeginning,
    ReadsRanges: _ReadsRanges,
    ReportsSpace: _ReportsSpace,
    SweepsTree: _SweepsTree,
}
"""What stands for each ability that all members have."""

OF_ANY = frozenset({CompletesEntries})
"""Abilities that a mirror has when one member has them."""
