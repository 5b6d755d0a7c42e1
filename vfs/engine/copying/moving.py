"""Moving: a rename where one mount can; else a copy, checked, and only then the source deleted.

Whatever fails, each file is whole at its old place or its new one, and nothing is deleted before everything
is copied. What changed at the source meanwhile stays there.
"""

from collections.abc import Iterator
from dataclasses import replace
from itertools import islice

from vfs.engine.copying.inventory import Inventory, Listed
from vfs.engine.copying.options import CopyOptions, Place
from vfs.engine.copying.plan import swept
from vfs.engine.copying.run import REMOVED_AT_ONCE, copy
from vfs.engine.copying.skipping import SkipStrategy
from vfs.engine.errors import (
    AlreadyExists,
    Conflict,
    DirectoryNotEmpty,
    InvalidPath,
    NotADirectory,
    NotFound,
    StorageError,
)
from vfs.engine.layers.readonly import refuse
from vfs.engine.mount_errors import naming_mount


def move(source: Place, target: Place, options: CopyOptions) -> None:
    """Give an entry, a folder with all that it holds, another place.

    Raises the first failure: then everything that was there is still there, and what was copied too.
    """
    if source.tree is target.tree and _is_whole(options):
        with naming_mount(source.tree.name, source.key):
            source.tree.rename(source.key, target.key, overwrite=options.overwrite)
        return
    with naming_mount(source.tree.name, source.key):
        if source.tree.readonly:
            refuse(source.key)
        if not source.key:
            raise InvalidPath("the root of a mount cannot be moved", source.key)
        is_folder = source.tree.stat(source.key).is_folder
    if is_folder and _is_whole(options):
        with naming_mount(target.tree.name, target.key):
            _check_free(target, overwrite=options.overwrite)
    with Inventory() as copied:
        _copy(source, target, options, copied)
        with naming_mount(source.tree.name, source.key):
            if is_folder:
                _remove_copied(source, copied)
            elif (found := copied.get(source.key)) is not None:
                _remove_file(source, found)


def _is_whole(options: CopyOptions) -> bool:
    """Whether all that is there is meant, whatever stands at the target."""
    return options.selection.is_everything and options.skip.strategy is SkipStrategy.NEVER


def _check_free(target: Place, *, overwrite: bool) -> None:
    """Raise what rename(2) says of a folder's target; an empty folder may be there."""
    try:
        present = target.tree.stat(target.key)
    except NotFound:
        return
    if not overwrite:
        raise AlreadyExists(path=target.key)
    if not present.is_folder:
        raise NotADirectory(path=target.key)
    if next(iter(target.tree.list(target.key)), None) is not None:
        raise DirectoryNotEmpty(path=target.key)


def _copy(source: Place, target: Place, options: CopyOptions, copied: Inventory) -> None:
    def note(found: Listed) -> None:
        copied.add(found)
        if options.on_file is not None:
            options.on_file(found)

    copy(source, target, replace(options, on_file=note)).raise_for_failures()


def _remove_file(source: Place, copied: Listed) -> None:
    if not _is_same(copied, Listed.of(source.key, source.tree.stat(source.key))):
        raise _changed(source, 1)
    source.tree.delete(source.key)


def _remove_copied(source: Place, copied: Inventory) -> None:
    """Delete what was copied and is still the same, then the folders that hold nothing any more."""
    with Inventory() as folders:
        changed: list[str] = []
        rest = _unchanged(source, copied, folders, changed)
        while batch := list(islice(rest, REMOVED_AT_ONCE)):
            source.tree.transfers.remove(batch)
        for found in folders.backwards():
            _remove_folder(source, found.key)
        _remove_folder(source, source.key)
        if changed:
            raise _changed(Place(source.tree, changed[0]), len(changed))


def _unchanged(source: Place, copied: Inventory, folders: Inventory, changed: list[str]) -> Iterator[str]:
    for found in swept(source):
        folders.add_folders(source.key, found)
        was = None if found.is_folder else copied.get(found.key)
        if was is not None and _is_same(was, found):
            yield found.key
        elif was is not None:
            changed.append(found.key)


def _remove_folder(source: Place, key: str) -> None:
    try:
        source.tree.remove_directory(key)
    except (NotFound, DirectoryNotEmpty):
        return


def _is_same(was: Listed, now: Listed) -> bool:
    if was.etag is not None and now.etag is not None:
        return was.etag == now.etag
    return (was.size, was.mtime_ns) == (now.size, now.mtime_ns)


def _changed(place: Place, count: int) -> StorageError:
    others = f", as did {count - 1} others" if count > 1 else ""
    told = f"changed while it was moved, and is still there{others}; the copy is as it was before"
    return Conflict(told, place.key, mount=place.tree.name)
