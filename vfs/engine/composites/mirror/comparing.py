"""Members compared with each other: what differs though no change made here explains it."""

import os
import time
from collections.abc import Iterator, Mapping
from dataclasses import dataclass

from vfs.engine import paths
from vfs.engine.backend import Backend, KeepsSymlinks
from vfs.engine.composites.mirror.bringing import content, have_same_content
from vfs.engine.composites.mirror.lag import Due, Lag, Mark, Standing
from vfs.engine.composites.mirror.members import Member, Members, log
from vfs.engine.entries import Entry, EntryKind
from vfs.engine.errors import NotADirectory, NotFound


@dataclass(frozen=True, slots=True)
class Difference:
    """One key at which members do not have the same: what each has, None where it has nothing."""

    key: str
    found: Mapping[str, Entry | None]

    @property
    def winner(self) -> str:
        """The first member, in the order as written, that has anything: nothing is lost to an absence."""
        return next(name for name, entry in self.found.items() if entry is not None)


def differences(members: Members, folder: str) -> Iterator[Difference]:
    """Below a folder, one listing by each member for each folder that they share.

    Raises what a member raises: what cannot be seen cannot be compared. Keys that lag are not told.
    """
    folders = [folder]
    while folders:
        above = folders.pop()
        listings = {member.name: _children(member, above) for member in members}
        for name in sorted(set().union(*listings.values())):
            key = paths.join(above, name)
            if any(members.lag.standing(member.name, key) is Standing.LAGGING for member in members):
                continue
            found = {member: listing.get(name) for member, listing in listings.items()}
            if not _are_same(members, key, found):
                yield Difference(key, found)
            elif all(entry is not None and entry.is_folder for entry in found.values()):
                folders.append(key)


def _children(member: Member, folder: str) -> dict[str, Entry]:
    try:
        return {entry.name: entry for entry in member.backend.list(folder)}
    except (NotFound, NotADirectory):
        return {}


def _are_same(members: Members, key: str, found: Mapping[str, Entry | None]) -> bool:
    first, *others = members
    entry = found[first.name]
    return entry is not None and all(
        other is not None and _is_same(first, member, key, entry, other)
        for member in others
        for other in (found[member.name],)
    )


def _is_same(one: Member, other: Member, key: str, at_one: Entry, at_other: Entry) -> bool:
    if at_one.kind is not at_other.kind:
        return False
    if at_one.is_file:
        at_one, at_other = _sized(one, key, at_one), _sized(other, key, at_other)
        return have_same_content(one.backend, other.backend, key, at_one, at_other)
    if at_one.kind is EntryKind.SYMLINK:
        return _target(one, key) == _target(other, key)
    return True


def _sized(member: Member, key: str, entry: Entry) -> Entry:
    """The entry with its true size."""
    return entry if entry.complete or member.backend.lists_sizes else member.backend.stat(key)


def _target(member: Member, key: str) -> str | None:
    links = member.backend.ability(KeepsSymlinks)
    return None if links is None else links.read_symlink(key)


def settle(mirror: Backend, members: Members, difference: Difference) -> None:
    """Have the next repair bring the winner's entry to the others; a loser's content is kept beside it.

    A folder is not given up for a file: that, somebody has to decide.
    """
    winner = difference.found[difference.winner]
    assert winner is not None, "somebody has it"
    lags: list[Lag] = []
    for member in members:
        loser = difference.found[member.name]
        if member.name == difference.winner or loser == winner:
            continue
        if loser is not None and loser.is_folder and not winner.is_folder:
            log.warning("%s: a folder at %r, at %r none", difference.key, member.name, difference.winner)
            continue
        if loser is not None and loser.is_file:
            _keep_beside(mirror, member, difference.key)
        lags.append(Lag(member.name, Mark(difference.key, Due(winner.kind.value), winner.is_folder)))
    members.lag.settle(lags, ())


def _keep_beside(mirror: Backend, member: Member, key: str) -> None:
    entry = member.backend.stat(key)
    suffix = f".conflict-{member.name}-{time.strftime('%Y%m%dT%H%M%SZ', time.gmtime())}"
    name = os.fsencode(paths.name_of(key))[: paths.MAX_NAME_BYTES - len(os.fsencode(suffix))]
    beside = paths.join(paths.parent(key), os.fsdecode(name) + suffix)
    attributes = entry.attributes
    mirror.write(beside, content(member.backend, key, entry), overwrite=False, attributes=attributes)
