"""Several storages that hold the same: written to all, read from the first that answers and does not lag."""

import hashlib
import os
import time
from collections.abc import Iterable, Iterator, Mapping
from contextlib import suppress
from dataclasses import replace
from typing import cast

from vfs.engine.backend import (
    AbilityT,
    Backend,
    Buffer,
    ChecksHealth,
    HasLocation,
    KeepsAttributes,
    KeepsMetadata,
    Source,
)
from vfs.engine.capabilities import WRITING, Capability
from vfs.engine.composites.mirror import comparing, looking
from vfs.engine.composites.mirror.abilities import COMPOSED, OF_ANY
from vfs.engine.composites.mirror.changing import Abandoned, Change, Changes
from vfs.engine.composites.mirror.lag import Due, LagRecord, Mark
from vfs.engine.composites.mirror.members import Member, Members, log
from vfs.engine.composites.mirror.options import MirrorOptions
from vfs.engine.composites.mirror.repairing import RepairReport, Repairs, Upkeep
from vfs.engine.composites.mirror.replay import Replay
from vfs.engine.composites.mirror.state import MemberState, MirrorState
from vfs.engine.composition import Composition
from vfs.engine.entries import Attributes, Entry, WriteResult
from vfs.engine.errors import (
    AlreadyExists,
    BackendUnavailable,
    CapabilityNotSupported,
    NotFound,
    StorageError,
)

_OF_ONE_STORE = frozenset(
    {
        Capability.PARTIAL_UPDATE,
        Capability.PRESIGNED_URLS,
        Capability.VERSIONING,
        Capability.VERSION_ACCESS,
        Capability.VERSION_LISTING,
    }
)
"""What cannot be the same at several."""

_CHANGING = WRITING | {Capability.ATOMIC_WRITE, Capability.ATOMIC_MOVE, Capability.CONDITIONAL_WRITE}


def open_mirror(options: MirrorOptions, composition: Composition) -> "MirrorBackend":
    """The mirror of the mounts named. Raises StorageError where its record cannot be kept."""
    members = {str(name): composition.member(name) for name in options.mounts}
    record = options.state or _own_record(members, composition)
    return MirrorBackend(members, options, os.fspath(record))


def _own_record(members: Mapping[str, Backend], composition: Composition) -> str:
    """A file for these members at these places: what other stores lacked is nothing to these."""
    located = ((name, backend.ability(HasLocation)) for name, backend in members.items())
    places = [f"{name}={place.location if place else ''}" for name, place in located]
    digest = hashlib.sha256("\n".join(places).encode(errors="surrogateescape")).hexdigest()[:12]
    return os.path.join(composition.state, f"mirror-{digest}.sqlite")


