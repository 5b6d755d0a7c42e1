"""The members of a mirror: whom to ask about a key, in which order, and what to make of their failures."""

import contextlib
import logging
import math
import time
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import replace
from typing import TypeVar

from vfs.engine import paths
from vfs.engine.backend import Backend
from vfs.engine.composites.mirror.identities import NO_ETAG, Identities
from vfs.engine.composites.mirror.lag import LagRecord, Standing
from vfs.engine.entries import Entry
from vfs.engine.errors import (
    AlreadyExists,
    BackendUnavailable,
    CapabilityNotSupported,
    Conflict,
    DirectoryNotEmpty,
    InvalidPath,
    IsADirectory,
    NotADirectory,
    NotFound,
    PermissionDenied,
    StorageError,
)

ResultT = TypeVar("ResultT")

VERDICTS = (
    AlreadyExists,
    CapabilityNotSupported,
    Conflict,
    DirectoryNotEmpty,
    InvalidPath,
    IsADirectory,
    NotADirectory,
    NotFound,
    PermissionDenied,
)
"""Answers of a store that is there: another member would say the same. Everything else is a failure."""

log = logging.getLogger("vfs.engine.composites.mirror")


class Member:
    """One storage of a mirror under its mount's name; left alone for `pause` seconds after no answer."""

    def __init__(self, name: str, backend: Backend, pause: float) -> None:
        self.name = name
        self.backend = backend
        self._pause = pause
        self._away_until = -math.inf

    @property
    def is_away(self) -> bool:
        """Whether it gave no answer a moment ago; asked again nevertheless where nobody else can answer."""
        return time.monotonic() < self._away_until

    def answered(self) -> None:
        """It is there."""
        self._away_until = -math.inf

    @contextlib.contextmanager
    def watched(self) -> Iterator[None]:
        """Around a call on the backend: takes note of whether the member is there."""
        try:
            yield
        except BackendUnavailable:
            if not self.is_away:
                log.warning("the member %r of a mirror does not answer", self.name)
            self._away_until = time.monotonic() + self._pause
            raise
        except StorageError:
            self.answered()
            raise
        self.answered()


class Members:
    """All members in the order of preference, with the record of what each lacks and what ETags mean."""

    def __init__(self, members: Sequence[Member], lag: LagRecord) -> None:
        self.all = tuple(members)
        self.lag = lag
        self.identities = Identities()
        self.someone_lags: Callable[[], None] = lambda: None
        """Called when a question had to pass over a member that lags."""

    def __iter__(self) -> Iterator[Member]:
        return iter(self.all)

    def by_presence(self) -> list[Member]:
        """Those that answer first, then the order as written."""
        return sorted(self.all, key=lambda member: member.is_away)

    def standings(self, *keys: str) -> dict[str, Standing]:
        """How far each may be believed about all these keys together. Raises InvalidPath."""
        for key in keys:
            paths.check_key(key)
        if self.lag.is_empty:
            return dict.fromkeys((member.name for member in self.all), Standing.CURRENT)
        return {member.name: max(self.lag.standing(member.name, key) for key in keys) for member in self.all}

    def candidates(self, key: str) -> list[tuple[Member, Standing]]:
        """Who may be believed about a key: those that answer first, then the best, then as written."""
        standings = self.standings(key)
        found = [(member, standings[member.name]) for member in self.all]
        believed = [(member, standing) for member, standing in found if standing is not Standing.LAGGING]
        if len(believed) < len(self.all):
            self.someone_lags()
        return sorted(believed, key=lambda found: (found[0].is_away, found[1]))

    def ask(
        self,
        key: str,
        question: Callable[[Member, Standing], ResultT],
        *,
        first: Callable[[Member], bool] = lambda _: True,
    ) -> ResultT:
        """The answer of the first member that gives one; those that are `first` are asked before the others.

        Raises what it says, or an error that tells each member's reason.
        """
        failures: dict[str, StorageError] = {}
        for member, standing in sorted(self.candidates(key), key=lambda found: not first(found[0])):
            try:
                with member.watched():
                    return question(member, standing)
            except VERDICTS:
                raise
            except StorageError as error:
                failures[member.name] = error
        raise self.nobody(key, failures)

    def knows(self, key: str, etag: str | None, member: Member) -> bool:
        """Whether a member can tell if a file has this ETag of the mirror."""
        return etag is None or self.identities.etag_at(key, etag, member.name) is not None

    def etag_at(self, key: str, etag: str | None, member: Member) -> str | None:
        """What stands for an ETag of the mirror at a member: one that no file has where that is not known."""
        return None if etag is None else self.identities.etag_at(key, etag, member.name) or NO_ETAG

    def told(self, key: str, member: Member, entry: Entry) -> Entry:
        """A member's entry as the mirror tells it: what identifies it at that member only is left out."""
        etag = self.identities.name_of(key, member.name, entry.etag)
        return replace(entry, etag=etag, version_id=None, file_id=None, nlink=1)

    def nobody(self, key: str, failures: Mapping[str, StorageError]) -> StorageError:
        """The error that tells each member's reason."""
        reasons = "; ".join(f"{member.name}: {self._reason(member, key, failures)}" for member in self.all)
        message = f"no member of the mirror could do it ({reasons})"
        kinds = {(type(failure), failure.errno) for failure in failures.values()}
        if len(kinds) == 1:
            kind, number = kinds.pop()
            return kind(message, key, errno=number)
        return BackendUnavailable(message, key)

    def _reason(self, member: Member, key: str, failures: Mapping[str, StorageError]) -> str:
        if member.name in failures:
            return failures[member.name].message
        lags = self.lag.standing(member.name, key) is Standing.LAGGING
        return "it lacks an earlier change" if lags else "it lacks an earlier change below"
