"""Conflicts: somebody else's version stands where ours was to go. Theirs stays, ours is kept beside it."""

import time
from collections.abc import Iterator
from typing import TYPE_CHECKING

from vfs.engine import paths
from vfs.engine.backend import STREAM_CHUNK, Buffer, KeepsVersions
from vfs.engine.entries import Entry
from vfs.engine.errors import AlreadyExists, Conflict, NotFound
from vfs.engine.files.ranges import RangeSet
from vfs.engine.files.snapshots import Snapshot

if TYPE_CHECKING:
    from vfs.engine.files.store_tree import StoreTree


def is_ours(tree: "StoreTree", snapshot: Snapshot, standing: Entry) -> bool:
    """Whether what stands there is our own version after all.

    So it is when the store had taken a write whose answer never came, or came to a process that died
    before it could cross the file off. What was written here is compared byte by byte; old bytes that
    were not edited are theirs in any case.
    """
    if not standing.is_file or standing.size != snapshot.size:
        return False
    try:
        return all(
            tree.backend.read(snapshot.key, start, end, if_match=standing.etag)
            == snapshot.content(start, end)
            for start, end in _written(snapshot)
        )
    except (NotFound, Conflict):
        return False


def _written(snapshot: Snapshot) -> Iterator[tuple[int, int]]:
    """The ranges that are not the old object's, in pieces that fit into memory."""
    written = RangeSet(snapshot.dirty)
    written.add(snapshot.base_limit, snapshot.size)
    for start, end in written:
        for at in range(start, end, STREAM_CHUNK):
            yield at, min(at + STREAM_CHUNK, end)


def keep_beside(tree: "StoreTree", snapshot: Snapshot) -> str:
    """Store our version under a name of its own; that key."""
    for key in conflict_keys(snapshot.key):
        try:
            tree.backend.write(
                key,
                _rescued(tree, snapshot),
                overwrite=False,
                metadata=snapshot.entry.metadata,
                attributes=snapshot.attributes,
            )
        except AlreadyExists:
            continue
        tree.entries.forget(key)
        tree.appeared(key)
        tree.context.log.error("%s:%s: kept our version as %s", tree.name, snapshot.key, key)
        return key
    raise AlreadyExists("no free name for a conflict copy", snapshot.key)


def conflict_keys(key: str) -> Iterator[str]:
    """Where a version of this file may be kept beside it, the best place first."""
    stamp = time.strftime("%Y%m%dT%H%M%SZ", time.gmtime())
    for attempt in range(100):
        yield _with_suffix(key, f".conflict-{stamp}" + (f"-{attempt}" if attempt else ""))


def _with_suffix(key: str, suffix: str) -> str:
    name = paths.name_of(key)
    while len((name + suffix).encode("utf-8", "surrogateescape")) > paths.MAX_NAME_BYTES:
        name = name[:-1]
    return paths.join(paths.parent(key), name + suffix)


def _rescued(tree: "StoreTree", snapshot: Snapshot) -> Iterator[Buffer]:
    """Our version in pieces, as much of it as there still is."""
    for start in range(0, snapshot.size, STREAM_CHUNK):
        end = min(start + STREAM_CHUNK, snapshot.size)
        try:
            yield snapshot.content(start, end)
        except Conflict:
            yield _pieced_together(tree, snapshot, start, end)


def _pieced_together(tree: "StoreTree", snapshot: Snapshot, start: int, end: int) -> Buffer:
    """Bytes whose unedited part is no longer stored under the key: from the old version, else zeros."""
    whole = bytearray(end - start)
    for dirty_start, dirty_end in snapshot.dirty.within(start, end):
        whole[dirty_start - start : dirty_end - start] = snapshot.content(dirty_start, dirty_end)
    for old_start, old_end in snapshot.dirty.gaps(start, min(end, max(start, snapshot.base_limit))):
        old = _old_bytes(tree, snapshot, old_start, old_end)
        if old is None:
            tree.context.log.error(
                "%s:%s: bytes %d to %d were not edited here and are gone from the store; zeros in the copy",
                tree.name,
                snapshot.key,
                old_start,
                old_end,
            )
        else:
            whole[old_start - start : old_end - start] = old
    return whole


def _old_bytes(tree: "StoreTree", snapshot: Snapshot, start: int, end: int) -> Buffer | None:
    version = snapshot.base.version_id if snapshot.base else None
    if version is None or tree.backend.ability(KeepsVersions) is None:
        return None
    return tree.backend.read(snapshot.key, start, end, version=version)
