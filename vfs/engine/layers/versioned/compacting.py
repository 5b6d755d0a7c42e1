"""Versions in a row with one content, made one."""

import dataclasses

from vfs.engine.entries import Entry
from vfs.engine.layers.mapped_keys import in_own_keys
from vfs.engine.layers.versioned.archive import Archive
from vfs.engine.layers.versioned.digesting import digest_of
from vfs.engine.layers.versioned.places import content_place
from vfs.engine.layers.versioned.records import Record


def compact(archive: Archive, key: str, standing: Entry | None, *, dry_run: bool) -> int:
    """Remove each version whose content is that of the one before it; how many there are.

    The older stays, with its time. Contents that nobody has hashed are read where the sizes are equal.
    """
    with in_own_keys({"": key}):
        count = 0
        before: Record | None = None
        for record, stands in archive.versions(key, standing):
            if before is None or not _are_equal(archive, key, standing, before, record):
                before = record
                continue
            count += 1
            if not dry_run:
                before = _joined(archive, key, before, record, stands=stands)
        return count


def _are_equal(archive: Archive, key: str, standing: Entry | None, one: Record, other: Record) -> bool:
    if one.is_marker or other.is_marker or one.size != other.size:
        return False
    if one.content == other.content:
        return True
    return _digest(archive, key, standing, one) == _digest(archive, key, standing, other)


def _digest(archive: Archive, key: str, standing: Entry | None, record: Record) -> str:
    if record.digest is not None:
        return record.digest
    kept = archive.contents.entry(record.content)
    if kept is not None:
        return digest_of(archive.contents.pieces(content_place(record.content), kept))
    return digest_of(archive.contents.pieces(key, standing)) if standing is not None else record.content


def _joined(archive: Archive, key: str, older: Record, newer: Record, *, stands: bool) -> Record:
    """The older one, which stands at the key now if the newer did."""
    joined = dataclasses.replace(older, state=newer.state) if stands else older
    if stands:
        archive.records.exchange(key, older, joined)
    archive.forgotten(key, newer)
    return joined
