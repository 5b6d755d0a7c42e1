"""The mounts of a route, which of them a file's key leads to, and folders that may be in any of them."""

from collections.abc import Iterator, Mapping

from vfs.engine import paths
from vfs.engine.backend import AbilityT, Backend
from vfs.engine.capabilities import Capability
from vfs.engine.composites.route.options import RouteOptions, path_pattern
from vfs.engine.entries import Entry
from vfs.engine.errors import IsADirectory, NotADirectory, NotFound
from vfs.engine.layers.readonly import refuse


class Members:
    """Every key has one member, told by the key alone, where a file of that key is. Folders may be in all."""

    def __init__(self, options: RouteOptions, members: Mapping[str, Backend]) -> None:
        routes = [(path_pattern(route.pattern), str(route.mount)) for route in options.routes]
        self.patterns = tuple(f"{route.pattern}={route.mount}" for route in options.routes)
        """As they were written, each with its mount."""
        self._routes = [(pattern, members[mount]) for pattern, mount in routes]
        self.default = members[str(options.default)]
        self.all = tuple(members.values())

    def of(self, key: str) -> Backend:
        """Where a file of this key is; the root is the default's."""
        if key:
            for pattern, member in self._routes:
                if pattern.fits(key):
                    return member
        return self.default

    def order(self, key: str) -> Iterator[Backend]:
        """All of them, that of the key first."""
        own = self.of(key)
        yield own
        yield from self.others(own)

    def others(self, own: Backend) -> Iterator[Backend]:
        return (member for member in self.all if member is not own)

    def writable(self) -> tuple[Backend, ...]:
        return tuple(member for member in self.all if not is_readonly(member))

    def able(self, key: str, wanted: type[AbilityT]) -> AbilityT:
        """The key's member as what every member is that can be written; EROFS where this one cannot be."""
        found = self.of(key).ability(wanted)
        return refuse(key) if found is None else found

    def stat(self, key: str) -> Entry:
        """What stands at a key: in its member, or a folder of another one. Raises NotFound."""
        own = self.of(key)
        try:
            return own.stat(key)
        except NotFound:
            folder = self.folder_elsewhere(key, own)
            if folder is None:
                raise
            return folder

    def holder(self, key: str) -> Backend:
        """The member that has what stands at a key; the key's own where nothing does."""
        own = self.of(key)
        try:
            own.stat(key)
        except NotFound:
            holders = (member for member in self.others(own) if folder_at(member, key) is not None)
            return next(holders, own)
        return own

    def folder_elsewhere(self, key: str, own: Backend) -> Entry | None:
        """The folder at a key in the first of the other members that has one."""
        found = (folder_at(member, key) for member in self.others(own))
        return next((folder for folder in found if folder is not None), None)

    def check_no_folder(self, key: str) -> None:
        """Raises IsADirectory for a folder in a member that is not the key's own: that one tells itself."""
        if self.folder_elsewhere(key, self.of(key)) is not None:
            raise IsADirectory(path=key)

    def check_free_for_file(self, key: str) -> None:
        """Raises IsADirectory, NotADirectory, where only another member than the key's own could tell."""
        self.check_no_folder(key)
        self.check_way(key)

    def check_way(self, key: str) -> None:
        """Raises NotADirectory for a file above the key in another member than the key's own."""
        own = self.of(key)
        for folder in paths.ancestors(key):
            holder = self.of(folder)
            if holder is own:
                continue
            try:
                entry = holder.stat(folder)
            except NotFound:
                continue
            if not entry.is_folder:
                raise NotADirectory(f"{folder} is not a folder", key)
            return


def is_readonly(member: Backend) -> bool:
    return Capability.READONLY in member.capabilities


def folder_at(member: Backend, key: str) -> Entry | None:
    """The folder that this member has at a key, if it is one."""
    try:
        entry = member.stat(key)
    except NotFound:
        return None
    return entry if entry.is_folder else None
