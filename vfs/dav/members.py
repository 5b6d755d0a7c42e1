"""Members: what a listing of a folder shows to a client."""

from collections.abc import Callable, Iterator
from contextlib import suppress
from typing import TYPE_CHECKING

from vfs.dav import places
from vfs.dav.junk import is_junk
from vfs.dav.places import Place
from vfs.engine import Entry, EntryKind, NotFound

if TYPE_CHECKING:
    from vfs.dav.provider import MountsProvider
    from vfs.dav.resources import Environ

SEES = "vfs.dav.sees"
"""In a request's environment: a function of whole paths that tells what this client may know of."""


def of(
    provider: "MountsProvider", environ: "Environ", path: str, place: Place | None, *, with_sizes: bool
) -> Iterator[Entry]:
    """Files and folders, by one listing; `with_sizes` asks for those that only the contents tell.

    The folder of all mounts asks nothing of any of them. Raises what the tree does.
    """
    found = _mounts(provider) if place is None else _stored(place, with_sizes=with_sizes)
    sees: Callable[[str], bool] | None = environ.get(SEES)
    if not provider.junk.is_stored:
        found = (entry for entry in found if not is_junk(entry.name))
    if sees is None:
        return found
    whole = provider.whole(path)
    return (entry for entry in found if sees(places.child(whole, entry.name)))


def entry_at(place: Place) -> Entry:
    """What stands at a place, as a listing would tell it. Raises what the tree does.

    No store is asked for what it has listed a moment ago, unless only the contents tell a size.
    """
    tree, key = place.tree, place.key
    entry = tree.listed(key)
    return entry if entry.complete or tree.backend.lists_sizes or not entry.is_file else tree.stat(key)


def _mounts(provider: "MountsProvider") -> Iterator[Entry]:
    return (Entry(name, EntryKind.FOLDER) for name in provider.mount_names())


def _stored(place: Place, *, with_sizes: bool) -> Iterator[Entry]:
    tree, key = place.tree, place.key
    must_ask = with_sizes and not tree.backend.lists_sizes
    yield from tree.beside(key)
    for entry in tree.list(key):
        is_file = entry.is_file
        if is_file and must_ask and not entry.complete:
            # What went meanwhile is not shown.
            with suppress(NotFound):
                yield tree.stat(f"{key}/{entry.name}" if key else entry.name)
        elif is_file or entry.is_folder:
            yield entry
