"""Renames: a history belongs to a name, unless there is but one version to take along, or a folder moves.

Editors save by writing a new file and renaming it over the old one: the history must stay at the name.
"""

import contextlib
import time
from collections.abc import Callable

from vfs.engine import paths
from vfs.engine.backend import Backend, Moves
from vfs.engine.entries import Entry
from vfs.engine.errors import DirectoryNotEmpty, NotADirectory, NotFound, StorageError
from vfs.engine.layers.mapped_keys import in_own_keys
from vfs.engine.layers.versioned.archive import Archive
from vfs.engine.layers.versioned.places import FILES
from vfs.engine.layers.versioned.records import Record

Rename = Callable[[str, str], None]


class Renaming:
    """Renames of one store; `standing` tells what stands at a key."""

    def __init__(self, inner: Backend, archive: Archive, standing: Callable[[str], Entry | None]) -> None:
        self._inner = inner
        self._archive = archive
        self._standing = standing

    def move(self, source: str, target: str, run: Rename) -> None:
        """As `Moves.move` without an exchange, which `run` does."""
        entry, taken = self._standing(source), self._standing(target)
        if entry is None or source == target or (taken is not None and taken.is_folder != entry.is_folder):
            run(source, target)
        elif entry.is_folder:
            run(source, target)
            with in_own_keys({"": source}):
                self._move_histories(source, target)
        else:
            self._move_file(source, target, entry, taken, run)

    def exchange(self, one: str, other: str, run: Rename) -> None:
        """As `Moves.move` with an exchange, which `run` does. Where one is a folder, histories go along."""
        entries = self._standing(one), self._standing(other)
        if None in entries or any(entry is not None and entry.is_folder for entry in entries):
            run(one, other)
            with in_own_keys({"": one}):
                self._exchange_histories(one, other)
            return
        records = [self._kept(key, entry) for key, entry in zip((one, other), entries, strict=True)]
        began = time.time_ns()
        run(one, other)
        for key, here, there in ((one, records[0], records[1]), (other, records[1], records[0])):
            self._note(key, there, here, began)

    def _move_file(self, source: str, target: str, entry: Entry, taken: Entry | None, run: Rename) -> None:
        passing, kept = self._passing_on(source, entry)
        replaced = self._kept(target, taken)
        began = time.time_ns()
        run(source, target)
        if entry.is_file:
            is_first = replaced is None and passing is not None and not self._archive.records.of(target)
            at_ns = passing.time_ns if passing is not None and is_first else began
            self._note(target, passing or kept, replaced, at_ns)
        elif replaced is not None:
            self._archive.removed(target, replaced, began)
        if passing is not None:
            self._archive.forgotten(source, passing)
        elif kept is not None:
            self._archive.removed(source, kept, began)

    def _passing_on(self, source: str, entry: Entry) -> tuple[Record | None, Record | None]:
        """The only version that a name has, which goes along; or else the newest, kept to stay there too."""
        if not entry.is_file:
            return None, None
        with in_own_keys({"": source}):
            records = self._archive.records.of(source)
            current = self._archive.current(source, entry, records)
        if current is not None and len(records) == 1:
            return current, None
        return (None, None) if not records else (None, self._kept(source, entry))

    def _kept(self, key: str, entry: Entry | None) -> Record | None:
        return self._archive.keep(key, entry) if entry is not None and entry.is_file else None

    def _note(self, key: str, arrived: Record | None, replaced: Record | None, at_ns: int) -> None:
        """A file has come to a key: the one of which `arrived` tells, where it was known."""
        entry = self._standing(key)
        if entry is None:
            return
        if entry.is_file:
            self._archive.wrote(key, entry, arrived.digest if arrived else None, replaced, at_ns)
        elif replaced is not None:
            self._archive.removed(key, replaced, at_ns)

    def _move_histories(self, source: str, target: str) -> None:
        """What is known of all below a folder, in one rename where nothing is known of the target."""
        self._archive.forget_below(source, target)
        moves = self._inner.ability(Moves)
        if moves is None:
            return
        try:
            moves.move(_histories(source), _histories(target))
        except NotFound:
            return
        except DirectoryNotEmpty:
            self._merge(moves, source, target)

    def _merge(self, moves: Moves, source: str, target: str) -> None:
        """Record by record: the target has a history from an earlier life."""
        for key, record in self._archive.records.all(source):
            there = target + key[len(source) :]
            folder, new = self._archive.records.folder(key), self._archive.records.folder(there)
            with contextlib.suppress(NotFound):
                moves.move(paths.join(folder, record.name), paths.join(new, record.name))
        self._remove_folders(_histories(source))

    def _remove_folders(self, place: str) -> None:
        with contextlib.suppress(NotFound, DirectoryNotEmpty, NotADirectory):
            for entry in list(self._inner.list(place)):
                if entry.is_folder:
                    self._remove_folders(paths.join(place, entry.name))
            self._inner.remove_directory(place)

    def _exchange_histories(self, one: str, other: str) -> None:
        self._archive.forget_below(one, other)
        moves = self._inner.ability(Moves)
        if moves is None:
            return
        for source, target, exchange in ((one, other, True), (one, other, False), (other, one, False)):
            try:
                moves.move(_histories(source), _histories(target), overwrite=exchange, exchange=exchange)
            except StorageError as error:
                if not isinstance(error, NotFound):
                    raise
            else:
                return


def _histories(folder: str) -> str:
    return f"{FILES}/{folder}"
