"""Entries of a mirror: told by the first member that may be believed, corrected where it lacks something."""

from collections.abc import Iterator

from vfs.engine import paths
from vfs.engine.composites.mirror.lag import Standing
from vfs.engine.composites.mirror.members import Member, Members
from vfs.engine.composites.mirror.overlay import implied, implies_folder, overlaid
from vfs.engine.entries import Entry
from vfs.engine.errors import NotFound
from vfs.engine.layers.intercepted_abilities import begun


def stat(members: Members, key: str) -> Entry:
    """The entry at a key. Raises NotFound, and that no member answers."""

    def question(member: Member, standing: Standing) -> Entry:
        try:
            return members.told(key, member, member.backend.stat(key))
        except NotFound:
            if standing is Standing.PARTIAL and implies_folder(members.lag.below(member.name, key)):
                return implied(key)
            raise

    return members.ask(key, question)


def listed(members: Members, folder: str) -> Iterator[Entry]:
    """The entries of a folder, by one member."""

    def question(member: Member, standing: Standing) -> Iterator[Entry]:
        try:
            entries = begun(member.backend.list(folder))
        except NotFound:
            if standing is not Standing.PARTIAL or not implies_folder(members.lag.below(member.name, folder)):
                raise
            entries = iter(())
        told = (members.told(paths.join(folder, entry.name), member, entry) for entry in entries)
        if standing is Standing.PARTIAL:
            return overlaid(folder, told, members.lag.below(member.name, folder))
        return told

    return members.ask(folder, question)


def walk(members: Members, folder: str) -> Iterator[tuple[str, Entry]]:
    """Everything below a folder, folders too, one listing each."""
    folders = [folder]
    while folders:
        above = folders.pop()
        for entry in listed(members, above):
            key = paths.join(above, entry.name)
            yield key, entry
            if entry.is_folder:
                folders.append(key)
