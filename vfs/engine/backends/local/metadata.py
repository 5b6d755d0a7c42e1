"""User metadata of local files, kept in extended attributes beside the content."""

import errno
import os
from collections.abc import Mapping

from vfs.engine.errors import InvalidPath

PREFIX = "user.vfs.meta."


def are_kept_in(folder: int) -> bool:
    """Whether the file system of this folder takes user attributes."""
    try:
        os.getxattr(f"/proc/self/fd/{folder}", f"{PREFIX}probe")
    except OSError as error:
        return error.errno == errno.ENODATA
    return True


def read(file: int | str) -> dict[str, str]:
    """The metadata of a file, by descriptor or by a path that is not followed."""
    return {
        name.removeprefix(PREFIX): os.fsdecode(_get(file, name))
        for name in _list(file)
        if name.startswith(PREFIX)
    }


def replace(file: int, metadata: Mapping[str, str]) -> None:
    """Make these the metadata of an open file; raises InvalidPath for a name that none can have."""
    if any("\0" in name for name in metadata):
        raise InvalidPath("the name of a metadatum cannot hold a NUL character")
    for name in _list(file):
        if name.startswith(PREFIX) and name.removeprefix(PREFIX) not in metadata:
            os.removexattr(file, name)
    for name, value in metadata.items():
        os.setxattr(file, f"{PREFIX}{name}", os.fsencode(value))


def copy_all(source: int, target: int) -> None:
    """Copy every user attribute, metadata among them, from one open file to another."""
    for name in _list(source):
        if name.startswith("user."):
            os.setxattr(target, name, os.getxattr(source, name))


def _list(file: int | str) -> list[str]:
    return os.listxattr(file) if isinstance(file, int) else os.listxattr(file, follow_symlinks=False)


def _get(file: int | str, name: str) -> bytes:
    return (
        os.getxattr(file, name) if isinstance(file, int) else os.getxattr(file, name, follow_symlinks=False)
    )
