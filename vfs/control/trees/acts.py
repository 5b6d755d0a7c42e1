"""What a daemon's trees are asked to do, by the words of the call: acts that take words and give words."""

from collections.abc import Callable, Mapping
from typing import Any

from vfs.control.trees.values import (
    Said,
    heard_attributes,
    heard_entry,
    say_entry,
    say_result,
)
from vfs.engine.backend import ChecksHealth, OpenFile
from vfs.engine.copying.options import Place
from vfs.engine.entries import Attributes
from vfs.engine.errors import InvalidPath
from vfs.engine.files.tree import FileTree

Heard = Mapping[str, Any]

TreeAct = Callable[[FileTree, Heard], Said]


def about(tree: FileTree, *, readonly: bool) -> Said:
    """What a mount is; `readonly` where it may not be changed by who asks, whatever its settings allow."""
    backend = tree.backend
    return {
        "readonly": readonly,
        "capabilities": sorted(capability.value for capability in tree.capabilities),
        "largest_file": backend.largest_file,
        "is_remote": backend.is_remote,
        "lists_cheaply": backend.lists_cheaply,
        "lists_sizes": backend.lists_sizes,
    }


def _kind(tree: FileTree, heard: Heard) -> Said:
    kind = tree.kind(heard["key"])
    return None if kind is None else kind.value


def _original(tree: FileTree, heard: Heard) -> Said:
    original = tree.transfers.original(heard["key"])
    return None if original is None else [original.store, original.place]


def _space(tree: FileTree, _: Heard) -> Said:
    space = tree.space()
    return {
        "total_bytes": space.total_bytes,
        "free_bytes": space.free_bytes,
        "total_files": space.total_files,
        "free_files": space.free_files,
    }


def _ping(tree: FileTree, _: Heard) -> Said:
    health = tree.backend.ability(ChecksHealth)
    if health is not None:
        health.ping()
    else:
        tree.backend.stat("")


LOOKING: Mapping[str, TreeAct] = {
    "stat": lambda tree, heard: say_entry(tree.stat(heard["key"])),
    "listed": lambda tree, heard: say_entry(tree.listed(heard["key"])),
    "kind": _kind,
    "read_symlink": lambda tree, heard: tree.read_symlink(heard["key"]),
    "get_xattr": lambda tree, heard: tree.get_xattr(heard["key"], heard["name"]).hex(),
    "list_xattrs": lambda tree, heard: list(tree.list_xattrs(heard["key"])),
    "space": _space,
    "ping": _ping,
    "original": _original,
    "content_hash": lambda tree, heard: tree.transfers.content_hash(heard["key"]),
    "flush": lambda tree, _: tree.flush(),
}
"""Acts that change nothing; a pair arrives as a list."""


def _set_xattr(tree: FileTree, heard: Heard) -> Said:
    value = bytes.fromhex(heard["value"])
    tree.set_xattr(heard["key"], heard["name"], value, create=heard["create"], replace=heard["replace"])


def _make_special(tree: FileTree, heard: Heard) -> Said:
    attributes = heard_attributes(heard["attributes"])
    return say_entry(tree.make_special(heard["key"], heard["mode"], heard["rdev"], attributes=attributes))


def _make_symlink(tree: FileTree, heard: Heard) -> Said:
    attributes = heard_attributes(heard["attributes"])
    return say_entry(tree.make_symlink(heard["key"], heard["target"], attributes=attributes))


def _rename(tree: FileTree, heard: Heard) -> Said:
    tree.rename(heard["source"], heard["target"], overwrite=heard["overwrite"], exchange=heard["exchange"])


def _make_directory(tree: FileTree, heard: Heard) -> Said:
    return say_entry(tree.make_directory(heard["key"], attributes=heard_attributes(heard["attributes"])))


CHANGING: Mapping[str, TreeAct] = {
    "delete": lambda tree, heard: tree.delete(heard["key"]),
    "remove": lambda tree, heard: tree.transfers.remove(heard["keys"]),
    "rename": _rename,
    "make_directory": _make_directory,
    "make_folders_above": lambda tree, heard: tree.make_folders_above(heard["key"]),
    "remove_directory": lambda tree, heard: tree.remove_directory(heard["key"]),
    "set_attributes": lambda tree, heard: say_entry(
        tree.set_attributes(heard["key"], _given(heard["attributes"]))
    ),
    "set_metadata": lambda tree, heard: say_entry(tree.set_metadata(heard["key"], heard["metadata"])),
    "make_symlink": _make_symlink,
    "make_link": lambda tree, heard: say_entry(tree.make_link(heard["source"], heard["target"])),
    "make_special": _make_special,
    "set_xattr": _set_xattr,
    "remove_xattr": lambda tree, heard: tree.remove_xattr(heard["key"], heard["name"]),
    "restore_version": lambda tree, heard: say_result(
        tree.transfers.restore_version(heard["key"], heard["version"])
    ),
}
"""Acts that a mount refuses that can only be read."""


def copy_inside(source: Place, target: Place, heard: Heard) -> Said:
    """Copy between two trees of this daemon without the bytes coming here; None where that cannot be."""
    return say_result(
        target.tree.transfers.copy_inside(
            source.tree.transfers,
            source.key,
            heard_entry(heard["listed"]),
            target.key,
            replacing=heard["replacing"],
            overwrite=heard["overwrite"],
        )
    )


FILE_ACTS: Mapping[str, Callable[[OpenFile, Heard], Said]] = {
    "file.truncate": lambda file, heard: file.truncate(heard["size"]),
    "file.stat": lambda file, _: say_entry(file.stat()),
    "file.set_attributes": lambda file, heard: say_entry(file.set_attributes(_given(heard["attributes"]))),
    "file.flush": lambda file, _: file.flush(),
    "file.sync": lambda file, _: file.sync(),
}
"""What can be asked of an open file besides its bytes."""


def _given(said: Said) -> Attributes:
    attributes = heard_attributes(said)
    if attributes is None:
        raise InvalidPath("no attributes are given")
    return attributes
