"""Removing a name, with the file that may be open there: others' handles keep its bytes."""

from collections.abc import Iterator
from contextlib import contextmanager
from typing import TYPE_CHECKING

from vfs.engine.errors import Conflict
from vfs.engine.files.attempts import GONE
from vfs.engine.files.shared import SharedFile

if TYPE_CHECKING:
    from vfs.engine.files.store_tree import StoreTree


def delete(tree: "StoreTree", key: str) -> None:
    """Delete a file or symlink; the key's lock is held."""
    with tree.holding(key) as file:
        if file is None:
            delete_stored(tree, key)
            return
        with file.at_rest(), parted(tree, file):
            if file.is_stored:
                delete_stored(tree, key)


def delete_stored(tree: "StoreTree", key: str) -> None:
    """Delete what the store has."""
    with tree.attempts.noting(key, GONE):
        tree.backend.delete(key)


@contextmanager
def parted(tree: "StoreTree", file: SharedFile) -> Iterator[None]:
    """A file without its name, which the block takes from it in the store. It is at rest.

    When the block fails the file has its name again; whoever opened another one there meanwhile is told. The
    journal forgets it only when the block is done: until then it is what a crash must leave.
    """
    if file.is_stored:
        file.keep_for_others()
    key, file.unlinked = file.key, True
    tree.files.detach(key)
    try:
        yield
    except BaseException:
        file.unlinked = False
        other = tree.files.put_back(file)
        if other is not None:
            other.lost = Conflict("opened while its name was to be taken away, which failed", key)
        raise
    tree.durability.forget(file)
