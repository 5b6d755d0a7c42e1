"""Renaming in a store: one act where the store has one, else copies that end with the old names removed.

A crash between copying and removing leaves both names, never neither; of a folder, each file under one of
its names at least.
"""

from collections.abc import Iterator
from contextlib import contextmanager, suppress
from typing import TYPE_CHECKING

from vfs.engine import paths
from vfs.engine.backend import STREAM_CHUNK, Backend, Buffer, Copies, DeletesMany, Moves
from vfs.engine.entries import Entry, EntryKind
from vfs.engine.errors import (
    AlreadyExists,
    CapabilityNotSupported,
    DirectoryNotEmpty,
    InvalidPath,
    IsADirectory,
    NotADirectory,
    NotFound,
)
from vfs.engine.files.attempts import GONE, Attempt
from vfs.engine.files.removing import delete_stored, parted
from vfs.engine.files.shared import SharedFile
from vfs.engine.partial_moves import MovesSome

if TYPE_CHECKING:
    from vfs.engine.files.store_tree import StoreTree

PARALLEL_COPIES = 16

ASIDE = "\0"
"""A key that no file can have, for the one that waits while two change places."""


def rename(tree: "StoreTree", source: str, target: str, *, overwrite: bool, exchange: bool) -> None:
    """rename(2) on a tree; the locks of both keys are held."""
    entry = tree.stat(source)
    with suppress(InvalidPath):  # a name that no new file may have can still be given up
        tree.backend.check_key(source)
    if not entry.is_folder:
        tree.backend.check_key(target)
    present = _present(tree, target)
    if exchange:
        _exchange(tree, source, target, present)
        return
    if present is not None and not overwrite:
        raise AlreadyExists(path=target)
    if source == target:
        return
    if entry.is_folder:
        _rename_folder(tree, source, target, present)
    else:
        _rename_file(tree, source, target, entry, present)
    tree.vanished(source, now=target)
    tree.appeared(target, was=source)


def _present(tree: "StoreTree", key: str) -> Entry | None:
    try:
        return tree.stat(key)
    except NotFound:
        return None


def _exchange(tree: "StoreTree", source: str, target: str, present: Entry | None) -> None:
    moves = tree.backend.ability(Moves)
    if present is None:
        raise NotFound(path=target)
    if moves is None:
        raise CapabilityNotSupported("this storage cannot exchange two names in one act", source)
    for key in (source, target):
        with tree.holding(key) as file:
            _settle(tree, file)
        for below in tree.files.below(key):
            _settle(tree, below)
    moves.move(source, target, exchange=True)
    for old, new in ((source, ASIDE), (target, source), (ASIDE, target)):
        tree.files.moved(old, new)
    for key in (source, target):
        tree.entries.forget_tree(key)
        _stand_on_present(tree, key)
        tree.appeared(key)


def _rename_file(tree: "StoreTree", source: str, target: str, entry: Entry, present: Entry | None) -> None:
    if present is not None and present.is_folder:
        raise IsADirectory(path=target)
    with tree.holding(source) as file:
        if file is None:
            _move_stored(tree, source, target, entry)
        else:
            _rename_open(tree, file, target, entry, present)


def _rename_open(
    tree: "StoreTree", file: SharedFile, target: str, entry: Entry, present: Entry | None
) -> None:
    with file.at_rest():
        if not file.is_stored:
            _take_place(tree, file, target, present)
            return
        _settle(tree, file)
        source = file.key
        _move_stored(tree, source, target, entry)
        tree.files.moved(source, target)
        _stand_on_present(tree, target)


def _stand_on_present(tree: "StoreTree", key: str) -> None:
    """Open files at and below a key were moved inside the store: each object may have another ETag now."""
    for file in (*tree.files.below(key), tree.files.get(key)):
        if file is not None and file.is_stored:
            entry = tree.backend.stat(file.key)
            tree.entries.put(file.key, entry)
            file.stands_on(file.key, entry, tree.context.base_of(file.key, entry))


def _take_place(tree: "StoreTree", file: SharedFile, target: str, present: Entry | None) -> None:
    """A file that the store has not heard of gets its new name before it gets there."""
    with _displaced(tree, target) as old:
        replaced = present if old is None or old.is_stored else None
        if replaced is not None and replaced.kind is not EntryKind.FILE:
            tree.backend.delete(target)
            replaced = None
        tree.files.moved(file.key, target)
        file.stands_on(target, Entry(paths.name_of(target), EntryKind.FILE), None)
        if replaced is not None:
            file.replaces(tree.context.base_of(target, replaced))
        tree.durability.renamed(file, old)


