"""The folders and files below `.versions`: entries, listings and bytes."""

import time
from collections.abc import Callable, Iterator, Set
from dataclasses import dataclass
from itertools import chain, islice
from typing import TypeVar

from vfs.engine import paths
from vfs.engine.backend import Backend, Buffer, KeepsVersions
from vfs.engine.entries import NO_XATTRS, Entry, EntryKind, Version
from vfs.engine.errors import Conflict, IsADirectory, NotADirectory, NotFound
from vfs.engine.layers.versions_dir import names
from vfs.engine.layers.versions_dir.changes import Changes
from vfs.engine.layers.versions_dir.moments import Moments
from vfs.engine.layers.versions_dir.names import NamedVersion
from vfs.engine.layers.versions_dir.places import PastKind, PastPlace, deleted_name, past_place, shown_name
from vfs.engine.layers.versions_dir.remembered import Histories

BELIEVED = 5.0
"""Seconds for which a file's list of versions is believed, unless it is changed through here."""


ItemT = TypeVar("ItemT")


@dataclass(frozen=True, slots=True)
class Kept:
    """One version, and the file that it is of."""

    key: str
    version: Version


class Past:
    """All keys given here are below a `.versions`. Thread-safe."""

    def __init__(
        self,
        inner: Backend,
        keeps: KeepsVersions,
        *,
        believed: float = BELIEVED,
        now: Callable[[], float] = time.time,
        clock: Callable[[], float] = time.monotonic,
    ) -> None:
        self._inner = inner
        self.histories = Histories(inner, keeps, believed, clock)
        self._moments = Moments(now, clock)
        self._changes = Changes(inner)

    def stat(self, key: str) -> Entry:
        place = past_place(key)
        name = paths.name_of(key)
        match place.kind:
            case PastKind.HISTORIES:
                self._check_folder(place.key, key)
                return _folder(name)
            case PastKind.DELETED:
                self._check_gone(place.key, key)
                if not self._held_anything(place.key):
                    self._check_beside(place.key, key)
                return _folder(name)
            case PastKind.HISTORY | PastKind.CHANGES:
                found = self._contents(place, key)
                return _folder(name, found[-1].version.mtime_ns)
            case PastKind.CHANGE:
                return self._change_entry(place, key)
            case _:
                kept = self.kept(key)
                return _folder(name) if kept is None else _file(name, kept.version)

    def entries(self, key: str) -> Iterator[Entry]:
        """Those of a folder, lazily. Raises NotFound, NotADirectory."""
        place = past_place(key)
        match place.kind:
            case PastKind.HISTORIES:
                return _begun(self._all_histories(place.key), lambda: self._check_folder(place.key, key))
            case PastKind.DELETED:
                self._check_gone(place.key, key)
                held = self._all_histories(place.key, present=frozenset())
                return _begun(held, lambda: self._check_beside(place.key, key))
            case PastKind.HISTORY:
                return self._versions(place, key)
            case PastKind.CHANGES:
                return self._change_files(place, key)
            case PastKind.MOMENT:
                return self._of_folder(key, self._folder_at(place, key))
        self.stat(key)
        raise NotADirectory(path=key)

    def read(
        self, key: str, start: int = 0, end: int | None = None, *, if_match: str | None = None
    ) -> Buffer:
        place = past_place(key)
        if place.kind is PastKind.CHANGE:
            entry, data = self._change(place, key)
            _check(entry, if_match, key)
            return data[start:end]
        kept = self._of_file(key)
        _check(_file("", kept.version), if_match, key)
        return self._inner.read(kept.key, start, end, version=kept.version.id)

    def read_beginning(self, key: str, size: int) -> tuple[Entry, Buffer]:
        entry = self.file(key)
        return entry, self.read(key, 0, size, if_match=entry.etag)

    def file(self, key: str) -> Entry:
        """The entry of a file. Raises NotFound, IsADirectory."""
        entry = self.stat(key)
        if entry.is_folder:
            raise IsADirectory(path=key)
        return entry

    def sweep(self, key: str) -> Iterator[tuple[str, Entry]]:
        """All below a folder; of one as it was, in one sweep of versions."""
        place = past_place(key)
        if place.kind is PastKind.MOMENT:
            yield from self._of_folder(key, self._tree_at(place, key))
            return
        for entry in self.entries(key):
            below = paths.join(key, entry.name)
            yield below, entry
            if entry.is_folder:
                yield from self.sweep(below)

    def kept(self, key: str) -> Kept | None:
        """The version that is at a key; None for a folder as it was. Raises NotFound, IsADirectory."""
        place = past_place(key)
        if place.kind is PastKind.VERSION:
            found = self._contents(place, key)
            suffix = names.suffix_of(paths.name_of(place.key))
            at = names.find(found, place.name.removesuffix(suffix)) if place.name.endswith(suffix) else None
            if at is None:
                raise NotFound(f"there is no such version of {place.key}", key)
            return Kept(place.key, found[at].version)
        if place.kind is not PastKind.MOMENT:
            raise NotFound(path=key)
        return self._at_moment(place, key)

    def kept_or_none(self, key: str) -> Kept | None:
        """The version that is at a key; None for everything else that is there."""
        return self.kept(key) if past_place(key).kind in {PastKind.VERSION, PastKind.MOMENT} else None

    def _of_file(self, key: str) -> Kept:
        kept = self.kept_or_none(key)
        if kept is not None:
            return kept
        self.stat(key)
        raise IsADirectory(path=key)

    def _at_moment(self, place: PastPlace, key: str) -> Kept | None:
        moment = self._moment(place, key)
        if place.is_top:
            self._check_folder(place.key, key)
            return None
        version = self.histories.at(place.key, moment)
        if version is not None:
            return Kept(place.key, version)
        if not self.histories.held_files(place.key, moment):
            raise NotFound(f"it was not there at {place.name}", key)
        return None

    def _moment(self, place: PastPlace, key: str) -> int:
        moment = self._moments.nanoseconds(place.name)
        if moment is None:
            raise NotFound(f"{place.name} is no moment", key)
        return moment

    def _check_folder(self, folder: str, key: str) -> None:
        """Raises NotFound unless the folder is there or held something once, NotADirectory for a file."""
        if not folder:
            return
        entry = self._standing(folder)
        if (entry is None or not entry.is_folder) and not self._held_anything(folder):
            raise NotFound(path=key) if entry is None else NotADirectory(path=key)

    def _check_gone(self, folder: str, key: str) -> None:
        """Raises NotFound for a folder that is there."""
        entry = self._standing(folder)
        if entry is not None and entry.is_folder:
            raise NotFound(f"the folder is there: see {paths.join(folder, names.FOLDER)}", key)

    def _check_beside(self, folder: str, key: str) -> None:
        """Raises NotFound unless the past of the folder above tells of this one, which held nothing."""
        beside = self.histories.inside(paths.parent(folder))
        if not any(history.is_folder and history.key == folder for history in beside):
            raise NotFound(path=key)

    def _standing(self, place: str) -> Entry | None:
        try:
            return self._inner.stat(place)
        except NotFound:
            return None

    def _held_anything(self, folder: str) -> bool:
        return next(self.histories.inside(folder), None) is not None

    def _contents(self, place: PastPlace, key: str) -> list[NamedVersion]:
        found = names.named(self.histories.of(place.key))
        if not found or (len(found) < 2 and place.kind in {PastKind.CHANGES, PastKind.CHANGE}):
            raise NotFound(path=key)
        return found

    # Listings

    def _all_histories(self, folder: str, present: Set[str] | None = None) -> Iterator[Entry]:
        """The histories of files, and the deleted folders: those that are not `present`.

        Which are, one listing tells, and only where the folder has or had folders.
        """
        for history in self.histories.inside(folder):
            name = paths.name_of(history.key)
            if history.is_folder:
                present = self.histories.folders_now(folder) if present is None else present
                shown = None if name in present else deleted_name(name)
                if shown is not None:
                    yield _folder(shown)
                continue
            times = [version.mtime_ns for version in history.versions if not version.is_delete_marker]
            if times:
                yield _folder(shown_name(name), times[-1])

    def _versions(self, place: PastPlace, key: str) -> Iterator[Entry]:
        found = self._contents(place, key)
        suffix = names.suffix_of(paths.name_of(place.key))
        for candidate in found:
            yield _file(f"{candidate.stem}{suffix}", candidate.version)
        if len(found) > 1:
            yield _folder(names.CHANGES, found[-1].version.mtime_ns)

    def _folder_at(self, place: PastPlace, key: str) -> Iterator[Entry]:
        for below, version in self.histories.folders_at(place.key, self._moment(place, key)):
            name = paths.name_of(below)
            yield _folder(name) if version is None else _file(name, version)

    def _tree_at(self, place: PastPlace, key: str) -> Iterator[tuple[str, Entry]]:
        moment = self._moment(place, key)
        for below, version in self.histories.files_at(place.key, moment, deep=True):
            inside = below[len(place.key) + 1 :] if place.key else below
            yield paths.join(key, inside), _file(paths.name_of(below), version)

    def _of_folder(self, key: str, found: Iterator[ItemT]) -> Iterator[ItemT]:
        """What was in a folder at a moment; only where nothing was, a look tells whether it was there."""

        def check() -> None:
            if self.kept(key) is not None:
                raise NotADirectory(path=key)

        return _begun(found, check)

    def _change_files(self, place: PastPlace, key: str) -> Iterator[Entry]:
        """Sizes are told by `stat`: that is when versions are compared."""
        for candidate in self._contents(place, key)[1:]:
            name = f"{candidate.stem}{names.CHANGE_SUFFIX}"
            yield Entry(name, EntryKind.FILE, mtime_ns=candidate.version.mtime_ns, mode=0o444, complete=False)

    # Changes

    def _change_entry(self, place: PastPlace, key: str) -> Entry:
        return self._change(place, key)[0]

    def _change(self, place: PastPlace, key: str) -> tuple[Entry, bytes]:
        pair = names.find_pair(self._contents(place, key), place.name)
        if pair is None:
            raise NotFound(f"there are no such versions of {place.key}", key)
        old, new = pair
        data = self._changes.between(place.key, old, new)
        etag = f'"{names.identity_of_stem(old.stem)}{names.BETWEEN}{names.identity_of_stem(new.stem)}"'
        return _shown_file(paths.name_of(key), len(data), new.version.mtime_ns, etag), data


def _begun(found: Iterator[ItemT], check: Callable[[], None]) -> Iterator[ItemT]:
    """The same, begun, so that what it raises is raised now; `check` is called where there is nothing."""
    first = list(islice(found, 1))
    if not first:
        check()
    return chain(first, found)


def _check(entry: Entry, if_match: str | None, key: str) -> None:
    if if_match not in {None, entry.etag}:
        raise Conflict("another version stands there now", key)


def _folder(name: str, mtime_ns: int | None = None) -> Entry:
    return Entry(name, EntryKind.FOLDER, mtime_ns=mtime_ns, mode=0o555, xattrs=NO_XATTRS)


def _file(name: str, version: Version) -> Entry:
    return _shown_file(name, version.size, version.mtime_ns, version.etag or f'"{version.id}"', version.id)


def _shown_file(name: str, size: int, mtime_ns: int, etag: str, version_id: str | None = None) -> Entry:
    return Entry(
        name,
        EntryKind.FILE,
        size=size,
        mtime_ns=mtime_ns,
        etag=etag,
        version_id=version_id,
        mode=0o444,
        xattrs=NO_XATTRS,
    )
