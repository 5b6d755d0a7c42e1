"""What the history knows of each version: a file for each, whose name tells everything that a listing must.

The records of a key lie in a folder of their own, so that one listing gives all of them, and whoever adds
one disturbs nobody: two writers, in one process or in two, need no agreement.
"""

import base64
import binascii
import builtins
import contextlib
import hashlib
import re
from collections.abc import Iterator
from dataclasses import dataclass

from vfs.engine import paths
from vfs.engine.backend import Backend, Moves
from vfs.engine.entries import Entry, Version
from vfs.engine.errors import NotADirectory, NotFound
from vfs.engine.layers.versioned.places import FILES, NAME

LONGEST_NAME = 250
"""Bytes that a record's name may have."""

_NAME = re.compile(r"(\d{20})-([0-9a-f]{8})\.([acd])\.([0-9a-f]+)\.([0-9a-f]{64}|-)\.([A-Za-z0-9_=-]*)")
_LONGEST_ETAG = 96
_HASHED = "h-"


@dataclass(frozen=True, slots=True)
class Record:
    """One version of a file. `state` is what `state_of` gave of the entry while it stood at its key."""

    time_ns: int
    tag: str
    size: int
    digest: str | None
    state: str
    is_marker: bool = False
    has_attributes: bool = False
    """Whether the record itself holds the attributes, because its content is shared with other versions."""

    @property
    def id(self) -> str:
        """Sorts by time; never given twice."""
        return f"{self.time_ns:020d}-{self.tag}"

    @property
    def content(self) -> str:
        """The name of its content: equal for equal contents, as far as they are known."""
        return self.digest or f"x{self.id}"

    @property
    def name(self) -> str:
        """All of it, as the name of a file."""
        kind = "d" if self.is_marker else "a" if self.has_attributes else "c"
        return f"{self.id}.{kind}.{self.size:x}.{self.digest or '-'}.{self.state}"

    @classmethod
    def parse(cls, name: str) -> "Record | None":
        """None for a name that no record has."""
        match = _NAME.fullmatch(name)
        if match is None:
            return None
        time_ns, tag, kind, size, digest, state = match.groups()
        return cls(
            int(time_ns),
            tag,
            int(size, 16),
            None if digest == "-" else digest,
            state,
            is_marker=kind == "d",
            has_attributes=kind == "a",
        )

    def version(self, *, is_latest: bool) -> Version:
        """The same, as everybody else is told of it."""
        etag = None if self.is_marker else _etag_in(self.state)
        return Version(self.id, self.time_ns, self.size, etag, is_latest, self.is_marker)


def state_of(entry: Entry) -> str:
    """What tells this state of a file from any other, in letters that a name may have."""
    return state_of_etag(entry.etag or f"{entry.size:x}-{entry.mtime_ns or 0:x}")


def state_of_etag(etag: str) -> str:
    """As `state_of` an entry with this ETag."""
    told = base64.urlsafe_b64encode(etag.encode(errors="surrogateescape")).decode()
    if len(told) <= _LONGEST_ETAG:
        return told
    return _HASHED + hashlib.sha256(etag.encode(errors="surrogateescape")).hexdigest()


def _etag_in(state: str) -> str | None:
    if state.startswith(_HASHED):
        return None
    try:
        return base64.urlsafe_b64decode(state).decode(errors="surrogateescape")
    except binascii.Error:
        return None


class Records:
    """The records of all keys, in the store itself."""

    def __init__(self, inner: Backend) -> None:
        self._inner = inner

    def of(self, key: str) -> list[Record]:
        """Oldest first; [] for a key never seen. One listing."""
        try:
            entries = builtins.list(self._inner.list(self.folder(key)))
        except (NotFound, NotADirectory):
            return []
        return in_order(record for entry in entries if (record := Record.parse(entry.name)))

    def all(self, folder: str = "") -> Iterator[tuple[str, Record]]:
        """Every record of every key below a folder, in no promised order; a listing for each folder."""
        below = [paths.join(FILES, folder) if folder else FILES]
        while below:
            place = below.pop()
            with contextlib.suppress(NotFound):
                for entry in self._inner.list(place):
                    if entry.name != NAME:
                        below += [paths.join(place, entry.name)] if entry.is_folder else []
                        continue
                    key = place[len(FILES) + 1 :]
                    yield from ((key, record) for record in self.of(key))

    def add(self, key: str, record: Record, body: bytes = b"") -> None:
        """One small write."""
        self._inner.write(self._place(key, record), body)

    def remove(self, key: str, record: Record) -> None:
        """One that is gone already is no error."""
        with contextlib.suppress(NotFound):
            self._inner.delete(self._place(key, record))

    def body(self, key: str, record: Record) -> bytes:
        """What was added with it."""
        return bytes(self._inner.read(self._place(key, record)))

    def exchange(self, key: str, old: Record, new: Record, body: bytes | None = None) -> None:
        """Have a record say something else of the same version; one rename where the store has renames."""
        moves = self._inner.ability(Moves)
        if body is None and moves is not None:
            with contextlib.suppress(NotFound):
                moves.move(self._place(key, old), self._place(key, new))
                return
        self.add(key, new, self.body(key, old) if body is None and old.has_attributes else body or b"")
        self.remove(key, old)

    def folder(self, key: str) -> str:
        """Where the records of a key lie."""
        return f"{FILES}/{key}/{NAME}"

    def _place(self, key: str, record: Record) -> str:
        return f"{self.folder(key)}/{record.name}"


def in_order(found: Iterator[Record]) -> list[Record]:
    """Oldest first, each version and each state of the file once.

    A state can have two records: of the writer who made it, and of one who found it before that was told.
    """
    kept: list[Record] = []
    for record in sorted(found, key=lambda each: (each.id, not each.has_attributes)):
        last = kept[-1] if kept else None
        if last is None or not (last.id == record.id or _is_same_state(last, record)):
            kept.append(record)
    return kept


def _is_same_state(one: Record, other: Record) -> bool:
    return one.state == other.state and not one.is_marker and not other.is_marker