@contextmanager
def _displaced(tree: "StoreTree", target: str) -> Iterator[SharedFile | None]:
    """The open file that the block overwrites, if one is: its handles keep its bytes."""
    with tree.holding(target) as file:
        if file is None:
            yield None
            return
        with file.at_rest(), parted(tree, file):
            yield file


def _move_stored(tree: "StoreTree", source: str, target: str, entry: Entry) -> None:
    with _displaced(tree, target), tree.attempts.noting(target, *Attempt.to_place(entry)):
        if not _moved_in_one_act(tree, source, target):
            _copy(tree, source, target, entry)
            delete_stored(tree, source)
    tree.entries.moved(source, target)
    tree.entries.forget(target)


def _moved_in_one_act(tree: "StoreTree", source: str, target: str) -> bool:
    """Rename a file or symlink, where the store can between just these two."""
    moves, some = tree.backend.ability(Moves), tree.backend.ability(MovesSome)
    with tree.attempts.noting(source, GONE):
        if moves is not None:
            moves.move(source, target)
        elif some is not None and some.can_move(source, target):
            some.move_file(source, target)
        else:
            return False
    return True


def _copy(tree: "StoreTree", source: str, target: str, entry: Entry) -> None:
    copies = tree.backend.ability(Copies)
    if copies is not None:
        copies.copy(source, target)
    elif entry.kind is EntryKind.FILE:
        pieces = _streamed(tree.backend, source, entry)
        tree.backend.write(target, pieces, metadata=entry.metadata, attributes=entry.attributes)
    else:
        raise CapabilityNotSupported("this storage cannot rename what is no plain file", source)


def _streamed(backend: Backend, key: str, entry: Entry) -> Iterator[Buffer]:
    for start in range(0, entry.size, STREAM_CHUNK):
        yield backend.read(key, start, start + STREAM_CHUNK, if_match=entry.etag)


def _settle(tree: "StoreTree", file: SharedFile | None) -> None:
    """The store is to have this file's newest bytes before it is asked to move them."""
    if file is not None:
        with file.at_rest():
            if file.is_dirty:
                tree.durability.publish_now(file)


def _rename_folder(tree: "StoreTree", source: str, target: str, present: Entry | None) -> None:
    if paths.is_below(target, source):
        raise InvalidPath("a folder cannot be moved into itself", target)
    if present is not None:
        if not present.is_folder:
            raise NotADirectory(path=target)
        if next(iter(tree.list(target)), None) is not None:
            raise DirectoryNotEmpty(path=target)
    for file in tree.files.below(source):
        _settle(tree, file)
    moves = tree.backend.ability(Moves)
    if moves is not None:
        moves.move(source, target)
    else:
        _move_every_entry(tree, source, target, present)
    tree.files.moved(source, target)
    tree.entries.forget_tree(source)
    tree.entries.forget_tree(target)
    _stand_on_present(tree, target)


def _move_every_entry(tree: "StoreTree", source: str, target: str, present: Entry | None) -> None:
    folders, files = _swept(tree, source)
    if present is not None:
        tree.backend.remove_directory(target)
    for key, entry in [(source, tree.stat(source)), *folders]:
        tree.backend.make_directory(target + key[len(source) :], attributes=entry.attributes)

    def bring(item: tuple[str, Entry]) -> bool:
        key, entry = item
        new = target + key[len(source) :]
        if _moved_in_one_act(tree, key, new):
            return False
        _copy(tree, key, new, entry)
        return True

    brought = tree.context.workers.map_bounded(bring, files, parallel=PARALLEL_COPIES)
    _delete_all(tree, [key for (key, _), is_copy in zip(files, brought, strict=True) if is_copy])
    for key, _ in sorted(folders, reverse=True):
        tree.backend.remove_directory(key)
    tree.backend.remove_directory(source)


def _swept(tree: "StoreTree", source: str) -> tuple[list[tuple[str, Entry]], list[tuple[str, Entry]]]:
    """Everything below a folder: its folders, parents first, and the rest."""
    folders: list[tuple[str, Entry]] = []
    files: list[tuple[str, Entry]] = []
    waiting = [source]
    while waiting:
        folder = waiting.pop()
        for entry in tree.backend.list(folder):
            key = paths.join(folder, entry.name)
            if entry.is_folder:
                folders.append((key, entry if entry.complete else tree.backend.stat(key)))
                waiting.append(key)
            else:
                files.append((key, entry))
    return sorted(folders), files


def _delete_all(tree: "StoreTree", keys: list[str]) -> None:
    many = tree.backend.ability(DeletesMany)
    if many is not None:
        many.delete_many(keys)
        return
    for _ in tree.context.workers.map_bounded(tree.backend.delete, keys, parallel=PARALLEL_COPIES):
        pass
