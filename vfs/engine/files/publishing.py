"""Publishing: one file's state to the store, and what happens when somebody else's version is in the way."""

from dataclasses import replace
from typing import TYPE_CHECKING, NoReturn

from vfs.engine.changes import ChangeKind
from vfs.engine.entries import Entry, WriteResult
from vfs.engine.errors import AlreadyExists, Conflict, NotFound, StorageError
from vfs.engine.files.attempts import Attempt
from vfs.engine.files.commits import send
from vfs.engine.files.conflicts import is_ours, keep_beside
from vfs.engine.files.shared import SharedFile
from vfs.engine.files.snapshots import Snapshot
from vfs.engine.files.streaming import PartStream

if TYPE_CHECKING:
    from vfs.engine.files.store_tree import StoreTree

_TRIES = 8
"""To replace a file that others replace all the time."""


def publish(
    tree: "StoreTree",
    file: SharedFile,
    stream: PartStream | None = None,
    *,
    snapshot: Snapshot | None = None,
) -> None:
    """Make the store equal to the file, which is at rest, or to an earlier state of it, under its send lock.

    Raises Conflict when another version had been stored meanwhile: that one stays, ours is kept beside it
    as `name.conflict-<time>`, and the file's handles are of no more use.
    """
    snapshot = snapshot or file.snapshot()
    file.is_being_sent = True
    try:
        _publish(tree, file, snapshot, stream)
    finally:
        file.is_being_sent = False


def _publish(tree: "StoreTree", file: SharedFile, snapshot: Snapshot, stream: PartStream | None) -> None:
    try:
        result = _sent(tree, snapshot, stream)
    except (Conflict, AlreadyExists) as error:
        standing = _standing(tree, snapshot.key)
        if standing is not None and is_ours(tree, snapshot, standing):
            result = _told_by(standing, snapshot.key)
        elif _is_by_us(tree, snapshot, standing):
            _publish(tree, file, _rebased(tree, file, snapshot, standing), None)
            return
        else:
            _lose(tree, file, snapshot, error)
    _stands(tree, file, snapshot, result)


def _standing(tree: "StoreTree", key: str) -> Entry | None:
    try:
        return tree.backend.stat(key)
    except NotFound:
        return None


def _told_by(entry: Entry, key: str) -> WriteResult:
    return WriteResult(key, entry.size, entry.etag, entry.version_id, entry.mtime_ns, ctime_ns=entry.ctime_ns)


def _is_by_us(tree: "StoreTree", snapshot: Snapshot, standing: Entry | None) -> bool:
    """Whether what stands in the way, or that nothing does, is by an act of ours of which nobody heard."""
    if standing is None and snapshot.base_limit:
        return False  # bytes of the old object belong to the snapshot, and went with that
    return any(attempt.is_stored_as(standing) for attempt in tree.attempts.of(snapshot.key))


def _rebased(tree: "StoreTree", file: SharedFile, snapshot: Snapshot, standing: Entry | None) -> Snapshot:
    """The snapshot over what stands there by an act of ours."""
    key = snapshot.key
    tree.attempts.settle(key)
    if standing is None:
        file.found_gone()
    else:
        file.found_stored(standing, tree.context.base_of(key, standing))
    same = (promised for promised in file.promised if promised.change == snapshot.change)
    return next(same, None) or file.snapshot()


def _lose(tree: "StoreTree", file: SharedFile, snapshot: Snapshot, error: StorageError) -> NoReturn:
    """Keep ours beside theirs, as it was promised last, and raise the Conflict that says so."""
    with file.commit_lock:  # no newer state is promised before this one is known to be lost
        newest = max([snapshot, *file.promised], key=lambda state: state.change)
        kept = keep_beside(tree, newest)
        file.lost = Conflict(f"changed in the store meanwhile; your version is kept as {kept}", snapshot.key)
    tree.overtaken(file)
    raise file.lost from error


def publish_on_condition(
    tree: "StoreTree", file: SharedFile, stream: PartStream | None = None, *, over_any: bool = False
) -> WriteResult:
    """As `publish`, but another version in the way is only told of, and nothing of ours is kept.

    With `over_any` that version is replaced. Each request says all the same what it replaces: a copy of it
    that the store takes late must not undo what was stored since. Raises Conflict, or AlreadyExists for a
    file that was to be new.
    """
    tries = _TRIES if over_any else 1
    while True:
        snapshot, tries = file.snapshot(), tries - 1
        try:
            result = _sent(tree, snapshot, stream)
            break
        except (Conflict, AlreadyExists):
            standing = _standing(tree, snapshot.key)
            if standing is not None and is_ours(tree, snapshot, standing):
                result = _told_by(standing, snapshot.key)
                break
            if not tries or not _stand_over(tree, file, standing):
                raise
            stream = None
    _stands(tree, file, snapshot, result)
    return result


def _stand_over(tree: "StoreTree", file: SharedFile, standing: Entry | None) -> bool:
    """Have a whole file replace what stands there now; False where that is no file."""
    if standing is None:
        file.found_gone()
    elif standing.is_file:
        file.replaces(tree.context.base_of(file.key, standing))
    return standing is None or standing.is_file


def _stands(tree: "StoreTree", file: SharedFile, snapshot: Snapshot, result: WriteResult) -> None:
    """The store has the snapshot now: remember that, and tell."""
    stored = replace(
        snapshot.entry,
        etag=result.etag,
        version_id=result.version_id,
        size=snapshot.size,
        # The store's word, or they would change when what is remembered is asked for again.
        mtime_ns=snapshot.entry.mtime_ns if result.mtime_ns is None else result.mtime_ns,
        ctime_ns=snapshot.entry.ctime_ns if result.ctime_ns is None else result.ctime_ns,
        complete=True,
    )
    # Remembered before the file is clean: there is no moment in which neither shows it.
    tree.entries.put(snapshot.key, stored)
    tree.view.stored(snapshot.key)
    tree.attempts.settle(snapshot.key)
    if snapshot.base is None:
        tree.folders_appeared(snapshot.key)
    file.committed(snapshot, stored, tree.context.base_of(snapshot.key, stored))
    tree.changes.publish(tree.name, snapshot.key, ChangeKind.CONTENT)


def _sent(tree: "StoreTree", snapshot: Snapshot, stream: PartStream | None) -> WriteResult:
    with tree.attempts.noting(snapshot.key, *Attempt.to_store(snapshot)):
        if stream is not None:
            if stream.can_finish(snapshot):
                return stream.finish(snapshot)
            stream.abort()
        return send(tree.context, snapshot)
