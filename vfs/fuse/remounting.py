"""Mounts that come and go while the file system is mounted."""

import os
import time
from collections.abc import Awaitable, Callable, Iterator, Mapping
from dataclasses import replace
from typing import TypeVar

import trio

from vfs.engine import FileTree, StorageManager
from vfs.fuse.inodes import ROOT
from vfs.fuse.notices import Notice, StaleInode, StaleName, send
from vfs.fuse.projection import Projection

ResultT = TypeVar("ResultT")


class MountDoor:
    """The engine's `Door` of one mounted file system. Its methods are called beside the loop, and block.

    A mount that is shown alone, as the root, must not be removed.
    """

    def __init__(self, manager: StorageManager, projection: Projection) -> None:
        self._manager = manager
        self._projection = projection
        self.loop: trio.lowlevel.TrioToken | None = None
        """Set while requests are answered."""

    def mounts_changed(self) -> None:
        alone = self._projection.inodes.root.tree
        names = self._manager.mount_names() if alone is None else [alone.name]
        trees = {name: self._manager.tree(name) for name in names}

        async def shown() -> list[Notice]:
            return show(self._projection, trees)

        for notice in self._on_loop(shown) or ():
            send(notice)

    def let_go(self) -> None:
        self._on_loop(self._projection.in_work.those_begun_finished)

    def _on_loop(self, act: Callable[[], Awaitable[ResultT]]) -> ResultT | None:
        """What `act` gives on the loop; None where nothing is served any more."""
        if self.loop is None:
            return None
        try:
            return trio.from_thread.run(act, trio_token=self.loop)
        except (trio.RunFinishedError, trio.Cancelled):
            return None


def show(view: Projection, trees: Mapping[str, FileTree]) -> list[Notice]:
    """Serve these trees from now on; what the kernel must be told comes back. Belongs to the loop.

    What the kernel still knows of a tree that is no longer served answers ESTALE. Requests that have begun
    may still use it.
    """
    root = view.inodes.root
    notices = list(_shown_alone(view, trees) if root.tree is not None else _shown_in_table(view, trees))
    view.trees = dict(trees)
    if notices:
        root.changed()
        view.table = replace(view.table, mtime_ns=time.time_ns(), nlink=2 + len(trees))
        notices.append(StaleInode(ROOT, attributes_only=True))
    return notices


def _shown_in_table(view: Projection, trees: Mapping[str, FileTree]) -> Iterator[Notice]:
    root = view.inodes.root
    for name in {**view.trees, **trees}:
        if view.trees.get(name) is trees.get(name):
            continue
        mount = root.children.get(name)
        if mount is not None:
            view.inodes.retire_mount(mount, name)
        yield StaleName(ROOT, os.fsencode(name))


def _shown_alone(view: Projection, trees: Mapping[str, FileTree]) -> Iterator[Notice]:
    root = view.inodes.root
    assert root.tree is not None
    tree = trees[root.tree.name]
    if tree is root.tree:
        return
    view.inodes.disown(root.tree)
    root.tree, root.entry = tree, None
    for name, child in list(root.children.items()):
        view.inodes.detach(child, root, name)
        yield StaleName(ROOT, os.fsencode(name))
