"""The versions of a file as `.versions` shows them, through a mount as in a storage that the tool opened."""

import re
import time
from collections.abc import Sequence
from contextlib import suppress
from dataclasses import dataclass

from vfs.cli.places import Place, Places
from vfs.engine.errors import CapabilityNotSupported, IsADirectory, NotADirectory, NotFound, StorageError
from vfs.engine.layers.versions_dir.moments import moment_of
from vfs.engine.layers.versions_dir.names import CHANGES, FOLDER, identity_of_stem, suffix_of
from vfs.engine.layers.versions_dir.places import shown_name
from vfs.engine.mount_errors import naming_mount
from vfs.engine.nodes import StorageNode

_NUMBER = re.compile(r"-?[0-9]{1,9}")


@dataclass(frozen=True, slots=True)
class Shown:
    """One version: its name without suffix, and the file that it is."""

    stem: str
    node: StorageNode
    size: int
    mtime_ns: int
    is_present: bool
    """Whether the file holds it now."""


def shown_versions(places: Places, place: Place) -> list[Shown]:
    """Of a file, oldest first. Raises NotFound, IsADirectory, CapabilityNotSupported where none are shown."""
    node = place.node
    history = _past_of(node) / shown_name(node.name)
    try:
        with naming_mount(history.mount, history.path):
            entries = places.manager.tree(history.mount).list(history.path)
            found = sorted((one for one in entries if one.name != CHANGES), key=lambda one: one.name)
    except (NotFound, NotADirectory):
        _refuse_other_kinds(node)
        raise NotFound("it has no versions", node.path, mount=node.mount) from None
    suffix = suffix_of(node.name)
    is_there = node.is_file()
    last = found[-1].name
    return [
        Shown(
            entry.name.removesuffix(suffix),
            history / entry.name,
            entry.size,
            entry.mtime_ns or 0,
            is_there and entry.name == last,
        )
        for entry in found
    ]


def version_named(places: Places, place: Place, wanted: str) -> StorageNode:
    """The version that a word means: a name that `vfs versions` tells, its letters after `~`, the store's id,
    a number as in Python (0 the oldest, -1 the newest), or a time as `.versions/@TIME` has it.

    Raises NotFound for none.
    """
    versions = shown_versions(places, place)
    found = _by_name(versions, wanted) or _by_number(versions, wanted) or _at_time(place.node, wanted)
    if found is None:
        found = next((shown.node for shown in versions if id_of(places, shown) == wanted), None)
    if found is None:
        raise NotFound(f"there is no version {wanted!r} of it", place.node.path, mount=place.node.mount)
    return found


def id_of(places: Places, shown: Shown) -> str | None:
    """The storage's own id of a version; a mount tells it as an attribute."""
    told = shown.node.stat().version_id
    if told is not None:
        return told
    with suppress(StorageError):
        tree = places.manager.tree(shown.node.mount)
        return tree.get_xattr(shown.node.path, "user.vfs.version").decode("utf-8", "surrogateescape")
    return None


def _past_of(node: StorageNode) -> StorageNode:
    return node.parent / FOLDER


def _refuse_other_kinds(node: StorageNode) -> None:
    if node.is_dir():
        raise IsADirectory("a folder: copy it from .versions/@TIME beside it", node.path, mount=node.mount)
    if not _past_of(node).exists():
        raise CapabilityNotSupported(
            "no old versions are kept here, or `versions: off` hides them", node.path, mount=node.mount
        )


def _by_name(versions: Sequence[Shown], wanted: str) -> StorageNode | None:
    for shown in versions:
        if wanted in {shown.stem, shown.node.name}:
            return shown.node
    # The time in a name may count on where versions of one moment are gone: the letters are the identity.
    alike = [shown.node for shown in versions if identity_of_stem(shown.stem) == identity_of_stem(wanted)]
    return alike[0] if len(alike) == 1 else None


def _by_number(versions: Sequence[Shown], wanted: str) -> StorageNode | None:
    if not _NUMBER.fullmatch(wanted) or not -len(versions) <= int(wanted) < len(versions):
        return None
    return versions[int(wanted)].node


def _at_time(node: StorageNode, wanted: str) -> StorageNode | None:
    word = wanted.removeprefix("@")
    if moment_of(word, time.time()) is None:
        return None
    past = _past_of(node) / f"@{word}" / node.name
    if not past.is_file():
        raise NotFound(f"there was no such file at {word}", node.path, mount=node.mount)
    return past
