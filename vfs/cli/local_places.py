"""Paths of this machine as places in mounts: each file system is a mount of its own, from its top.

What a running daemon shows is no file system then, but the mount that it shows.
"""

import os
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass

from vfs.engine import paths
from vfs.engine.backends.local import LocalOptions
from vfs.engine.errors import InvalidPath, NotADirectory
from vfs.engine.manager import StorageManager
from vfs.engine.mounts import MountSpec
from vfs.fuse.mount_table import mount_points


@dataclass(frozen=True, slots=True)
class LocalPath:
    """The top folder of a file system, and a path below it."""

    top: str
    key: str


def real_path(written: str, *, follow: bool) -> str:
    """The absolute path without symlinks on the way; nothing needs to be there.

    A symlink at its end is followed if `follow`. Where it is not, one with a slash behind it, which programs
    take now for the link and now for its folder, is NotADirectory.
    """
    if "\0" in written:
        raise InvalidPath("a path cannot hold a NUL character", written)
    folder, name = os.path.split(os.path.join(os.getcwd(), written.rstrip("/") or "/"))
    if written.endswith("/") and not follow and os.path.islink(written.rstrip("/")):
        raise NotADirectory("is a symlink: without the slash it is meant itself", written)
    if follow or name in {"", ".", ".."}:
        return os.path.realpath(written)
    return os.path.join(os.path.realpath(folder), name)


def split_at_mount(path: str) -> LocalPath:
    """Where the file system begins that holds a real path: what is moved within it is renamed."""
    held_by = path if os.path.isdir(path) and not os.path.islink(path) else os.path.dirname(path)
    around = [top for top in mount_points() if top == "/" or held_by == top or held_by.startswith(f"{top}/")]
    top = max(around, key=len, default="/")
    key = "" if path == top else path[len(top.rstrip("/")) + 1 :]
    paths.check_key(key)
    return LocalPath(top, key)


def options_for(top: str) -> LocalOptions:
    """A mount of this folder, symlinks in it being what they are."""
    return LocalOptions.model_validate({"path": top})


class LocalMounts(Mapping[str, str]):
    """The mounts of a manager that stand for folders of this machine: names to those folders."""

    def __init__(self, manager: StorageManager) -> None:
        self._manager = manager
        self._tops: dict[str, str] = {}

    def __getitem__(self, name: str) -> str:
        return self._tops[name]

    def __iter__(self) -> Iterator[str]:
        return iter(self._tops)

    def __len__(self) -> int:
        return len(self._tops)

    def opened(self, top: str) -> str:
        """The name of the mount for a file system, opened when it is first asked for."""
        return self.entered(top, self._open)

    def _open(self, name: str, top: str) -> None:
        self._manager.add_mount(MountSpec(name=name, type="local", options=options_for(top)))

    def entered(self, top: str, enter: Callable[[str, str], None]) -> str:
        """The name of the mount for a folder; `enter` makes one of a name when it is first asked for."""
        for name, known in self._tops.items():
            if known == top:
                return name
        name = _free_name(self._manager)
        enter(name, top)
        self._tops[name] = top
        return name

    def shown(self, mount: str, key: str) -> str | None:
        """The path as people write it, from the working directory if it lies below; None for other mounts."""
        top = self._tops.get(mount)
        if top is None:
            return None
        path = os.path.join(top, key) if key else top
        here = os.getcwd()
        return os.path.relpath(path, here) if path.startswith(f"{here.rstrip('/')}/") else path


def _free_name(manager: StorageManager) -> str:
    number = 1
    while manager.has_mount(f"local files {number}"):
        number += 1
    return f"local files {number}"
