"""Publishing: one file's state to the store, and what happens when somebody else's version is in the way."""

import time
from collections.abc import Iterator
from dataclasses import replace
from typing import TYPE_CHECKING

from vfs.engine import paths
from vfs.engine.backend import Buffer, KeepsVersions
from vfs.engine.changes import ChangeKind
from vfs.engine.entries import WriteResult
from vfs.engine.errors import AlreadyExists, Conflict
from vfs.engine.files.commits import send
from vfs.engine.files.shared import SharedFile, Snapshot
from vfs.engine.files.streaming import PartStream

if TYPE_CHECKING:
    from vfs.engine.files.store_tree import StoreTree

PIECE = 1 << 20


def publish(tree: "StoreTree", file: SharedFile, stream: PartStream | None = None) -> None:
    """Make the store equal to the file; call it under the file's commit lock.

    Raises Conflict when another version had been stored meanwhile: that one stays, ours is kept beside it
    as `name.conflict-<time>`, and the file's handles are of no more use.
    """
    snapshot = file.snapshot()
    try:
        _store(tree, file, snapshot, stream)
    except (Conflict, AlreadyExists) as error:
        kept = _keep_beside(tree, snapshot)
        file.lost = Conflict(f"changed in the store meanwhile; your version is kept as {kept}", snapshot.key)
        tree.overtaken(file)
        raise file.lost from error


def publish_on_condition(
    tree: "StoreTree", file: SharedFile, stream: PartStream | None = None
) -> WriteResult:
    """As `publish`, but another version in the way is only told of, and nothing of ours is kept.

    Raises Conflict, or AlreadyExists for a file that was to be new.
    """
    return _store(tree, file, file.snapshot(), stream)


def _store(tree: "StoreTree", file: SharedFile, snapshot: Snapshot, stream: PartStream | None) -> WriteResult:
    result = _sent(tree, snapshot, stream)
    stored = replace(
        snapshot.entry, etag=result.etag, version_id=result.version_id, size=snapshot.size, complete=True
    )
    # Remembered before the file is clean: there is no moment in which neither shows it.
    tree.entries.put(snapshot.key, stored)
    if snapshot.base is None:
        tree.folders_appeared(snapshot.key)
    file.committed(snapshot, tree.context.base_of(snapshot.key, stored))
    tree.changes.publish(tree.name, snapshot.key, ChangeKind.CONTENT)
    return result


def _sent(tree: "StoreTree", snapshot: Snapshot, stream: PartStream | None) -> WriteResult:
    if stream is not None:
        if stream.can_finish(snapshot):
            return stream.finish(snapshot)
        stream.abort()
    return send(tree.context, snapshot)


def _keep_beside(tree: "StoreTree", snapshot: Snapshot) -> str:
    """Store our version under a name of its own; that key."""
    stamp = time.strftime("%Y%m%dT%H%M%SZ", time.gmtime())
    for attempt in range(100):
        suffix = f".conflict-{stamp}" + (f"-{attempt}" if attempt else "")
        key = _with_suffix(snapshot.key, suffix)
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


def _with_suffix(key: str, suffix: str) -> str:
    name = paths.name_of(key)
    while len((name + suffix).encode("utf-8", "surrogateescape")) > paths.MAX_NAME_BYTES:
        name = name[:-1]
    return paths.join(paths.parent(key), name + suffix)


def _rescued(tree: "StoreTree", snapshot: Snapshot) -> Iterator[Buffer]:
    """Our version in pieces, as much of it as there still is."""
    for start in range(0, snapshot.size, PIECE):
        end = min(start + PIECE, snapshot.size)
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
