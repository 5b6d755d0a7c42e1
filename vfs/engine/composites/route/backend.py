"""RouteBackend: one tree over several storages, each file in the one that its key leads to."""

from collections.abc import Iterable, Iterator, Mapping
from contextlib import suppress
from typing import cast

from vfs.engine import paths
from vfs.engine.backend import AbilityT, Backend, Buffer, Source
from vfs.engine.capabilities import Capability
from vfs.engine.composites.route.abilities import COMPOSED, OF_ALL, OF_WRITABLE
from vfs.engine.composites.route.listing import Listing
from vfs.engine.composites.route.members import Members, folder_at, is_readonly
from vfs.engine.composites.route.options import RouteOptions
from vfs.engine.composition import Composition
from vfs.engine.entries import Attributes, Entry, WriteResult
from vfs.engine.errors import AlreadyExists, DirectoryNotEmpty, NotADirectory, NotFound
from vfs.engine.layers.readonly import refuse

_OF_ONE_STORE = frozenset({Capability.ATOMIC_MOVE})
"""What there is inside a member, but not from one to another."""


def open_route(options: RouteOptions, composition: Composition) -> "RouteBackend":
    """The tree over the mounts named."""
    names = dict.fromkeys([str(options.default), *(str(route.mount) for route in options.routes)])
    return RouteBackend(options, {name: composition.member(name) for name in names})


class RouteBackend(Backend):
    """Members by the names of their mounts; they are closed by their owner.

    A folder is where any member has it, and its attributes are those in the member that its own key leads
    to, where that has it. A file in a member that its key does not lead to is not there.
    """

    def __init__(self, options: RouteOptions, members: Mapping[str, Backend]) -> None:
        self._members = Members(options, members)
        self.largest_file = min(member.largest_file for member in self._members.all)
        self.is_remote = any(member.is_remote for member in self._members.all)
        self.lists_cheaply = all(member.lists_cheaply for member in self._members.all)
        self.lists_sizes = all(member.lists_sizes for member in self._members.all)

    @property
    def capabilities(self) -> frozenset[Capability]:
        """What all that can be written can do; read-only when none can be."""
        asked = self._members.writable() or self._members.all
        return asked[0].capabilities.intersection(*(m.capabilities for m in asked[1:])) - _OF_ONE_STORE

    def ability(self, wanted: type[AbilityT]) -> AbilityT | None:
        asked = self._members.all if wanted in OF_ALL else self._members.writable()
        if wanted in OF_ALL or wanted in OF_WRITABLE:
            if not asked or any(member.ability(wanted) is None for member in asked):
                return None
        elif wanted not in COMPOSED or not asked:
            return None
        return cast("AbilityT", COMPOSED[wanted](self._members))

    def check_key(self, key: str) -> None:
        self._members.of(key).check_key(key)

    def stat(self, key: str) -> Entry:
        paths.check_key(key)
        return self._members.stat(key)

    def list(self, key: str) -> Iterator[Entry]:
        paths.check_key(key)
        return Listing(self._members, key).entries()

    def read(
        self,
        key: str,
        start: int = 0,
        end: int | None = None,
        *,
        version: str | None = None,
        if_match: str | None = None,
    ) -> Buffer:
        paths.check_key(key)
        own = self._members.of(key)
        try:
            return own.read(key, start, end, version=version, if_match=if_match)
        except NotFound:
            self._members.check_no_folder(key)
            raise

    def write(
        self,
        key: str,
        source: Source,
        *,
        overwrite: bool = True,
        if_match: str | None = None,
        metadata: Mapping[str, str] | None = None,
        attributes: Attributes | None = None,
    ) -> WriteResult:
        paths.check_key(key)
        self._members.check_free_for_file(key)
        return self._members.of(key).write(
            key, source, overwrite=overwrite, if_match=if_match, metadata=metadata, attributes=attributes
        )

    def delete(self, key: str, *, if_match: str | None = None) -> None:
        paths.check_key(key)
        try:
            self._members.of(key).delete(key, if_match=if_match)
        except NotFound:
            self._members.check_no_folder(key)
            raise

    def make_directory(self, key: str, *, attributes: Attributes | None = None) -> Entry:
        paths.check_key(key)
        own = self._members.of(key)
        if self._members.folder_elsewhere(key, own) is not None:
            raise AlreadyExists(path=key)
        self._members.check_way(key)
        return own.make_directory(key, attributes=attributes)

    def remove_directory(self, key: str) -> None:
        """Removed from every member, one after the other."""
        paths.check_key(key)
        if not self._members.stat(key).is_folder:
            raise NotADirectory(path=key)
        if key and next(self.list(key), None) is not None:
            raise DirectoryNotEmpty(path=key)
        for member in self._members.all:
            if is_readonly(member) and folder_at(member, key) is not None:
                refuse(key)
        for member in self._members.order(key):
            # What is no folder there is a file that its key does not lead to.
            with suppress(NotFound, NotADirectory):
                if not is_readonly(member):
                    member.remove_directory(key)

    def shown_at(self, member: str, place: str) -> Iterable[str]:
        for each in self._members.all:
            yield from each.shown_at(member, place)
