"""Changes of a store that were made around its tree, by another mount of this process that shares it."""

from typing import TYPE_CHECKING

from vfs.engine.changes import ChangeKind

if TYPE_CHECKING:
    from vfs.engine.files.store_tree import StoreTree


def take_in(tree: "StoreTree", key: str, kind: ChangeKind) -> None:
    """Believe nothing of what was known at a key, and tell the front doors.

    Open files that hold nothing unsent keep the content that they had, for their handles alone. Those with
    unsent bytes stay what everybody sees here, and meet the other version when they are sent.
    """
    if kind is ChangeKind.ATTRIBUTES:
        tree.entries.forget(key)
    else:
        tree.entries.forget_tree(key)
        tree.folders_appeared(key)
        for file in (tree.files.get(key), *tree.files.below(key)):
            if file is not None and not file.is_dirty:
                tree.overtaken(file)
    unsent = tree.files.get(key)
    if unsent is None or not unsent.is_dirty:
        tree.changes.publish(tree.name, key, kind)
