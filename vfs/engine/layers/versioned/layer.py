"""The layer that keeps what is overwritten and deleted, on storage that keeps nothing itself."""

import builtins
import errno
import os
from collections.abc import Callable, Iterator, Mapping
from typing import TypeVar, cast

from vfs.engine import paths
from vfs.engine.backend import (
    AbilityT,
    Backend,
    Buffer,
    DeletesMany,
    KeepsHardLinks,
    KeepsVersions,
    OpensInPlace,
    Source,
)
from vfs.engine.capabilities import Capability
from vfs.engine.entries import Attributes, Entry, Version, WriteResult
from vfs.engine.errors import InvalidPath, NotADirectory, NotFound, PermissionDenied
from vfs.engine.histories import ChecksHistory, CompactsVersions, History, HistoryReport, SweepsVersions
from vfs.engine.key_locks import KeyLocks
from vfs.engine.layers.acts import READS, Act
from vfs.engine.layers.intercepted_abilities import INTERCEPTED
from vfs.engine.layers.interception import InterceptingLayer
from vfs.engine.layers.versioned.archive import Archive
from vfs.engine.layers.versioned.changes import Changes
from vfs.engine.layers.versioned.checking import check
from vfs.engine.layers.versioned.compacting import compact
from vfs.engine.layers.versioned.past import OldContents
from vfs.engine.layers.versioned.places import FILES, NAME, is_reserved
from vfs.engine.layers.versioned.records import LONGEST_NAME
from vfs.engine.layers.versioned.retention import Retention
from vfs.engine.layers.versioned.sweeping import sweep
from vfs.engine.node_abilities import HasLocalPaths

ResultT = TypeVar("ResultT")

_PAST = frozenset({Capability.VERSIONING, Capability.VERSION_LISTING, Capability.VERSION_ACCESS})

_ROOM = len(f"{FILES}//{NAME}/") + LONGEST_NAME
"""Bytes that the key of a record has more than the key of its file."""


class VersionedOptions(Retention, frozen=True, extra="forbid"):
    """How much is kept; all of it, unless limits are given."""


