"""`vfs versions`, `restore`, `diff`: what files were, made present again, and how texts differ."""

import argparse
import os
from typing import TYPE_CHECKING

from vfs.cli.exit_status import OK
from vfs.cli.output import Output
from vfs.cli.verbs import Verbs, add_place_verb, for_each
from vfs.engine.dates import utc
from vfs.engine.diffs import LIMIT, check_size, unified_diff
from vfs.engine.mount_errors import naming_mount

if TYPE_CHECKING:
    from vfs.cli.places import Place, Places
    from vfs.engine.nodes import StorageNode

_WHICH = (
    "as `vfs versions` names it, or its letters after ~, the storage's id, a number (0 the oldest, -1 the "
    "newest), or a time: @2h, @yesterday, @2026-11-20T10:33"
)


def add_verbs(verbs: "Verbs[argparse.ArgumentParser]") -> None:
    """Add the verbs of this module."""
    listed = add_place_verb(
        verbs, "versions", "List the versions of files.", _versions, places=["places"], glob=True
    )
    listed.add_argument("places", metavar="FILE", nargs="+")
    restore = add_place_verb(
        verbs, "restore", "Make an old version of a file the present one.", _restore, places=["place"]
    )
    restore.add_argument("place", metavar="FILE", help="it may be deleted")
    restore.add_argument("version", metavar="VERSION", help=_WHICH)
    diff = add_place_verb(
        verbs, "diff", "Tell how one text differs from another.", _diff, places=["old", "new"]
    )
    diff.add_argument("old", metavar="A")
    diff.add_argument("new", metavar="B", nargs="?", help="default: A, as it is now")
    diff.add_argument(
        "--from", dest="old_version", metavar="VERSION", help="A as it was: as for `vfs restore`"
    )
    diff.add_argument("--to", dest="new_version", metavar="VERSION", help="B as it was")


def _versions(places: "Places", arguments: argparse.Namespace, out: Output) -> int:
    is_headed = len(arguments.places) > 1 or arguments.glob

    def tell(place: "Place") -> None:
        if is_headed and not out.json:
            out.tell(f"{place.argument}:")
        _tell_versions(places, place, out)

    return for_each(places.chosen(arguments.places, glob=arguments.glob), tell, places, out)


def _tell_versions(places: "Places", place: "Place", out: Output) -> None:
    from vfs.cli.past_files import id_of, shown_versions

    for shown in shown_versions(places, place):
        moment = utc(shown.mtime_ns).astimezone()
        mark = ["present"] if shown.is_present else []
        out.tell(
            *out.row([shown.stem, f"{moment:%Y-%m-%d %H:%M:%S} {shown.size:>14,}", *mark]),
            file=places.shown(place.node.mount, place.node.path),
            version=shown.stem,
            id=id_of(places, shown) if out.json else None,
            path=places.shown(shown.node.mount, shown.node.path),
            size=shown.size,
            mtime=shown.mtime_ns / 1e9,
            present=shown.is_present,
        )


def _restore(places: "Places", arguments: argparse.Namespace, out: Output) -> int:
    from vfs.cli.past_files import version_named

    place = places.at(arguments.place)
    version = version_named(places, place, arguments.version)
    size = _restored(places, place, version)
    source = places.shown(version.mount, version.path)
    target = places.shown(place.node.mount, place.node.path)
    out.tell(f"{target}: {size:,} bytes, from {source}", file=target, version=source, size=size)
    return OK


def _restored(places: "Places", place: "Place", version: "StorageNode") -> int:
    """Inside the store, where this process or a daemon of this user has the mount; else as `cp` does."""
    node, told = place.node, version.stat().version_id
    if told is None:
        summary = version.copy_to(node)
        summary.raise_for_failures()
        return summary.bytes
    with naming_mount(node.mount, node.path):
        return places.manager.tree(node.mount).transfers.restore_version(node.path, told).size


def _diff(places: "Places", arguments: argparse.Namespace, out: Output) -> int:
    old = _side(places, arguments.old, arguments.old_version)
    new = _side(places, arguments.new or arguments.old, arguments.new_version)
    names = [places.shown(node.mount, node.path) for node in (old, new)]
    for node, name in zip((old, new), names, strict=True):
        check_size(node.size(), name, LIMIT)
    text = unified_diff(old.read_bytes(), new.read_bytes(), *names)
    if out.json:
        out.tell(old=names[0], new=names[1], diff=os.fsdecode(text))
    else:
        out.content(text)
    return OK


def _side(places: "Places", argument: str, version: str | None) -> "StorageNode":
    from vfs.cli.past_files import version_named

    place = places.at(argument)
    return place.node if version is None else version_named(places, place, version)
