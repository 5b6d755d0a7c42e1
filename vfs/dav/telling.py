"""Telling: the properties of entries as responses of one PROPFIND."""

from collections.abc import Callable, Sequence
from typing import TYPE_CHECKING, Any

from vfs.dav import places
from vfs.dav.library import etree
from vfs.dav.live_properties import LIVE, Subject
from vfs.dav.multistatus import Tags, response
from vfs.dav.resources import File, Folder
from vfs.engine import Entry, FileTree

if TYPE_CHECKING:
    from vfs.dav.provider import MountsProvider
    from vfs.dav.resources import Environ

LOCKS = "{DAV:}lockdiscovery"


class Teller:
    """What one request wants to know, told of one entry after the other."""

    def __init__(
        self, provider: "MountsProvider", environ: "Environ", names: Sequence[str], *, with_dead: bool
    ) -> None:
        self._provider = provider
        self._environ = environ
        self._names = names
        self._all = with_dead
        self._tags = Tags()
        self._folder: Folder | None = None
        self._locked: set[str] = set()
        self._value: Callable[[str, str | None], str] = self._tags.element
        self._live = [(name, LIVE.get(name), *self._tags.pair(name)) for name in names]
        self.tells_missing = not with_dead and environ.get("HTTP_BRIEF", "f").lower() != "t"

    @property
    def needs_sizes(self) -> bool:
        return "{DAV:}getcontentlength" in self._names

    def tell_names_only(self) -> None:
        """Names of everything that there is, without what it is."""
        self._names = [name for name in LIVE if name != LOCKS]
        self._live = [(name, LIVE[name], *self._tags.pair(name)) for name in self._names]
        self._value = lambda name, _: self._tags.element(name, None)

    def look_into(self, folder: Folder) -> None:
        """What follows are members of this folder: what is kept of them besides is asked for at once."""
        self._folder = folder
        self._prefix = self._provider.href(folder.path, is_folder=True)
        self._locked = {lock["root"] for lock in self._provider.locks_below(folder.get_ref_url())}

    def member(self, entry: Entry) -> str:
        """The response for an entry of the folder looked into."""
        assert self._folder is not None
        quoted = places.quoted(entry.name)
        href = f"{self._prefix}{quoted}/" if entry.is_folder else self._prefix + quoted
        path = places.child(self._folder.path, entry.name)
        return self._response(href, path, entry, self._folder.place.tree)

    def tell(self, path: str, entry: Entry, tree: FileTree | None) -> str:
        """The response for what stands at a path."""
        href = self._provider.href(path, is_folder=entry.is_folder)
        ref_url = self._provider.ref_url(path, is_folder=entry.is_folder)
        if self._provider.lock_manager is not None and self._provider.lock_manager.is_url_locked(ref_url):
            self._locked.add(ref_url.rstrip("/") or "/")
        return self._response(href, path, entry, tree)

    def _response(self, href: str, path: str, entry: Entry, tree: FileTree | None) -> str:
        subject = Subject(entry, tree)
        found, missing = [], []
        dead = self._dead(path, entry)
        for name, live, start, _ in self._live:
            content = live(subject) if live is not None else None
            if content is not None:
                found.append(self._value(name, content) if content else f"<{start}/>")
            elif name == LOCKS:
                found.append(self._value(name, self._locks(path, entry, tree)))
            elif name in dead:
                found.append(dead.pop(name))
            else:
                missing.append(f"<{start}/>")
        if self._all:
            found += dead.values()
        return response(href, "".join(found), "".join(missing) if self.tells_missing else "")

    def _dead(self, path: str, entry: Entry) -> dict[str, str]:
        """Dead properties as elements."""
        manager = self._provider.prop_manager
        if manager is None:
            return {}
        ref_url = self._provider.ref_url(path, is_folder=entry.is_folder)
        return {
            name: _text(manager.get_property(ref_url, name, self._environ))
            for name in manager.get_properties(ref_url, self._environ)
        }

    def _locks(self, path: str, entry: Entry, tree: FileTree | None) -> str:
        """What is inside of lockdiscovery, by the protocol library; nothing for what nobody has locked."""
        ref_url = self._provider.ref_url(path, is_folder=entry.is_folder)
        if (ref_url.rstrip("/") or "/") not in self._locked or tree is None:
            return ""
        place = places.Place(tree, "")
        resource = (Folder if entry.is_folder else File)(path, self._environ, place, entry)
        element: Any = resource.get_property_value(LOCKS)
        return "".join(etree.tostring(each, encoding="unicode") for each in element)


def _text(stored: str | bytes) -> str:
    """An element as it was stored; a declaration before it has no place inside of a document."""
    text = stored.decode() if isinstance(stored, bytes) else stored
    return text.partition("?>")[2].lstrip() if text.startswith("<?xml") else text
