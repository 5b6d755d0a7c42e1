"""Restoring an old version where its mount is open: inside the store, and known at once to all openers."""

from collections.abc import Mapping
from typing import Any

from vfs.engine import paths
from vfs.engine.errors import InvalidPath, NotFound
from vfs.engine.layers.readonly import refuse
from vfs.engine.manager import StorageManager
from vfs.engine.nodes import StorageNode


def restore(
    manager: StorageManager, asked: Mapping[str, Any], *, readonly: bool = False
) -> Mapping[str, Any]:
    """Make the file at `path` of `mount` what stands at `past`, a path below a `.versions` of that mount.

    Tells its `size`. What was not sent yet is sent before, and is a version too. Raises InvalidPath where
    that is no version of this file, PermissionDenied where the mount is `readonly` or shown so, and what
    `StorageNode.rollback` raises.
    """
    mount, path, past = (_text(asked, name) for name in ("mount", "path", "past"))
    if manager.tree(mount).readonly or readonly:
        refuse(path, mount)
    entry = StorageNode(manager, mount, paths.normalize(past)).stat()
    if entry.is_folder or entry.version_id is None:
        raise InvalidPath("this is no version of a file", past)
    try:
        result = StorageNode(manager, mount, paths.normalize(path)).rollback(entry.version_id)
    except NotFound as error:
        raise NotFound(f"{past} is no version of it", path, mount=mount) from error
    return {"size": result.size}


def _text(asked: Mapping[str, Any], name: str) -> str:
    value = asked.get(name)
    if not isinstance(value, str):
        raise InvalidPath(f"{name} is missing in what was asked")
    return value
