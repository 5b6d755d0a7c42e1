"""Telling: the properties of entries as responses of one PROPFIND."""

import logging
from collections.abc import Mapping, Sequence
from contextlib import suppress
from itertools import islice
from typing import TYPE_CHECKING, Any, NamedTuple

from vfs.dav import places
from vfs.dav.library import etree
from vfs.dav.live_properties import LIVE, Live, Quota
from vfs.dav.multistatus import pair, response
from vfs.dav.places import Place
from vfs.dav.resources import File, Folder, Root
from vfs.engine import Entry, FileTree, NotFound, StorageError

if TYPE_CHECKING:
    from vfs.dav.provider import MountsProvider
    from vfs.dav.resources import Environ

log = logging.getLogger("vfs.dav")

LOCKS = "{DAV:}lockdiscovery"

_TIDIED = 16
"""Names that are asked about after a listing, each by a request of its own."""

_NO_DEAD: Mapping[str, bytes] = {}


class _Asked(NamedTuple):
    """One property: how to find it, and its element."""

    name: str
    live: Live | None
    start: str
    end: str
    empty: str


class Teller:
    """What one request wants to know, told of one entry after the other."""

    def __init__(
        self,
        provider: "MountsProvider",
        environ: "Environ",
        tree: FileTree | None,
        names: Sequence[str],
        *,
        with_dead: bool,
    ) -> None:
        """`tree` has what is told of, but for the folder of all mounts.

        `with_dead`: dead properties too, and nothing of what is missing.
        """
        live = {**LIVE, **Quota(tree).properties}
        self._provider = provider
        self._environ = environ
        self._asked = [_asked(name, live.get(name)) for name in names]
        self._with_dead = with_dead
        self._tells_missing = not with_dead and environ.get("HTTP_BRIEF", "f").lower() != "t"
        self._wants_dead = with_dead or any(asked.live is None for asked in self._asked)
        self._wants_locks = LOCKS in names
        self.needs_sizes = "{DAV:}getcontentlength" in names
        self._path = "/"
        self._tree = tree
        self._prefix = ""
        self._dead: dict[str, Mapping[str, bytes]] = {}
        """By path, those of members that were not told of yet."""
        self._locked: set[str] = set()

    def look_into(self, folder: Folder | Root) -> None:
        """Members of this folder follow: what is kept of them besides is asked for once, for all."""
        self._path = folder.path
        self._prefix = self._provider.href(folder.path, is_folder=True)
        ref_url = folder.get_ref_url()
        if self._wants_dead:
            self._dead = dict(self._provider.prop_manager.properties_in(ref_url))
        if self._wants_locks:
            self._locked = {lock["root"] for lock in self._provider.locks_below(ref_url)}

    def member(self, entry: Entry) -> str:
        """The response for an entry of the folder looked into."""
        quoted = places.quoted(entry.name)
        href = f"{self._prefix}{quoted}/" if entry.is_folder else self._prefix + quoted
        dead, locks = _NO_DEAD, ""
        if self._dead or self._locked:
            path = places.child(self._path, entry.name)
            ref_url = self._provider.ref_url(path, is_folder=False)
            dead = self._dead.pop(ref_url, _NO_DEAD)
            if ref_url in self._locked and self._tree is not None:
                locks = self._locks(path, entry, Place(self._tree, ""))
        return self._response(href, entry, dead, locks)

    def tidy(self) -> None:
        """All members were told of: forget properties of others, that are not there. A few at a time."""
        for ref_url, dead in islice(self._dead.items(), _TIDIED):
            if _is_gone(self._provider, self._provider.ref_url_to_path(ref_url)):
                self._provider.prop_manager.remove_seen(ref_url, dead)

    def tell(self, path: str, entry: Entry, place: Place | None) -> str:
        """The response for what stands at a path; the folder of all mounts has no place."""
        provider = self._provider
        ref_url = provider.ref_url(path, is_folder=False)
        dead = provider.prop_manager.properties_of(ref_url) if self._wants_dead else _NO_DEAD
        locks = ""
        if self._wants_locks and place is not None and provider.lock_manager.is_url_locked(ref_url):
            locks = self._locks(path, entry, place)
        return self._response(provider.href(path, is_folder=entry.is_folder), entry, dead, locks)

    def _response(self, href: str, entry: Entry, dead: Mapping[str, bytes], locks: str) -> str:
        found: list[str] = []
        missing: list[str] = []
        for name, live, start, end, empty in self._asked:
            content = live(entry) if live is not None else None
            if content:
                found += (start, content, end)
            elif name == LOCKS:
                found += (start, locks, end)
            elif content is not None:
                found.append(empty)
            elif name in dead:
                found.append(_element(dead[name]))
            else:
                missing.append(empty)
        if self._with_dead:
            names = {asked.name for asked in self._asked}
            found += [_element(value) for name, value in dead.items() if name not in names]
        return response(href, "".join(found), "".join(missing) if self._tells_missing else "")

    def _locks(self, path: str, entry: Entry, place: Place) -> str:
        """What is inside of lockdiscovery, by the protocol library."""
        resource = (Folder if entry.is_folder else File)(path, self._environ, place, entry)
        element: Any = resource.get_property_value(LOCKS)
        return "".join(etree.tostring(each, encoding="unicode") for each in element)


class NameTeller(Teller):
    """Tells which properties there are, and nothing of what they are."""

    def __init__(self, provider: "MountsProvider", environ: "Environ", tree: FileTree | None) -> None:
        names = [*LIVE, *Quota(None).properties, LOCKS]
        super().__init__(provider, environ, tree, names, with_dead=True)
        self.needs_sizes = False

    def _response(self, href: str, entry: Entry, dead: Mapping[str, bytes], locks: str) -> str:
        found = [
            asked.empty
            for asked in self._asked
            if asked.name == LOCKS or (asked.live is not None and asked.live(entry) is not None)
        ]
        found += [_asked(name, None).empty for name in dead]
        return response(href, "".join(found), "")


def _asked(name: str, live: Live | None) -> _Asked:
    start, end = pair(name)
    return _Asked(name, live, f"<{start}>", f"</{end}>", f"<{start}/>")


def _is_gone(provider: "MountsProvider", path: str) -> bool:
    """Whether nothing stands at a path: no file that is on its way to the store, and none in the store."""
    try:
        place = provider.place(path)
        if place is None:
            return False
        with suppress(NotFound):
            place.tree.stat(place.key)
            return False
        place.tree.backend.stat(place.key)
    except NotFound:
        return True
    except StorageError as error:
        log.debug("properties of %s stay: %s", path, error)
    return False


def _element(stored: bytes | str) -> str:
    """An element as it was stored; a declaration before it has no place inside of a document."""
    text = stored if isinstance(stored, str) else stored.decode()
    return text.partition("?>")[2].lstrip() if text.startswith("<?xml") else text