class MirrorBackend(Backend):
    """Members by the names of their mounts, in the order of preference; they are closed by their owner.

    `record` is the file that tells what each lacks: no change is made that it could not tell of.
    """

    def __init__(self, members: Mapping[str, Backend], options: MirrorOptions, record: str) -> None:
        self._members = Members(
            [Member(name, backend, options.pause) for name, backend in members.items()], LagRecord(record)
        )
        self._enough = options.enough
        self._changes = Changes(self._members, options.enough)
        self._repairs = Repairs(self._members, self._changes)
        self._upkeep = Upkeep(self._repairs, options.pause)
        self._members.someone_lags = self._upkeep.wanted
        backends = members.values()
        self.largest_file = min(backend.largest_file for backend in backends)
        self.is_remote = any(backend.is_remote for backend in backends)
        self.lists_cheaply = all(backend.lists_cheaply for backend in backends)
        self.lists_sizes = all(backend.lists_sizes for backend in backends)
        if self._members.lag.counts():
            self._upkeep.wanted()

    @property
    def member_names(self) -> frozenset[str]:
        return frozenset(member.name for member in self._members)

    @property
    def capabilities(self) -> frozenset[Capability]:
        of_each = [member.backend.capabilities for member in self._members]
        common = of_each[0].intersection(*of_each[1:]) - _OF_ONE_STORE
        if any(Capability.READONLY in capabilities for capabilities in of_each):
            return (common - _CHANGING) | {Capability.READONLY}
        return common

    def check_key(self, key: str) -> None:
        for member in self._members:
            member.backend.check_key(key)

    def stat(self, key: str) -> Entry:
        return looking.stat(self._members, key)

    def list(self, key: str) -> Iterator[Entry]:
        return looking.listed(self._members, key)

    def read(
        self,
        key: str,
        start: int = 0,
        end: int | None = None,
        *,
        version: str | None = None,
        if_match: str | None = None,
    ) -> Buffer:
        if version is not None:
            raise CapabilityNotSupported("the members of a mirror have no versions in common", key)
        return self._members.ask(
            key,
            lambda member, _: member.backend.read(
                key, start, end, if_match=self._members.etag_at(key, if_match, member)
            ),
            first=lambda member: self._members.knows(key, if_match, member),
        )

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
        self.check_key(key)
        if metadata and self.ability(KeepsMetadata) is None:
            raise CapabilityNotSupported("not every member of this mirror keeps metadata", key)
        replay = Replay(source)
        given = self._with_time(attributes)

        def put(member: Member, overwrite: bool, etag: str | None) -> WriteResult:
            try:
                return member.backend.write(
                    key,
                    replay.content,
                    overwrite=overwrite,
                    if_match=etag,
                    metadata=metadata,
                    attributes=given,
                )
            except BaseException:
                if replay.failure is not None:
                    raise Abandoned(replay.failure) from replay.failure
                raise

        def follow(member: Member) -> WriteResult:
            return put(member, True, None)

        def lead(member: Member) -> WriteResult:
            result = put(member, overwrite, self._members.etag_at(key, if_match, member))
            replay.read_to_end()
            return result

        try:
            return self._changes.make(
                Change(
                    (Mark(key, Due.FILE),),
                    lead=lead,
                    follow=follow,
                    settles=True,
                    is_blind=overwrite and if_match is None,
                    first=lambda member: self._members.knows(key, if_match, member),
                )
            )
        except Abandoned as abandoned:
            raise abandoned.cause from None

    def delete(self, key: str, *, if_match: str | None = None) -> None:
        def lead(member: Member) -> None:
            member.backend.delete(key, if_match=self._members.etag_at(key, if_match, member))

        def follow(member: Member) -> None:
            with suppress(NotFound):
                member.backend.delete(key)

        self._changes.make(
            Change(
                (Mark(key, Due.GONE),),
                lead=lead,
                follow=follow,
                settles=True,
                first=lambda member: self._members.knows(key, if_match, member),
            )
        )

    def make_directory(self, key: str, *, attributes: Attributes | None = None) -> Entry:
        self.check_key(key)

        def make(member: Member) -> Entry:
            return member.backend.make_directory(key, attributes=attributes)

        def follow(member: Member) -> Entry:
            try:
                return make(member)
            except AlreadyExists:
                # A file that somebody writes into it at this moment made it first.
                return _folder_there(member, key, attributes)

        return self._changes.make(Change((Mark(key, Due.FOLDER),), lead=make, follow=follow))

    def remove_directory(self, key: str) -> None:
        def follow(member: Member) -> None:
            with suppress(NotFound):
                member.backend.remove_directory(key)

        self._changes.make(
            Change(
                (Mark(key, Due.GONE),),
                lead=lambda member: member.backend.remove_directory(key),
                follow=follow,
                is_of_folder=True,
            )
        )

    def ability(self, wanted: type[AbilityT]) -> AbilityT | None:
        composed = COMPOSED.get(wanted)
        if composed is None:
            return super().ability(wanted)
        have = [member.backend.ability(wanted) is not None for member in self._members]
        has = any(have) if wanted in OF_ANY else all(have)
        return cast("AbilityT", composed(self._members, self._changes)) if has else None

    def shown_at(self, member: str, place: str) -> Iterable[str]:
        return {key for each in self._members for key in each.backend.shown_at(member, place)}

    def ping(self) -> None:
        """Raises BackendUnavailable where fewer members answer than a change needs; warns of every flaw."""
        state = self.state()
        if not state.is_whole:
            log.warning("a mirror is not whole: %s", state)
        if sum(member.problem is None for member in state.members) < self._enough:
            raise BackendUnavailable(f"too few members of the mirror answer ({state})")

    def state(self) -> MirrorState:
        """Asks every member whether it is there, and counts the keys that it lags at."""
        counts = self._members.lag.counts()
        return MirrorState(
            tuple(
                MemberState(member.name, _problem_of(member), counts.get(member.name, 0))
                for member in self._members
            )
        )

    def repair(self) -> RepairReport:
        """Bring to the members what they lack, now, those included that gave no answer a moment ago."""
        return self._repairs.run()

    def compare(self, key: str = "") -> Iterator[comparing.Difference]:
        """Where the members differ below a folder though no record says why: somebody changed one directly.

        Costs a listing of each folder by each member, and reading files of one size where no hash is told.
        """
        return comparing.differences(self._members, key)

    def reconcile(self, key: str = "") -> Iterator[comparing.Difference]:
        """As `compare`, and brings every member what the winner has, when all have been told.

        Another content that a loser had is kept by all as `name.conflict-<member>-<time>`.
        """
        for difference in self.compare(key):
            comparing.settle(self, self._members, difference)
            yield difference
        self.repair()

    def close(self) -> None:
        self._upkeep.close()
        self._members.lag.close()

    def _with_time(self, attributes: Attributes | None) -> Attributes | None:
        """One time for all members, which each would else take from its own clock."""
        if self.ability(KeepsAttributes) is None or (attributes and attributes.mtime_ns is not None):
            return attributes
        return replace(attributes or Attributes(), mtime_ns=time.time_ns())


def _folder_there(member: Member, key: str, attributes: Attributes | None) -> Entry:
    """The folder that is there already, with these attributes. AlreadyExists where it is none."""
    present = member.backend.stat(key)
    if not present.is_folder:
        raise AlreadyExists(path=key)
    keeps = member.backend.ability(KeepsAttributes)
    return keeps.set_attributes(key, attributes) if keeps and attributes else present


def _problem_of(member: Member) -> str | None:
    health = member.backend.ability(ChecksHealth)
    try:
        with member.watched():
            if health is not None:
                health.ping()
            else:
                member.backend.stat("")
    except StorageError as error:
        return error.message
    return None
