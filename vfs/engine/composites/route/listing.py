"""What is in one folder of a route: each member is listed once, and tells what its keys lead to."""

from collections.abc import Iterator

from vfs.engine import paths
from vfs.engine.backend import Backend
from vfs.engine.composites.route.members import Members
from vfs.engine.entries import Entry
from vfs.engine.errors import NotADirectory, NotFound
from vfs.engine.layers.intercepted_abilities import begun


class Listing:
    """One listing under way. Files come as they are found; only the folders' names are held."""

    def __init__(self, members: Members, folder: str) -> None:
        self._members = members
        self._folder = folder
        self._told: set[str] = set()
        self._others: dict[str, Entry] = {}
        """Folders in members that their own keys do not lead to, to be told where no other is."""

    def entries(self) -> Iterator[Entry]:
        """Raises NotFound where no member has the folder, NotADirectory for a file, before any entry."""
        is_there = False
        for member in self._members.order(self._folder):
            listed = self._listed(member)
            if listed is not None:
                is_there = True
                yield from self._of_member(member, listed)
        if not is_there:
            raise NotFound(path=self._folder)
        yield from (entry for name, entry in self._others.items() if name not in self._told)

    def _listed(self, member: Backend) -> Iterator[Entry] | None:
        try:
            return begun(member.list(self._folder))
        except NotFound:
            return None
        except NotADirectory:
            if member is self._members.of(self._folder):
                raise
            return None

    def _of_member(self, member: Backend, listed: Iterator[Entry]) -> Iterator[Entry]:
        for entry in listed:
            is_own = self._members.of(paths.join(self._folder, entry.name)) is member
            if entry.is_folder:
                if not is_own:
                    self._others.setdefault(entry.name, entry)
                    continue
                self._told.add(entry.name)
            if is_own:
                yield entry
