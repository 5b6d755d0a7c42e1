"""Changes through the layer: what stands at a key is kept before, what stands there then is noted after."""

import time
from collections.abc import Callable
from dataclasses import replace
from typing import TypeVar, cast

from vfs.engine.backend import Backend, Source
from vfs.engine.entries import Entry, WriteResult
from vfs.engine.errors import AlreadyExists, Conflict, IsADirectory, NotADirectory, NotFound
from vfs.engine.key_locks import KeyLocks
from vfs.engine.layers.acts import Act
from vfs.engine.layers.versioned.archive import Archive
from vfs.engine.layers.versioned.digesting import Digesting
from vfs.engine.layers.versioned.records import Record, state_of
from vfs.engine.layers.versioned.renaming import Renaming

ResultT = TypeVar("ResultT")

TRIES = 100
"""How often a change begins anew when another writer comes in between."""

_REPLACES = frozenset({Act.COPY, Act.COPY_FROM, Act.COMPLETE_UPLOAD})
_ALTERS = frozenset({Act.SET_ATTRIBUTES, Act.SET_METADATA, Act.SET_XATTR, Act.REMOVE_XATTR})

Conditions = tuple[bool, str | None]
"""`overwrite` and `if_match` of a write."""


class Changes:
    """Carries out changes of one store, each key's one after the other."""

    def __init__(self, inner: Backend, archive: Archive, locks: KeyLocks) -> None:
        self._inner = inner
        self._archive = archive
        self._locks = locks
        self._renaming = Renaming(inner, archive, self.standing)

    def carry_out(self, act: Act, keys: tuple[str, ...], run: Callable[..., ResultT]) -> ResultT:
        """`run` takes the keys; what it does is an act that changes no file, or one of those known here."""
        if act in _REPLACES:
            return self._replaced(act, keys, run)
        if act in _ALTERS:
            with self._locks.holding(keys):
                return self._altered(keys[-1], run)
        if act in {Act.MOVE, Act.EXCHANGE}:
            with self._locks.holding(keys):
                rename = self._renaming.exchange if act is Act.EXCHANGE else self._renaming.move
                return cast("ResultT", rename(keys[0], keys[1], cast("Callable[[str, str], None]", run)))
        return run(*keys)

    def write(
        self,
        key: str,
        source: Source,
        put: Callable[[Source, bool, str | None], WriteResult],
        *,
        overwrite: bool,
        if_match: str | None,
    ) -> WriteResult:
        """`put` stores a source under two conditions, which are made sharper than they were given."""
        taken = Digesting(source)
        with self._locks.holding((key,)):
            for left in reversed(range(TRIES)):
                kept, conditions = self._prepared(key, overwrite, if_match)
                try:
                    result = put(taken.source, *conditions)
                except (AlreadyExists, Conflict) as error:
                    if conditions == (overwrite, if_match):
                        raise
                    if not left or not taken.can_repeat:
                        raise Conflict("another writer replaced the file meanwhile", key) from error
                else:
                    record = self._archive.wrote(key, result, taken.digest, kept, taken.ended_ns)
                    return replace(result, version_id=record.id if record else None)
        raise AssertionError("the last try ends the loop")

    def _prepared(self, key: str, overwrite: bool, if_match: str | None) -> tuple[Record | None, Conditions]:
        """What is to be replaced is kept; the conditions under which it, and nothing else, is."""
        for left in reversed(range(TRIES)):
            entry = self.standing(key)
            if entry is None and if_match is None:
                return None, (False, None)
            if entry is None or not entry.is_file or not overwrite or if_match not in {None, entry.etag}:
                return None, (overwrite, if_match)
            try:
                return self._archive.keep(key, entry), (True, entry.etag)
            except Conflict:
                if not left:
                    raise
        raise AssertionError("the last try ends the loop")

    def delete(self, key: str, if_match: str | None) -> None:
        with self._locks.holding((key,)):
            for left in reversed(range(TRIES)):
                kept, (_, match) = self._prepared(key, True, if_match)
                began = time.time_ns()
                try:
                    self._inner.delete(key, if_match=match)
                except Conflict:
                    if match == if_match or not left:
                        raise
                else:
                    if kept is not None:
                        self._archive.removed(key, kept, began)
                    return

    def restore(self, key: str, record: Record) -> WriteResult:
        """Make an old version the newest."""
        with self._locks.holding((key,)):
            entry = self.standing(key)
            if entry is not None and entry.is_folder:
                raise IsADirectory(path=key)
            kept = self._kept(key)
            began = time.time_ns()
            result = self._archive.put_back(key, record)
            restored = self._archive.wrote(key, result, record.digest, kept, began)
            return replace(result, version_id=restored.id if restored else None)

    def standing(self, key: str) -> Entry | None:
        """What stands at a key, of any kind."""
        try:
            return self._inner.stat(key)
        except (NotFound, NotADirectory):
            return None

    def standing_file(self, key: str) -> Entry | None:
        """The file that stands at a key; None for anything else."""
        entry = self.standing(key)
        return entry if entry is not None and entry.is_file else None

    def _kept(self, key: str) -> Record | None:
        """The record of the file at a key, whose content is safe now; None where there is no file."""
        for left in reversed(range(TRIES)):
            entry = self.standing_file(key)
            if entry is None:
                return None
            try:
                return self._archive.keep(key, entry)
            except Conflict:
                if not left:
                    raise
        raise AssertionError("the last try ends the loop")

    def _replaced(self, act: Act, keys: tuple[str, ...], run: Callable[..., ResultT]) -> ResultT:
        target = keys[-1]
        with self._locks.holding((target,)):
            kept = self._kept(target)
            copied = keys[0] if act is Act.COPY else None
            source = self._archive.remembered(copied) if copied is not None else None
            began = time.time_ns()
            result = run(*keys)
            known = copied is not None and source is not None and self._stands(copied, source)
            digest = source.digest if source is not None and known else None
            self._archive.wrote(target, cast("WriteResult", result), digest, kept, began)
            return result

    def _stands(self, key: str, record: Record) -> bool:
        entry = self.standing_file(key)
        return entry is not None and state_of(entry) == record.state

    def _altered(self, key: str, run: Callable[..., ResultT]) -> ResultT:
        before = self.standing_file(key)
        result = run(key)
        if before is not None:
            after = result if isinstance(result, Entry) else self.standing_file(key)
            if after is not None and after.etag != before.etag:
                self._archive.altered(key, before, after)
        return result
