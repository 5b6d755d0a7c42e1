"""Refusing a copy that would feed on itself: a folder into itself, or one that deletes its own source."""

from vfs.engine import paths
from vfs.engine.copying.options import Place
from vfs.engine.errors import InvalidPath


def refuse_overlap(source: Place, target: Place, *, deletes: bool = False) -> None:
    """Raise InvalidPath when the target is the source or lies in it, by this mount or another of its store.

    With `deletes`, also when the source lies in the target.
    """
    if _is_within(target, source):
        raise InvalidPath("cannot be copied into itself", source.key, mount=source.tree.name)
    if deletes and _is_within(source, target):
        raise InvalidPath(
            "lies in the folder whose other files would be deleted", source.key, mount=source.tree.name
        )


def _is_within(inner: Place, outer: Place) -> bool:
    if inner.tree is outer.tree:
        return inner.key == outer.key or paths.is_below(inner.key, outer.key)
    here, there = inner.tree.transfers.original(inner.key), outer.tree.transfers.original(outer.key)
    return here is not None and there is not None and here.is_within(there)
