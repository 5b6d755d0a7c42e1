"""Everything that folders ever held, with its versions."""

import contextlib
from collections.abc import Iterator

from vfs.engine import paths
from vfs.engine.backend import Backend
from vfs.engine.entries import Entry
from vfs.engine.errors import NotADirectory, NotFound
from vfs.engine.histories import History
from vfs.engine.layers.versioned.archive import Archive
from vfs.engine.layers.versioned.places import FILES, NAME


def sweep(inner: Backend, archive: Archive, folder: str, *, deep: bool) -> Iterator[History]:
    """See `SweepsVersions`. Holds the entries of one folder at a time."""
    folders = [folder]
    while folders:
        for history in _of_folder(inner, archive, folders.pop()):
            yield history
            if deep and history.is_folder:
                folders.append(history.key)


def _of_folder(inner: Backend, archive: Archive, folder: str) -> Iterator[History]:
    present = {entry.name: entry for entry in _listed(inner, folder)}
    past = {entry.name for entry in _listed(inner, paths.join(FILES, folder) if folder else FILES)}
    for name in [*present, *past.difference(present)]:
        key, entry = paths.join(folder, name), present.get(name)
        below = {e.name for e in _listed(inner, f"{FILES}/{key}")} if name in past else set[str]()
        records = archive.records.of(key) if below or name in past else []
        standing = entry if entry is not None and entry.is_file else None
        if told := archive.versions(key, standing, records):
            yield History(key, tuple(record.version(is_latest=stands) for record, stands in told))
        if below or (entry is not None and entry.is_folder):
            yield History(key, is_folder=True)


def _listed(inner: Backend, place: str) -> Iterator[Entry]:
    with contextlib.suppress(NotFound, NotADirectory):
        for entry in inner.list(place):
            if entry.name != NAME:
                yield entry
