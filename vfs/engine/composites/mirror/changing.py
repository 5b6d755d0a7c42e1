"""A change carried to all members of a mirror: one decides, the others follow, and who does not is marked.

The member that decides (the leader) is the first that may be believed about the keys and answers. Whatever
condition a change has is the leader's to judge; the others do the same without it. What a member is to do is
on record before the leader is asked, and leaves the record when the member has done it.
"""

from collections.abc import Callable, Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, replace
from typing import Generic, TypeVar, cast

from vfs.engine.composites.mirror.lag import Lag, Mark, Standing
from vfs.engine.composites.mirror.members import VERDICTS, Member, Members, log
from vfs.engine.entries import Entry, WriteResult
from vfs.engine.errors import BackendUnavailable, StorageError
from vfs.engine.key_locks import KeyLocks

ResultT = TypeVar("ResultT")

_WITH_ETAG = (Entry, WriteResult)

Standings = Mapping[str, Standing]


class Abandoned(Exception):
    """The change ended for a reason that is no member's; what is undone is undone, and `cause` is raised."""

    def __init__(self, cause: BaseException) -> None:
        super().__init__(str(cause))
        self.cause = cause


@dataclass(frozen=True, slots=True)
class Change(Generic[ResultT]):
    """One change: what it leaves where, how a leader makes it and how the others follow."""

    marks: tuple[Mark, ...]
    lead: Callable[[Member], ResultT]
    follow: Callable[[Member], object]
    needs: tuple[str, ...] = ()
    """Other keys that whoever makes the change must be right about: the source of a copy."""
    settles: bool = False
    """Whether following makes a member right about its key whatever stood there before."""
    is_blind: bool = False
    """Whether a member that lags may lead where no other answers: the change replaces what is there."""
    is_of_folder: bool = False
    """Whether it depends on what is below: who lags there can neither lead nor follow."""
    first: Callable[[Member], bool] = lambda _: True
    """Who is asked to lead before the others."""

    @property
    def keys(self) -> tuple[str, ...]:
        return (*(mark.key for mark in self.marks), *self.needs)

    @property
    def is_tree(self) -> bool:
        return any(mark.is_tree for mark in self.marks)


