"""The entry of a file that is to be read, told by the same request that brings its first bytes."""

from typing import TYPE_CHECKING

from vfs.engine import paths
from vfs.engine.backend import Buffer, ReadsBeginning
from vfs.engine.cache.chunks import BLOCK
from vfs.engine.changes import ChangeKind
from vfs.engine.entries import Entry
from vfs.engine.errors import NotFound
from vfs.engine.files.present_state import WholeFile

if TYPE_CHECKING:
    from vfs.engine.files.store_tree import StoreTree

BEGINNING = 1 << 20
"""Bytes fetched when a file is opened to be read: a small file whole, of a big one the first window."""


WHOLE = 256 << 10
"""Bytes of the largest file that a reader is given whole: as much as one has in hand of a bigger one.

Nothing bounds these bytes but the number of readers: they stay in memory for as long as a slow client takes.
"""


def entry_to_read(tree: "StoreTree", key: str) -> Entry:
    """The entry at this moment of a file that is not open; of a folder, IsADirectory or its entry."""
    return _found(tree, key)[0]


def whole_or_entry(tree: "StoreTree", key: str) -> WholeFile | Entry:
    """As `entry_to_read`, with all bytes of a small file where they came along, or were here."""
    entry, data = _found(tree, key)
    is_whole = entry.is_file and entry.complete and len(data) == entry.size <= WHOLE
    return WholeFile(entry, data) if is_whole else entry


def _found(tree: "StoreTree", key: str) -> tuple[Entry, Buffer]:
    """The entry, and the first bytes that came along or were here."""
    paths.check_key(key)
    known = tree.entries.get(key)
    beginning = tree.beginning
    if known is None and beginning is not None:
        return _of_unknown(tree, key, beginning)
    entry = tree.listed(key)
    if entry.is_folder or entry.size == 0:
        return entry, b""
    here = tree.context.beginning_here(key, entry)
    if here is None and beginning is not None:
        return _as_it_is_now(tree, key, entry, beginning)
    return entry, here or b""


def _of_unknown(tree: "StoreTree", key: str, beginning: ReadsBeginning) -> tuple[Entry, Buffer]:
    """One request where a question and a read would be two.

    The bytes may be on this machine's disk, if there is a cache; then not many more are fetched in vain.
    """
    since = tree.entries.moment()
    try:
        entry, data = beginning.read_beginning(key, BEGINNING if tree.context.disk is None else BLOCK)
    except NotFound:
        tree.view.missed(key, since)
        raise
    tree.entries.put(key, entry, since=since)
    tree.context.keep_beginning(key, entry, data)
    return entry, data


def _as_it_is_now(
    tree: "StoreTree", key: str, entry: Entry, beginning: ReadsBeginning
) -> tuple[Entry, Buffer]:
    """So whoever opens a file that is not cached here reads its newest bytes, whatever was remembered."""
    since = tree.entries.moment()
    try:
        now, data = beginning.read_beginning(key, BEGINNING)
    except NotFound:
        tree.vanished(key)
        raise
    tree.entries.put(key, now, since=since)
    tree.context.keep_beginning(key, now, data)
    if now.etag != entry.etag:
        tree.announce(key, ChangeKind.REPLACED)
    return now, data
