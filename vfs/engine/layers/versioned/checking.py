"""The history looked through: what a crash, or a change past the layer, has left, and putting it right."""

import contextlib
import time

from vfs.engine.backend import Backend
from vfs.engine.entries import Entry
from vfs.engine.errors import NotADirectory, NotFound
from vfs.engine.histories import HistoryReport
from vfs.engine.key_locks import KeyLocks
from vfs.engine.layers.versioned.archive import Archive
from vfs.engine.layers.versioned.records import Record

UNFINISHED_NS = 3600 * 1_000_000_000
"""A content that has been on its way for longer belongs to a writer who is gone."""


def check(inner: Backend, archive: Archive, locks: KeyLocks, *, repair: bool) -> HistoryReport:
    """See `ChecksHistory`. Remembers each version's id: about a hundred bytes for each."""
    report = HistoryReport()
    known: set[str] = set()
    for key in _keys(archive):
        with locks.holding((key,)):
            known |= _check_file(inner, archive, key, report, repair=repair)
    _check_contents(archive, known, report, repair=repair)
    for place in list(archive.contents.leftovers(time.time_ns() - UNFINISHED_NS)):
        report.unfinished += 1
        if repair:
            with contextlib.suppress(NotFound):
                inner.delete(place)
    return report


def _keys(archive: Archive) -> list[str]:
    return list(dict.fromkeys(key for key, _ in archive.records.all()))


def _check_file(
    inner: Backend, archive: Archive, key: str, report: HistoryReport, *, repair: bool
) -> set[str]:
    """The ids of the versions that are there, or come to be while this looks."""
    entry = _file(inner, key)
    records = archive.records.of(key)
    standing = archive.current(key, entry, records) if entry is not None else None
    known = set()
    last_kept: Record | None = None
    for record in records:
        if record.is_marker or record == standing or archive.contents.holds(record.content, record.id):
            known.add(record.id)
            last_kept = record
        else:
            report.lost += 1
            if repair:
                archive.forgotten(key, record)
    report.files += 1
    report.versions += len(known)
    if entry is None and last_kept is not None and not last_kept.is_marker:
        report.unmarked += 1
        if repair:
            archive.removed(key, last_kept, time.time_ns())
    if repair:
        report.expired += archive.retire(key, time.time_ns())
    return known


def _check_contents(archive: Archive, known: set[str], report: HistoryReport, *, repair: bool) -> None:
    for name, versions, is_there in archive.contents.all():
        report.contents += is_there
        orphans = {
            version for version in versions if version not in known and _is_orphan(archive, name, version)
        }
        if not orphans and (versions or not is_there):
            continue
        report.orphans += 1
        if repair:
            for version in orphans:
                archive.contents.release(name, version)
            archive.contents.remove_unneeded(name)


def _is_orphan(archive: Archive, name: str, version: str) -> bool:
    """Whether there is no such version, not even one that came while this looked."""
    key = archive.contents.needed_by(name, version)
    return key is not None and all(record.id != version for record in archive.records.of(key))


def _file(inner: Backend, key: str) -> Entry | None:
    try:
        entry = inner.stat(key)
    except (NotFound, NotADirectory):
        return None
    return entry if entry.is_file else None
