"""`vfs ls`, `cat`, `info`, `du`, `ping`: what is there, without changing anything."""

import argparse
import time
from collections.abc import Iterable, Iterator
from itertools import chain, islice
from typing import Any

from vfs.cli.output import Output
from vfs.cli.places import Place, Places
from vfs.cli.verbs import Verbs, add_place_verb, for_each
from vfs.engine.dates import utc
from vfs.engine.entries import Entry, EntryKind
from vfs.engine.mount_errors import naming_mount
from vfs.engine.nodes import StorageNode

SORTED_AT_MOST = 10_000
"""Names of one folder that are held to be sorted; a bigger folder is told as its listing comes."""

_LETTERS = {EntryKind.FILE: "-", EntryKind.FOLDER: "d", EntryKind.SYMLINK: "l", EntryKind.SPECIAL: "s"}


def add_verbs(verbs: "Verbs[argparse.ArgumentParser]") -> None:
    """Add the verbs of this module."""
    ls = add_place_verb(verbs, "ls", "List folders, and tell of files.", _ls, places=["places"], glob=True)
    ls.add_argument("places", metavar="PLACE", nargs="*", default=["."], help="default: .")
    ls.add_argument("-l", "--long", action="store_true", help="with kind, size and time of change")
    ls.add_argument("-R", "--recursive", action="store_true", help="with all that is below")
    ls.add_argument("-d", "--directory", action="store_true", help="tell of a folder itself")
    cat = add_place_verb(
        verbs, "cat", "Write files to the standard output.", _cat, places=["places"], glob=True
    )
    cat.add_argument("places", metavar="FILE", nargs="+")
    info = add_place_verb(
        verbs, "info", "Tell all that is known of places.", _info, places=["places"], glob=True
    )
    info.add_argument("places", metavar="PLACE", nargs="+")
    du = add_place_verb(verbs, "du", "Count files and bytes below places.", _du, places=["places"], glob=True)
    du.add_argument("places", metavar="PLACE", nargs="*", default=["."], help="default: .")
    ping = add_place_verb(verbs, "ping", "Ask storages whether they answer.", _ping, places=["places"])
    ping.add_argument("places", metavar="PLACE", nargs="+", help="'mount:', or any place in it")


def _ls(places: Places, arguments: argparse.Namespace, out: Output) -> int:
    is_headed = len(arguments.places) > 1 or arguments.glob or arguments.recursive

    def tell(place: Place) -> None:
        entry = place.node.stat()
        if entry.is_folder and not arguments.directory:
            _tell_folders(places, place.node, arguments, out, is_headed=is_headed)
        else:
            _tell_entry(places, place.node, entry, arguments, out, place.argument)

    return for_each(places.chosen(arguments.places, glob=arguments.glob), tell, places, out)


def _tell_folders(
    places: Places, top: StorageNode, arguments: argparse.Namespace, out: Output, *, is_headed: bool
) -> None:
    """A folder, and with `--recursive` all below it: what waits is a name for each folder."""
    waiting = [top]
    while waiting:
        node = waiting.pop()
        if is_headed and not out.json:
            out.tell(*([] if node is top else [""]), f"{places.shown(node.mount, node.path)}:")
        below = []
        for entry in _sorted_if_few(_listed(places, node)):
            _tell_entry(places, node / entry.name, entry, arguments, out, entry.name)
            if entry.is_folder and arguments.recursive:
                below.append(node / entry.name)
        waiting += reversed(below)


def _listed(places: Places, node: StorageNode) -> Iterator[Entry]:
    with naming_mount(node.mount, node.path):
        yield from places.manager.tree(node.mount).list(node.path)


def _sorted_if_few(entries: Iterable[Entry]) -> Iterable[Entry]:
    rest = iter(entries)
    first = list(islice(rest, SORTED_AT_MOST))
    if len(first) < SORTED_AT_MOST:
        first.sort(key=lambda entry: entry.name)
    return chain(first, rest)


def _tell_entry(
    places: Places, node: StorageNode, entry: Entry, arguments: argparse.Namespace, out: Output, name: str
) -> None:
    facts = [f"{_LETTERS[entry.kind]} {entry.size:>14,} {_moment(entry):16}"] if arguments.long else []
    out.tell(*out.row([*facts, name]), **_data(places, node, entry))


def _data(places: Places, node: StorageNode, entry: Entry) -> dict[str, Any]:
    return {
        "path": places.shown(node.mount, node.path),
        "kind": entry.kind.value,
        "size": entry.size,
        "mtime": None if entry.mtime_ns is None else entry.mtime_ns / 1e9,
    }


def _moment(entry: Entry) -> str:
    if entry.mtime_ns is None:
        return ""
    return utc(entry.mtime_ns).astimezone().replace(tzinfo=None).isoformat(" ", "minutes")


def _cat(places: Places, arguments: argparse.Namespace, out: Output) -> int:
    def write(place: Place) -> None:
        for piece in place.node.iter_bytes():
            out.content(piece)

    return for_each(places.chosen(arguments.places, glob=arguments.glob), write, places, out)


def _info(places: Places, arguments: argparse.Namespace, out: Output) -> int:
    def tell(place: Place) -> None:
        known = _known(places, place)
        width = max(map(len, known))
        rows = [
            out.row(_cells(f"{name:{width}}", value), joint=", ", indent=width + 2)
            for name, value in known.items()
            if value is not None
        ]
        out.tell(*chain.from_iterable(rows), **known)

    return for_each(places.chosen(arguments.places, glob=arguments.glob), tell, places, out)


def _known(places: Places, place: Place) -> dict[str, Any]:
    node = place.node
    entry = node.stat()
    return _data(places, node, entry) | {
        "etag": entry.etag,
        "content_type": entry.content_type,
        "mode": None if entry.mode is None else f"{entry.mode & 0o7777:04o}",
        "metadata": dict(entry.metadata) or None,
        "type": None if place.spec is None else place.spec.type,
        "native_path": node.native_path(),
        "shown_at": None if place.held is None else place.held.path,
        "capabilities": sorted(capability.value for capability in node.capabilities),
    }


def _cells(name: str, value: object) -> list[str]:
    """What is known under a name, a cell for each of its values."""
    if isinstance(value, dict):
        value = [f"{key}={item}" for key, item in value.items()]
    first, *rest = map(str, value or [""]) if isinstance(value, list) else [str(value)]
    return [f"{name}  {first}", *rest]


def _du(places: Places, arguments: argparse.Namespace, out: Output) -> int:
    def count(place: Place) -> None:
        entry = place.node.stat()
        files, size = 1, entry.size
        if entry.is_folder:
            info = place.node.tree_info()
            files, size = info.file_count, info.total_size
        name = place.argument
        line = out.row([f"{size:>18,} bytes", f"{files:>9,} files", name])
        out.tell(*line, path=name, files=files, size=size)

    return for_each(places.chosen(arguments.places, glob=arguments.glob), count, places, out)


def _ping(places: Places, arguments: argparse.Namespace, out: Output) -> int:
    def ask(place: Place) -> None:
        begun = time.monotonic()
        place.node.ping()
        spent = time.monotonic() - begun
        name = place.argument
        out.tell(f"{name}: OK in {spent * 1000:.0f} ms", path=name, seconds=round(spent, 6))

    return for_each(map(places.at, arguments.places), ask, places, out)
