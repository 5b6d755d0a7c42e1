"""`vfs rm` and `mkdir`: what is to be gone, and folders that are to be there."""

import argparse
from collections.abc import Iterable
from itertools import islice

from vfs.cli.exit_status import FAILED, OK
from vfs.cli.interruption import telling_interruption
from vfs.cli.output import Output
from vfs.cli.places import Place, Places
from vfs.cli.verbs import Verbs, add_place_verb, for_each
from vfs.engine.errors import DirectoryNotEmpty, InvalidPath, NotFound, StorageError

AT_ONCE = 1000
"""Places that are held while they are removed, many at a time."""


def add_verbs(verbs: "Verbs[argparse.ArgumentParser]") -> None:
    """Add the verbs of this module."""
    rm = add_place_verb(
        verbs,
        "rm",
        "Remove files, symlinks themselves and empty folders.",
        _rm,
        places=["places"],
        follow=False,
        glob=True,
    )
    rm.add_argument("places", metavar="PLACE", nargs="+")
    rm.add_argument("-r", "--recursive", action="store_true", help="folders with all that is in them")
    rm.add_argument("-f", "--force", action="store_true", help="what is not there is no failure")
    rm.add_argument("-n", "--dry-run", action="store_true", help="change nothing, tell what would be")
    mkdir = add_place_verb(verbs, "mkdir", "Make folders.", _mkdir, places=["places"])
    mkdir.add_argument("places", metavar="PLACE", nargs="+")
    mkdir.add_argument(
        "-p", "--parents", action="store_true", help="with those above; one that is there is no failure"
    )


def _rm(places: Places, arguments: argparse.Namespace, out: Output) -> int:
    for argument in arguments.places:
        if argument.rstrip("/").rpartition("/")[2] in {".", ".."}:
            raise InvalidPath("is refused: name the folder that is meant", argument)
    if arguments.dry_run:
        return for_each(
            places.chosen(arguments.places, glob=arguments.glob),
            lambda place: _tell_plan(place, places, arguments, out),
            places,
            out,
        )
    chosen = places.chosen(arguments.places, glob=arguments.glob)
    status = OK
    with telling_interruption(out, lambda: "what is left is whole; run it again to remove that too"):
        while batch := list(islice(chosen, AT_ONCE)):
            status = max(status, _remove(batch, places, arguments, out))
    return status


def _remove(batch: Iterable[Place], places: Places, arguments: argparse.Namespace, out: Output) -> int:
    by_path = {place.node.fullpath: place.node for place in batch}
    failed = places.manager.batch_delete(by_path.values(), recursive=arguments.recursive).failed
    missing = {path for path, error in failed.items() if arguments.force and isinstance(error, NotFound)}
    wrong = {path: error for path, error in failed.items() if path not in missing}
    for error in wrong.values():
        out.failure(places.told(_with_way_out(error)))
    if out.json:
        for path, node in by_path.items():
            if path not in wrong:
                act = "missing" if path in missing else "removed"
                out.tell(**{act: places.shown(node.mount, node.path)})
    return FAILED if wrong else OK


def _tell_plan(place: Place, places: Places, arguments: argparse.Namespace, out: Output) -> None:
    node = place.node
    shown = places.shown(node.mount, node.path)
    try:
        entry = node.stat()
    except NotFound:
        if arguments.force:
            return
        raise
    count = node.tree_info().file_count if entry.is_folder else 0
    if count and not arguments.recursive:
        raise _with_way_out(DirectoryNotEmpty(path=node.path, mount=node.mount))
    below = f", with {count:,} file(s)" if count else ""
    out.tell(f"would remove {shown}{below}", path=shown, files=count if entry.is_folder else 1)


def _mkdir(places: Places, arguments: argparse.Namespace, out: Output) -> int:
    def make(place: Place) -> None:
        place.node.mkdir(parents=arguments.parents, exist_ok=arguments.parents)
        if out.json:
            out.tell(path=places.shown(place.node.mount, place.node.path))

    return for_each(map(places.at, arguments.places), make, places, out)


def _with_way_out(error: StorageError) -> StorageError:
    """The same, with what to do about it."""
    if not isinstance(error, DirectoryNotEmpty):
        return error
    return DirectoryNotEmpty("is not empty; -r removes all that is in it", error.path, mount=error.mount)
