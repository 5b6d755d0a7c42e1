"""What members lack brought to them: on request, and in the background as long as somebody lags."""

import threading
from collections import Counter
from collections.abc import Mapping
from dataclasses import dataclass, field
from enum import Enum

from vfs.engine import paths
from vfs.engine.backend import Backend
from vfs.engine.composites.mirror.bringing import bring, found
from vfs.engine.composites.mirror.changing import Changes
from vfs.engine.composites.mirror.lag import Due, Lag, Mark, Standing
from vfs.engine.composites.mirror.members import Member, Members, log
from vfs.engine.entries import Entry
from vfs.engine.errors import (
    BackendUnavailable,
    DirectoryNotEmpty,
    NotADirectory,
    NotFound,
    ResourceLocked,
    StorageError,
)

TOLD = 100
"""Failures that a report names."""


@dataclass(frozen=True, slots=True)
class RepairReport:
    """What a repair did: keys brought up to date, keys left, and why, of the first of these."""

    repaired: int = 0
    left: int = 0
    reasons: Mapping[str, str] = field(default_factory=dict)

    def __bool__(self) -> bool:
        """Whether nothing is left."""
        return not self.left


class _Outcome(Enum):
    DONE = "done"
    UNFOLDED = "unfolded"
    LEFT = "left"


class Repairs:
    """Goes through the record, what is deeper first, and makes each member equal to one that does not lag."""

    def __init__(self, members: Members, changes: Changes) -> None:
        self._members = members
        self._lag = members.lag
        self._locks = changes.locks
        self._one_at_a_time = threading.Lock()
        self._stopped = threading.Event()

    def run(self, *, asking_all: bool = True) -> RepairReport:
        """Bring what can be brought now. Unless `asking_all`, who is away is left alone."""
        repaired = 0
        reasons: dict[str, str] = {}
        with self._one_at_a_time:
            for member in self._members:
                outcomes = Counter([_Outcome.UNFOLDED])
                while outcomes[_Outcome.UNFOLDED] and (asking_all or not member.is_away):
                    outcomes = self._repair_member(member, reasons)
                    repaired += outcomes[_Outcome.DONE]
        return RepairReport(repaired, sum(self._lag.counts().values()), reasons)

    def stop(self) -> None:
        """End what runs after the piece under way; nothing is repaired from here on."""
        self._stopped.set()

    def _repair_member(self, member: Member, reasons: dict[str, str]) -> Counter[_Outcome]:
        outcomes: Counter[_Outcome] = Counter()
        for lag in self._lag.rows(member.name):
            if self._stopped.is_set():
                break
            try:
                outcomes[self._repair(member, lag.mark)] += 1
            except StorageError as error:
                if len(reasons) < TOLD:
                    reasons[f"{member.name}:{lag.mark.key}"] = error.message
                if isinstance(error, BackendUnavailable):
                    break
        return outcomes

    def _repair(self, member: Member, mark: Mark) -> _Outcome:
        key = mark.key
        with self._locks.holding([key], exclusive=mark.is_tree):
            lag = self._lag.at(member.name, key)
            if lag is None:
                return _Outcome.DONE
            if lag.mark.is_tree > mark.is_tree or self._lag.is_under_tree(member.name, key):
                return _Outcome.LEFT
            truth = self._truth_for(member, key)
            if truth is None:
                self._lag.settle((), [lag])
                return _Outcome.DONE
            return (self._unfold if lag.mark.is_tree else self._bring)(truth, member, lag)

    def _truth_for(self, member: Member, key: str) -> Member | None:
        """Who has what the member lacks or may lack; None where nobody knows better than the member itself.

        Where every member lags, which only two processes at once can bring about, the first one counts.
        """
        others = [
            (other, self._lag.standing(other.name, key)) for other in self._members if other is not member
        ]
        believed = [other for other, standing in others if standing is not Standing.LAGGING]
        sure = [other for other in believed if self._lag.at(other.name, key) is None]
        if sure or believed:
            return min(sure or believed, key=lambda other: other.is_away)
        lags = self._lag.standing(member.name, key) is Standing.LAGGING
        first = self._members.all[0]
        return first if lags and member is not first else None

    def _bring(self, truth: Member, member: Member, lag: Lag) -> _Outcome:
        key = lag.mark.key
        try:
            wanted = bring(truth.backend, member.backend, key, lambda: self._give_way(key))
        except DirectoryNotEmpty:
            if next(self._lag.below(member.name, key), None) is not None:
                return _Outcome.LEFT
            log.warning("%s: the member %r of a mirror has files here that no other has", key, member.name)
        else:
            if wanted is not None and wanted.is_file:
                etags = {truth.name: wanted.etag, member.name: member.backend.stat(key).etag}
                self._members.identities.learn(key, truth.name, etags)
            member.answered()
        self._lag.settle((), [lag])
        return _Outcome.DONE

    def _give_way(self, key: str) -> None:
        if self._stopped.is_set() or self._locks.is_wanted(key):
            raise ResourceLocked("it is to be written now", key)

    def _unfold(self, truth: Member, member: Member, lag: Lag) -> _Outcome:
        """A tree becomes a row for each child that either has, and one for the folder itself.

        No more certain than it was: who is right about a child may be another than who is about the tree.
        """
        key = lag.mark.key
        wanted = found(truth.backend, key)
        due = Due.GONE if wanted is None else Due(wanted.kind.value)
        there, here = _children(truth.backend, key), _children(member.backend, key)
        rows = [
            Lag(member.name, _mark_of(paths.join(key, name), there.get(name), here.get(name)), lag.certain)
            for name in there.keys() | here.keys()
        ]
        self._lag.settle([Lag(member.name, Mark(key, due), lag.certain), *rows], [lag])
        return _Outcome.UNFOLDED


