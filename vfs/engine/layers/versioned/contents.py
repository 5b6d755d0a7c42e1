"""Old contents, each stored once: a folder with the content, and a name for each version that needs it.

The name is written before anybody looks whether the content is there. Who finds no names left sets the
content aside, looks again, and puts it back if one has come: so nobody relies on a content that goes.
"""

import contextlib
import os
import secrets
import time
from collections.abc import Iterator

from vfs.engine import paths
from vfs.engine.backend import STREAM_CHUNK, Backend, Buffer, Copies, Moves
from vfs.engine.entries import Entry
from vfs.engine.errors import AlreadyExists, Conflict, DirectoryNotEmpty, NotFound
from vfs.engine.layers.versioned.places import (
    CONTENTS,
    INCOMING,
    content_folder,
    content_place,
    incoming_place,
    reference_place,
)
from vfs.engine.layers.versioned.records import state_of

_CONTENT = "content"


class Contents:
    """Contents by name, inside the store; no byte comes here where the store can copy."""

    def __init__(self, inner: Backend) -> None:
        self._inner = inner

    def hold(self, name: str, version: str, key: str, entry: Entry) -> Entry | None:
        """Have the content of a version, which stands at `key`, safe here; the entry of one that was here.

        Raises Conflict when something else stands at the key by now, or nothing.
        """
        self._inner.write(reference_place(name, version), os.fsencode(key))
        found = self.entry(name)
        if found is None:
            self._bring(name, key, entry)
        return found

    def entry(self, name: str) -> Entry | None:
        """What is known of a content; None where it is not here."""
        try:
            return self._inner.stat(content_place(name))
        except NotFound:
            return None

    def holds(self, name: str, version: str) -> bool:
        """Whether a content is here, and stays for as long as that version is kept."""
        return {_CONTENT, version} <= {entry.name for entry in self._listed(content_folder(name))}

    def needed_by(self, name: str, version: str) -> str | None:
        """The key that a version had which needs a content; None if it does not need it any more."""
        try:
            return os.fsdecode(bytes(self._inner.read(reference_place(name, version))))
        except NotFound:
            return None

    def release(self, name: str, version: str) -> None:
        """A version does not need the content any more; one that nobody needs goes."""
        with contextlib.suppress(NotFound):
            self._inner.delete(reference_place(name, version))
        self.remove_unneeded(name)

    def remove_unneeded(self, name: str) -> None:
        """Remove a content that no version needs; one that is needed stays."""
        if self._references(name):
            return
        place, moves = content_place(name), self._inner.ability(Moves)
        aside = incoming_place(f"{time.time_ns():020d}-{secrets.token_hex(4)}")
        with contextlib.suppress(NotFound):
            if moves is None:
                self._inner.delete(place)
            else:
                moves.move(place, aside)
                if self._references(name):
                    self._settle(aside, name)
                else:
                    self._inner.delete(aside)
        with contextlib.suppress(NotFound, DirectoryNotEmpty):
            self._inner.remove_directory(content_folder(name))

    def all(self) -> Iterator[tuple[str, set[str], bool]]:
        """Every content: its name, the versions that need it, whether it is here. A listing for each."""
        for shard in self._folders(CONTENTS):
            for folder in self._folders(shard):
                found = {entry.name for entry in self._listed(folder)}
                yield paths.name_of(folder), found - {_CONTENT}, _CONTENT in found

    def leftovers(self, older_than_ns: int) -> Iterator[str]:
        """The places of contents that were on their way before a moment and never arrived."""
        for entry in self._listed(INCOMING):
            began = entry.name.partition("-")[0]
            if began.isdigit() and int(began) < older_than_ns:
                yield incoming_place(entry.name)

    def _bring(self, name: str, key: str, entry: Entry) -> None:
        staged = incoming_place(f"{time.time_ns():020d}-{secrets.token_hex(4)}")
        try:
            self._copy(key, entry, staged)
            if not self._still_stands(key, entry):
                raise Conflict("the file was replaced while its content was being kept", key)
            self._settle(staged, name)
        except BaseException:
            with contextlib.suppress(NotFound):
                self._inner.delete(staged)
            raise

    def _copy(self, key: str, entry: Entry, staged: str) -> None:
        copies = self._inner.ability(Copies)
        try:
            if copies is not None:
                copies.copy(key, staged)
                return
            self._inner.write(
                staged,
                self.pieces(key, entry),
                metadata=entry.metadata,
                attributes=entry.attributes,
            )
        except NotFound as error:
            raise Conflict("the file went while its content was being kept", key) from error

    def pieces(self, place: str, entry: Entry) -> Iterator[Buffer]:
        """The bytes of one state of a file, a MiB at a time."""
        for start in range(0, entry.size, STREAM_CHUNK):
            end = min(start + STREAM_CHUNK, entry.size)
            yield self._inner.read(place, start, end, if_match=entry.etag)

    def _still_stands(self, key: str, entry: Entry) -> bool:
        try:
            return state_of(self._inner.stat(key)) == state_of(entry)
        except NotFound:
            return False

    def _settle(self, staged: str, name: str) -> None:
        """Give a whole content its name; one that is there already has the same bytes."""
        place, moves, copies = content_place(name), self._inner.ability(Moves), self._inner.ability(Copies)
        with contextlib.suppress(AlreadyExists):
            if moves is not None:
                moves.move(staged, place, overwrite=False)
                return
            if copies is not None:
                copies.copy(staged, place, overwrite=False)
            else:
                entry = self._inner.stat(staged)
                self._inner.write(place, self.pieces(staged, entry), overwrite=False)
        self._inner.delete(staged)

    def _references(self, name: str) -> bool:
        return any(entry.name != _CONTENT for entry in self._listed(content_folder(name)))

    def _folders(self, place: str) -> Iterator[str]:
        return (paths.join(place, entry.name) for entry in self._listed(place) if entry.is_folder)

    def _listed(self, place: str) -> Iterator[Entry]:
        with contextlib.suppress(NotFound):
            yield from self._inner.list(place)
