"""A listing by a member that lacks some of what is below the folder, corrected by what is on record."""

from collections.abc import Iterable, Iterator
from dataclasses import replace

from vfs.engine import paths
from vfs.engine.composites.mirror.lag import Due, Mark
from vfs.engine.entries import Entry, EntryKind


def overlaid(folder: str, entries: Iterable[Entry], missed: Iterable[Mark]) -> Iterator[Entry]:
    """The entries with those that the member lacks and without those that are gone.

    What cannot be told of an entry without another member is left open (`Entry.complete`).
    """
    direct, folders = _by_name(folder, missed)
    for entry in entries:
        folders.discard(entry.name)
        due = direct.pop(entry.name, None)
        if due is None:
            yield entry
        elif due is not Due.GONE:
            yield replace(entry, kind=due.kind or entry.kind, etag=None, complete=False)
    for name, due in direct.items():
        folders.discard(name)
        if due.kind is not None:
            yield Entry(name, due.kind, complete=False)
    for name in folders:
        yield Entry(name, EntryKind.FOLDER)


def _by_name(folder: str, missed: Iterable[Mark]) -> tuple[dict[str, Due], set[str]]:
    """What is due at each name in the folder, and the names of folders in which something is due."""
    direct: dict[str, Due] = {}
    folders: set[str] = set()
    above = len(folder) + 1 if folder else 0
    for mark in missed:
        name, slash, _ = mark.key[above:].partition("/")
        if not slash:
            direct[name] = mark.due
        elif mark.due is not Due.GONE:
            folders.add(name)
    return direct, folders


def implies_folder(missed: Iterable[Mark]) -> bool:
    """Whether something is to stand below a folder, so that the folder is there."""
    return any(mark.due is not Due.GONE for mark in missed)


def implied(key: str) -> Entry:
    """A folder that is there because something is below it, and of which the member knows no more."""
    return Entry(paths.name_of(key), EntryKind.FOLDER)