class VersionedLayer(InterceptingLayer):
    """Keeps the old content of every file that is overwritten or deleted through it.

    Files are not opened in place, nor reached by their own paths, and have one name each: what is written
    there would pass us by.
    """

    exposes = frozenset(INTERCEPTED) - {
        ChecksHistory,
        CompactsVersions,
        DeletesMany,
        HasLocalPaths,
        KeepsHardLinks,
        KeepsVersions,
        OpensInPlace,
        SweepsVersions,
    }

    def __init__(self, inner: Backend, options: VersionedOptions | None = None) -> None:
        super().__init__(inner)
        self.archive = Archive(inner, options or VersionedOptions())
        self._locks = KeyLocks()
        self._changes = Changes(inner, self.archive, self._locks)
        self._old = OldContents(inner, self.archive)

    @property
    def capabilities(self) -> frozenset[Capability]:
        return super().capabilities | _PAST

    def ability(self, wanted: type[AbilityT]) -> AbilityT | None:
        if wanted in {KeepsVersions, SweepsVersions, CompactsVersions, ChecksHistory}:
            return cast("AbilityT", self)
        return super().ability(wanted)

    def check_key(self, key: str) -> None:
        if is_reserved(key):
            raise InvalidPath(f"the name {NAME} is that of the history", key)
        super().check_key(key)
        _check_room(key)

    def around(self, act: Act, keys: tuple[str, ...], run: Callable[..., ResultT]) -> ResultT:
        for key in keys:
            self._vet(act, key)
        if act is Act.SWEEP and keys == ("",):
            return cast(
                "ResultT", self._swept_root(cast("Callable[[str], Iterator[tuple[str, Entry]]]", run))
            )
        return self._changes.carry_out(act, keys, run)

    def shown(self, folder: str, entries: Iterator[Entry]) -> Iterator[Entry]:
        return (entry for entry in entries if entry.name != NAME)

    def swept(self, folder: str, found: Iterator[tuple[str, Entry]]) -> Iterator[tuple[str, Entry]]:
        return ((key, entry) for key, entry in found if not is_reserved(key))

    def _swept_root(self, sweep: Callable[[str], Iterator[tuple[str, Entry]]]) -> Iterator[tuple[str, Entry]]:
        """Folder by folder: the history may hold many times as much as there is."""
        for entry in self.inner.list(""):
            if entry.name != NAME:
                yield entry.name, entry
                if entry.is_folder:
                    yield from self._below(entry.name, sweep)

    @staticmethod
    def _below(
        folder: str, sweep: Callable[[str], Iterator[tuple[str, Entry]]]
    ) -> Iterator[tuple[str, Entry]]:
        try:
            yield from sweep(folder)
        except (NotFound, NotADirectory):
            return  # it went since the root was listed

    def read(
        self,
        key: str,
        start: int = 0,
        end: int | None = None,
        *,
        version: str | None = None,
        if_match: str | None = None,
    ) -> Buffer:
        if version is None:
            return super().read(key, start, end, if_match=if_match)
        self._vet(Act.READ, key)
        return self._old.read(key, version, start, end, if_match)

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
        """As of every backend; and where another process replaced the file meanwhile, what came in between
        is kept too, or, if the source cannot be read again, Conflict."""
        self._vet(Act.WRITE, key)

        def put(taken: Source, overwrite: bool, if_match: str | None) -> WriteResult:
            return self.inner.write(
                key, taken, overwrite=overwrite, if_match=if_match, metadata=metadata, attributes=attributes
            )

        return self._changes.write(key, source, put, overwrite=overwrite, if_match=if_match)

    def delete(self, key: str, *, if_match: str | None = None) -> None:
        self._vet(Act.DELETE, key)
        self._changes.delete(key, if_match)

    def list_versions(self, key: str) -> builtins.list[Version]:
        """One listing and one question; two more where a program has changed the file past us."""
        self._vet(Act.LIST_VERSIONS, key)
        return self._old.versions(key)

    def sweep_versions(self, folder: str, *, deep: bool = False) -> Iterator[History]:
        """A listing of each folder as it is, and one or two for each name that has a history."""
        self._vet(Act.SWEEP_VERSIONS, folder)
        return sweep(self.inner, self.archive, folder, deep=deep)

    def restore_version(self, key: str, version: str) -> WriteResult:
        """The content comes back with the attributes and times that it had; what stands there is kept."""
        self._vet(Act.RESTORE_VERSION, key)
        return self._changes.restore(key, self._old.found(key, version))

    def delete_version(self, key: str, version: str) -> None:
        """Raises NotFound for a version that is not there, PermissionDenied for the present one."""
        self._vet(Act.DELETE_VERSION, key)
        with self._locks.holding((key,)):
            self._old.forget(key, version)

    def compact_versions(self, key: str, *, dry_run: bool = False) -> int:
        self._vet(Act.DELETE_VERSION, key)
        with self._locks.holding((key,)):
            return compact(self.archive, key, self._changes.standing_file(key), dry_run=dry_run)

    def check_history(self, *, repair: bool = False) -> HistoryReport:
        return check(self.inner, self.archive, self._locks, repair=repair)

    def _vet(self, act: Act, key: str) -> None:
        paths.check_key(key)
        _refuse_reserved(act, key)
        _check_room(key)


def _refuse_reserved(act: Act, key: str) -> None:
    if is_reserved(key):
        if act in READS:
            raise NotFound(path=key)
        raise PermissionDenied(f"the name {NAME} is that of the history", key, errno=errno.EPERM)


def _check_room(key: str) -> None:
    """Refuse a key beyond which no room is left for that of its history."""
    if len(key) > (paths.MAX_KEY_BYTES - _ROOM) // 4 and len(os.fsencode(key)) > paths.MAX_KEY_BYTES - _ROOM:
        raise InvalidPath("no room is left for the history's own path", key, errno=errno.ENAMETOOLONG)
