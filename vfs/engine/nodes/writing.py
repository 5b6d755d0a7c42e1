"""Writing a whole file: where the storage chooses the place, and only if the content would change."""

from vfs.engine.backend import Buffer, Source
from vfs.engine.digests import Reading, holds
from vfs.engine.entries import Entry, WriteResult
from vfs.engine.errors import NotADirectory, NotFound
from vfs.engine.files.drafts import Replacement
from vfs.engine.files.tree import FileTree
from vfs.engine.node_abilities import NamesContent
from vfs.engine.sources import pieces


def store(tree: FileTree, wanted: Replacement, source: Source, *, skip_if_unchanged: bool) -> WriteResult:
    """Replace a file; the result's path is another key where the storage `NamesContent`."""
    naming = tree.backend.ability(NamesContent)
    if naming is not None:
        return naming.write_named(
            wanted.key,
            source,
            overwrite=wanted.overwrite,
            if_match=wanted.if_match,
            metadata=wanted.metadata,
        )
    present = _present(tree, wanted.key) if skip_if_unchanged else None
    if present is None or not present.is_file:
        return tree.replace(wanted, source)
    wanted.check(present)
    if wanted.metadata is not None and dict(wanted.metadata) != dict(present.metadata):
        return tree.replace(wanted, source)
    if isinstance(source, bytes | bytearray | memoryview):
        return _store_bytes(tree, wanted, memoryview(source).cast("B"), present)
    return _store_stream(tree, wanted, source, present)


def _store_bytes(tree: FileTree, wanted: Replacement, data: memoryview, present: Entry) -> WriteResult:
    def read(offset: int, size: int) -> Buffer:
        return data[offset : offset + size]

    unchanged = _is_unchanged(tree, present, wanted.key, len(data), read)
    return _skipped(wanted.key, present) if unchanged else tree.replace(wanted, data)


def _store_stream(tree: FileTree, wanted: Replacement, source: Source, present: Entry) -> WriteResult:
    """A stream can be read once only: it fills a draft, which is compared when it is whole."""
    draft = tree.draft(wanted)
    try:
        for piece in pieces(source):
            draft.write(draft.size, piece)
        if _is_unchanged(tree, present, wanted.key, draft.size, draft.read):
            return _skipped(wanted.key, present)
        return draft.commit()
    finally:
        draft.discard()


def _is_unchanged(tree: FileTree, present: Entry, key: str, size: int, content: Reading) -> bool:
    return present.size == size and holds((tree, key), content)


def _skipped(key: str, present: Entry) -> WriteResult:
    return WriteResult(key, present.size, present.etag, present.version_id, present.mtime_ns, written=False)


def _present(tree: FileTree, key: str) -> Entry | None:
    try:
        return tree.stat(key)
    except (NotFound, NotADirectory):
        return None
