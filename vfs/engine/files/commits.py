"""Commits: bringing what was written to the store, in the way that costs least.

A file that fits one request is one conditional write. A bigger one goes in parts, several at a time; where
it only edits the object it stands on, unchanged parts are copied inside the store.
"""

from collections.abc import Iterator
from dataclasses import replace

from vfs.engine.backend import (
    STREAM_CHUNK,
    Backend,
    Buffer,
    KeepsAttributes,
    PartUpload,
    Source,
    UploadsParts,
)
from vfs.engine.entries import NO_XATTRS, Attributes, WriteResult
from vfs.engine.files.mount_context import MountContext
from vfs.engine.files.parts import Part, cut, plan_edit
from vfs.engine.files.snapshots import Snapshot

SINGLE_WRITE = 16 << 20
"""Bytes up to which a file goes in one request, even where parts could be used."""

PARALLEL_PARTS = 4
"""Parts of one file on their way at once; each holds its bytes in memory."""


def send(context: MountContext, snapshot: Snapshot) -> WriteResult:
    """Make the stored object equal to the snapshot.

    Raises Conflict when the object is no longer the one that the snapshot stands on, or when a file that
    was to be new is there already.
    """
    uploads = context.backend.ability(UploadsParts)
    if uploads is None or snapshot.size <= max(SINGLE_WRITE, uploads.part_limits.smallest):
        return _send_whole(context, snapshot)
    upload = uploads.begin_upload(
        snapshot.key, metadata=snapshot.entry.metadata, attributes=snapshot.attributes
    )
    try:
        _send_parts(context, upload, plan(snapshot, uploads), snapshot)
        return upload.complete(overwrite=snapshot.base is not None, if_match=etag_of(snapshot))
    except BaseException:
        upload.abort()
        raise


def plan(snapshot: Snapshot, uploads: UploadsParts) -> list[Part]:
    """The parts of a commit: all sent, or those of an edit where the store can copy the rest."""
    limits = uploads.part_limits
    if snapshot.base is None or snapshot.base_limit == 0:
        return cut(0, snapshot.size, limits)
    return plan_edit(snapshot.size, snapshot.base_limit, snapshot.dirty, limits)


def etag_of(snapshot: Snapshot) -> str | None:
    """The ETag that the store must still have for this commit to replace it."""
    return snapshot.base.etag if snapshot.base else None


def streamed_attributes(snapshot: Snapshot) -> Attributes:
    """What a file that left while it was written is to have; its last write was still to come then."""
    given = replace(snapshot.attributes, ctime_ns=None)
    return given if snapshot.mtime_is_given else replace(given, mtime_ns=None)


def settle_attributes(
    backend: Backend, key: str, result: WriteResult, told: Attributes, wanted: Attributes
) -> WriteResult:
    """Give the object the attributes that were set after its upload had begun, where there are any."""
    keeps = backend.ability(KeepsAttributes)
    if keeps is None or told == wanted:
        return result
    if told.xattrs and wanted.xattrs is None:
        wanted = replace(wanted, xattrs=NO_XATTRS)
    entry = keeps.set_attributes(key, wanted)
    return replace(
        result,
        etag=entry.etag,
        version_id=entry.version_id,
        mtime_ns=entry.mtime_ns,
        ctime_ns=entry.ctime_ns,
    )


def _send_whole(context: MountContext, snapshot: Snapshot) -> WriteResult:
    fits = snapshot.size <= SINGLE_WRITE
    with context.budget.lent(snapshot.size if fits else STREAM_CHUNK):
        source: Source = snapshot.content(0, snapshot.size) if fits else _pieces(snapshot)
        return context.backend.write(
            snapshot.key,
            source,
            overwrite=snapshot.base is not None,
            if_match=etag_of(snapshot),
            metadata=snapshot.entry.metadata,
            attributes=snapshot.attributes,
        )


def _pieces(snapshot: Snapshot) -> Iterator[Buffer]:
    for start in range(0, snapshot.size, STREAM_CHUNK):
        yield snapshot.content(start, min(start + STREAM_CHUNK, snapshot.size))


def _send_parts(context: MountContext, upload: PartUpload, parts: list[Part], snapshot: Snapshot) -> None:
    etag = etag_of(snapshot)

    def send_part(numbered: tuple[int, Part]) -> None:
        number, part = numbered
        if part.copied:
            upload.copy(number, part.start, part.end, if_match=etag)
        else:
            with context.budget.lent(part.size):
                upload.put(number, snapshot.content(part.start, part.end))

    for _ in context.workers.map_bounded(send_part, enumerate(parts, start=1), parallel=PARALLEL_PARTS):
        pass
