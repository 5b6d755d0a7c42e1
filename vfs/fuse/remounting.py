"""Mounts that come and go while the file system is mounted."""

import os
import time
from collections.abc import Iterator, Mapping
from dataclasses import replace

from vfs.engine import FileTree
from vfs.fuse.inodes import ROOT
from vfs.fuse.notices import Notice, StaleInode, StaleName
from vfs.fuse.projection import Projection


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
    view.inodes.forget_identities(root.tree)
    root.tree, root.entry = tree, None
    for name, child in list(root.children.items()):
        view.inodes.detach(child, root, name)
        yield StaleName(ROOT, os.fsencode(name))