def _children(backend: Backend, folder: str) -> dict[str, Entry]:
    try:
        return {entry.name: entry for entry in backend.list(folder)}
    except (NotFound, NotADirectory):
        return {}


def _mark_of(key: str, wanted: Entry | None, present: Entry | None) -> Mark:
    is_tree = any(entry is not None and entry.is_folder for entry in (wanted, present))
    return Mark(key, Due.GONE if wanted is None else Due(wanted.kind.value), is_tree)


class Upkeep:
    """A thread that repairs when told that somebody lags, and every `pause` seconds until nobody does."""

    def __init__(self, repairs: Repairs, pause: float) -> None:
        self._repairs = repairs
        self._pause = max(pause, 0.01)
        self._lock = threading.Lock()
        self._wanted = threading.Event()
        self._closed = threading.Event()
        self._thread: threading.Thread | None = None

    def wanted(self) -> None:
        """Somebody lags. Returns at once."""
        self._wanted.set()
        with self._lock:
            if self._thread is None and not self._closed.is_set():
                self._thread = threading.Thread(target=self._work, name="vfs-mirror-repair", daemon=True)
                self._thread.start()

    def close(self) -> None:
        """Wait for the key under repair; the rest stays on record. Calling it again is harmless."""
        self._repairs.stop()
        self._closed.set()
        self._wanted.set()
        if self._thread is not None:
            self._thread.join()

    def _work(self) -> None:
        while True:
            self._wanted.wait()
            self._wanted.clear()
            while not self._closed.is_set() and not self._is_done():
                self._closed.wait(self._pause)
            if self._closed.is_set():
                return

    def _is_done(self) -> bool:
        try:
            report = self._repairs.run(asking_all=False)
        except StorageError as error:
            log.warning("the members of a mirror cannot be repaired: %s", error)
            return False
        if report.repaired:
            log.info("brought %d keys to members of a mirror, %d are left", report.repaired, report.left)
        return bool(report)
