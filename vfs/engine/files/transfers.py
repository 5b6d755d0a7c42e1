"""Transfers: whole files and whole trees in and out of a mount, past what is remembered of it.

What copying needs and a handle would make dear: a sweep instead of listings, a read that fills no cache, a
write that asks nothing first. This one serves trees that remember nothing; `store_transfers` the others.
"""

from collections.abc import Callable, Iterable, Iterator
from contextlib import suppress
from dataclasses import replace
from functools import partial
from typing import TYPE_CHECKING

from vfs.engine import paths
from vfs.engine.backend import Copies, HashesContent, KeepsVersions, SweepsTree
from vfs.engine.changes import ChangeKind
from vfs.engine.entries import Entry, WriteResult
from vfs.engine.errors import NotFound
from vfs.engine.files.drafts import Replacement
from vfs.engine.files.outgoing import OpenedOutgoing, Outgoing
from vfs.engine.originals import CopiesFrom, Original, TellsOriginal

if TYPE_CHECKING:
    from vfs.engine.files.tree import FileTree


class Transfers:
    """Of one tree. Keys and errors are as there; thread-safe."""

    def __init__(self, tree: "FileTree") -> None:
        self._tree = tree
        self._backend = tree.backend

    def sweep(self, folder: str, *, remembering: bool = False) -> Iterator[tuple[str, Entry]]:
        """Everything below a folder, entries as listed, in one sweep where the storage has one.

        Folders that only the keys of files show may be left out. With `remembering`, what is found need not
        be asked for again soon. Raises NotFound, NotADirectory.
        """
        sweeps = self._backend.ability(SweepsTree)
        return self._walk(folder) if sweeps is None else sweeps.sweep(folder)

    def _walk(self, top: str) -> Iterator[tuple[str, Entry]]:
        waiting = [top]
        while waiting:
            folder = waiting.pop()
            # A folder that went while the walk was on its way has nothing below it.
            with suppress(*(() if folder == top else (NotFound,))):
                for entry in self._tree.list(folder):
                    below = paths.join(folder, entry.name)
                    if entry.is_folder:
                        waiting.append(below)
                    yield below, entry

    def take_out(self, key: str, listed: Entry) -> Outgoing:
        """A file to be read whole; `listed` is what is known of it. Raises NotFound, IsADirectory."""
        return OpenedOutgoing(key, self._tree.stat(key), self._tree.open(key))

    def put_in(self, wanted: Replacement, file: Outgoing, *, replacing: bool) -> WriteResult:
        """Store a whole file, in parts and in parallel where that pays; it is in the store when this returns.

        `replacing` says whether something is known to be there already.
        """
        return self._tree.replace(wanted, file.pieces())

    def original(self, key: str) -> Original | None:
        """Where the store has this file's bytes as they are; None where it has not, or cannot say."""
        tells = self._backend.ability(TellsOriginal)
        return tells.original(key) if tells is not None else None

    def copy_inside(
        self, source: "Transfers", key: str, listed: Entry, target: str, *, replacing: bool, overwrite: bool
    ) -> WriteResult | None:
        """Copy a file of this or another tree without its bytes coming here; None where that cannot be.

        What stands at the target is replaced, if it may be. Raises as `CopiesFrom.copy_from` does.
        """
        self._tree.make_folders_above(target)
        result = self._copied_from(source, key, listed, target, overwrite=overwrite)
        if result is not None:
            self._tree.announce(target, ChangeKind.REPLACED if replacing else ChangeKind.CREATED)
        return result

    def _copied_from(
        self, source: "Transfers", key: str, listed: Entry, target: str, *, overwrite: bool
    ) -> WriteResult | None:
        copies_from = self._backend.ability(CopiesFrom)
        original = source.original(key) if copies_from is not None else None
        if copies_from is not None and original is not None:
            can = partial(copies_from.can_copy_from, original, overwrite=overwrite)
            entry = listed if can(listed) else source._completed(key, listed, can)
            if entry is not None:
                return copies_from.copy_from(original, entry, target, overwrite=overwrite)
        copies = self._backend.ability(Copies)
        if copies is None or source._backend is not self._backend or not (listed.is_file and overwrite):
            return None
        return copies.copy(key, target)

    def _completed(self, key: str, listed: Entry, will_do: Callable[[Entry], bool]) -> Entry | None:
        """The entry as the store tells it, asked for only where a complete one will do, and that is none."""
        if listed.complete or not will_do(replace(listed, complete=True)):
            return None
        entry = self._backend.stat(key)
        return entry if entry.is_file and will_do(entry) else None

    def content_hash(self, key: str) -> tuple[str, str] | None:
        """The storage's own hash of a file's present content: (algorithm, hex digest); None for none.

        Raises NotFound, IsADirectory where the storage has hashes.
        """
        hashes = self._backend.ability(HashesContent)
        return None if hashes is None else hashes.content_hash(key)

    def restore_version(self, key: str, version: str) -> WriteResult:
        """Make an old version of a file the present one, inside the store. Raises CapabilityNotSupported."""
        keeps = self._tree.required(KeepsVersions, "old versions", key)
        replacing = self._tree.kind(key) is not None
        result = keeps.restore_version(key, version)
        self._tree.announce(key, ChangeKind.REPLACED if replacing else ChangeKind.CREATED)
        return result

    def remove(self, keys: Iterable[str]) -> None:
        """Delete files and symlinks, many to a request where the store can; one already gone is no error."""
        for key in keys:
            with suppress(NotFound):
                self._tree.delete(key)