class Changes:
    """Carries changes to the members; at least `enough` of them must have made one for it to succeed."""

    def __init__(self, members: Members, enough: int) -> None:
        self._members = members
        self._lag = members.lag
        self._enough = enough
        self.locks = KeyLocks()

    def make(self, change: Change[ResultT]) -> ResultT:
        """What the leader answered, under the mirror's own ETag.

        Raises the leader's verdict, or an error that names each member's failure.
        """
        with self.locks.holding(change.keys, exclusive=change.is_tree):
            standings = self._members.standings(*change.keys)
            leader, result, entered = self._lead(change, standings)
            failures, answers = self._follow(change, leader, standings)
            self._settle(change, failures, entered)
            told = self._told(change.marks[-1].key, leader, {**answers, leader.name: result})
        if failures:
            self._report(change, failures)
        return cast("ResultT", told)

    def _told(self, key: str, leader: Member, answers: Mapping[str, object]) -> object:
        """The leader's answer as the mirror tells it; that all answers are of one content is remembered."""
        etags = {name: answer.etag for name, answer in answers.items() if isinstance(answer, _WITH_ETAG)}
        name = self._members.identities.learn(key, leader.name, etags)
        answer = answers[leader.name]
        if isinstance(answer, WriteResult):
            return replace(answer, etag=name, version_id=None)
        return self._members.told(key, leader, answer) if isinstance(answer, Entry) else answer

    def _lead(self, change: Change[ResultT], standings: Standings) -> tuple[Member, ResultT, Sequence[Lag]]:
        """Who made the change, its answer, and the rows that were entered for the others."""
        failures: dict[str, StorageError] = {}
        entered: list[Lag] = []
        try:
            for member, is_believed in self._leaders(change, standings):
                entered += self._lag.begin(self._due_by_others(change, member))
                own = [lag for lag in entered if lag.member == member.name]
                self._lag.settle((), own)
                entered = [lag for lag in entered if lag not in own]
                try:
                    with member.watched():
                        return member, change.lead(member), entered
                except StorageError as failure:
                    if is_believed and isinstance(failure, VERDICTS):
                        raise
                    failures[member.name] = failure
            raise self._members.nobody(change.marks[0].key, failures)
        except BaseException:
            self._lag.settle((), entered)
            self._compare_later(change, failures)
            raise

    def _leaders(self, change: Change[ResultT], standings: Standings) -> list[tuple[Member, bool]]:
        """Whom to ask in turn, and whether its verdict is to be believed."""
        wanted = Standing.UNSURE if change.is_of_folder else Standing.PARTIAL
        able = sorted(self._members.by_presence(), key=lambda member: not change.first(member))
        leaders = [(member, True) for member in able if standings[member.name] <= wanted]
        if change.is_blind:
            leaders += [
                (member, False)
                for member in able
                if standings[member.name] > wanted and not self._is_under_tree(change, member)
            ]
        return leaders

    def _is_under_tree(self, change: Change[ResultT], member: Member) -> bool:
        return any(self._lag.is_under_tree(member.name, key) for key in change.keys)

    def _due_by_others(self, change: Change[ResultT], leader: Member) -> list[Lag]:
        others = [member for member in self._members if member is not leader]
        return [Lag(member.name, mark) for member in others for mark in change.marks]

    def _compare_later(self, change: Change[ResultT], failures: Mapping[str, StorageError]) -> None:
        """Who gave no answer may have done it all the same."""
        silent = [name for name, failure in failures.items() if isinstance(failure, BackendUnavailable)]
        if silent:
            self._lag.begin(Lag(name, mark, certain=False) for name in silent for mark in change.marks)
            self._members.someone_lags()

    def _follow(
        self, change: Change[ResultT], leader: Member, standings: Standings
    ) -> tuple[dict[str, str], dict[str, object]]:
        """Have the others do what the leader did: why some did not, and what those answered who did."""
        others = [member for member in self._members if member is not leader]
        present = 1 + sum(not member.is_away for member in others)
        failures = {
            member.name: obstacle
            for member in others
            if (obstacle := self._obstacle(change, member, standings[member.name], present))
            or (obstacle := _doubt(change, standings[member.name], standings[leader.name]))
        }
        answers: dict[str, object] = {}
        for member, answer in self._followed(change, [m for m in others if m.name not in failures]):
            if isinstance(answer, StorageError):
                failures[member.name] = answer.message
            else:
                answers[member.name] = answer
        return failures, answers

    def _settle(self, change: Change[ResultT], failures: Mapping[str, str], entered: Sequence[Lag]) -> None:
        """Who missed the change stays on record; who made it leaves it, where that made it right."""
        made = [member.name for member in self._members if member.name not in failures]
        if change.settles:
            right = [Lag(name, mark) for name in made for mark in change.marks]
        else:
            right = [lag for lag in entered if lag.member in made]
        self._lag.settle([Lag(name, mark) for name in failures for mark in change.marks], right)

    def _obstacle(
        self, change: Change[ResultT], member: Member, standing: Standing, present: int
    ) -> str | None:
        """Why a member is better not asked now; None where it is to follow."""
        if member.is_away and present >= self._enough:
            return "it did not answer a moment ago"
        if standing is Standing.LAGGING and (not change.settles or self._is_under_tree(change, member)):
            return "it lacks an earlier change"
        if standing is Standing.PARTIAL and change.is_of_folder:
            return "it lacks an earlier change below"
        return None

    @staticmethod
    def _followed(change: Change[ResultT], members: Sequence[Member]) -> list[tuple[Member, object]]:
        """What each answered, side by side; a failure is an answer too."""

        def followed(member: Member) -> tuple[Member, object]:
            try:
                with member.watched():
                    return member, change.follow(member)
            except StorageError as error:
                return member, error

        if len(members) < 2:
            return [followed(member) for member in members]
        with ThreadPoolExecutor(len(members), thread_name_prefix="vfs-mirror") as threads:
            return list(threads.map(followed, members))

    def _report(self, change: Change[ResultT], failures: Mapping[str, str]) -> None:
        """Say who missed the change; raise where too few have made it."""
        key = change.marks[0].key
        for name, why in failures.items():
            log.warning("%s: the member %r of a mirror missed a change: %s", key, name, why)
        self._members.someone_lags()
        made = len(self._members.all) - len(failures)
        if made < self._enough:
            reasons = "; ".join(f"{name}: {why}" for name, why in failures.items())
            raise BackendUnavailable(
                f"{made} of {self._enough} members have it, the others will be brought it ({reasons})", key
            )


def _doubt(change: Change[ResultT], follower: Standing, leader: Standing) -> str | None:
    """Why following might leave other contents than the leader's, at keys that nobody would look at again."""
    carries = change.is_of_folder or change.needs
    if carries and Standing.UNSURE in {follower, leader}:
        return "whether it has the same is not known"
    return None
