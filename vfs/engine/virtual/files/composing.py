"""A virtual file as it is at one moment: its parts found, pinned, and what is made of them."""

# pyright: reportReturnType=false
# It takes a protocol's methods that are a docstring alone for bodies; mypy checks what they return.

import errno
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from contextvars import ContextVar
from dataclasses import dataclass
from typing import Protocol

from vfs.engine import paths
from vfs.engine.backend import Buffer
from vfs.engine.diffs import check_size, unified_diff
from vfs.engine.entries import NO_XATTRS, Entry, EntryKind
from vfs.engine.errors import Conflict, NotADirectory, NotFound, StorageError
from vfs.engine.patterns import States
from vfs.engine.virtual.files.definitions import Part, VirtualFile
from vfs.engine.virtual.joined import Joined, joint_etag, newest

_MODE = 0o444

_under_way: ContextVar[tuple[tuple[str, str], ...]] = ContextVar("vfs_virtual_files", default=())


class Stack(Protocol):
    """The storage of a mount with virtual files, as far as parts of others are read from it."""

    is_remote: bool
    lists_sizes: bool

    def stat(self, key: str) -> Entry: ...

    def read(
        self, key: str, start: int = 0, end: int | None = None, *, if_match: str | None = None
    ) -> Buffer: ...

    def uncomposed(self, folder: str) -> Iterator[tuple[Entry, bool]]:
        """The entries of a folder, and whether each is a virtual file, of which only the name is told."""


Member = Callable[[str], Stack]
"""Gives the stack of a mount by its name; NotFound where there is none."""


@dataclass(frozen=True, slots=True)
class Found:
    """A part that is there: every read is of the state that was found."""

    stack: Stack
    mount: str
    key: str
    entry: Entry

    @property
    def place(self) -> str:
        return f"{self.mount}:{self.key}"

    @property
    def size(self) -> int:
        return self.entry.size

    def read(self, start: int, end: int) -> Buffer:
        try:
            data = self.stack.read(self.key, start, end, if_match=self.entry.etag)
        except (Conflict, NotFound) as error:
            raise Conflict(f"its part {self.place} changed") from error
        if len(data) != end - start:
            raise Conflict(f"its part {self.place} changed")
        return data


@dataclass(frozen=True, slots=True)
class Composed:
    """One state of a virtual file: its entry, and its bytes, made of pinned parts or held."""

    entry: Entry
    content: Joined | bytes
    is_remote: bool
    """Whether reading it may cross a network."""

    @property
    def held(self) -> int:
        """Bytes of memory."""
        return len(self.content) if isinstance(self.content, bytes) else 0

    def read(self, start: int, end: int | None) -> Buffer:
        """Raises Conflict where a part in the range is another one now."""
        stop = self.entry.size if end is None else min(end, self.entry.size)
        if start >= stop:
            return b""
        if isinstance(self.content, bytes):
            return self.content[start:stop]
        return self.content.read(start, stop - start)


def compose(
    place: tuple[str, str], file: VirtualFile, member: Member, known: Callable[[str], Composed | None]
) -> Composed:
    """What a virtual file is now; `known` may have the same state, by its ETag, already.

    Costs a question for each part, for those of a pattern a listing of each folder that it leads to. A `diff`
    reads both files. Raises StorageError (EIO) that names the part that is missing or no file, ELOOP for a
    file that is a part of itself by way of other mounts, what the parts raise, and what a diff refuses.
    """
    with _guarded(place):
        found = [each for part in file.parts for each in _find(part, place, member)]
        if file.diff is None:
            return _concat(place, file, found)
        rule = b"diff %d" % file.limit
        etag = _etag(found, rule)
        return known(etag) or _diff(place, file, found, etag)


@contextmanager
def _guarded(place: tuple[str, str]) -> Iterator[None]:
    way = _under_way.get()
    if place in way:
        raise StorageError("a virtual file cannot be a part of itself", place[1], errno=errno.ELOOP)
    token = _under_way.set((*way, place))
    try:
        yield
    finally:
        _under_way.reset(token)


def _concat(place: tuple[str, str], file: VirtualFile, found: list[Found]) -> Composed:
    separator = file.separator.encode(errors="surrogateescape")
    joined = Joined(found, separator)
    entry = _entry(place, joined.size, found, _etag(found, b"concat " + separator))
    return Composed(entry, joined, is_remote=any(part.stack.is_remote for part in found))


def _diff(place: tuple[str, str], file: VirtualFile, found: list[Found], etag: str) -> Composed:
    for part in found:
        check_size(part.size, part.place, file.limit)
    old, new = (bytes(part.read(0, part.size)) if part.size else b"" for part in found)
    text = unified_diff(old, new, *(part.place for part in found))
    return Composed(_entry(place, len(text), found, etag), text, is_remote=False)


def _etag(found: list[Found], rule: bytes) -> str:
    return joint_etag(((part.place, part.entry) for part in found), rule)


def _entry(place: tuple[str, str], size: int, found: list[Found], etag: str) -> Entry:
    return Entry(
        name=paths.name_of(place[1]),
        kind=EntryKind.FILE,
        size=size,
        mtime_ns=newest(part.entry for part in found),
        etag=etag,
        mode=_MODE,
        xattrs=NO_XATTRS,
    )


def _find(part: Part, own: tuple[str, str], member: Member) -> Iterator[Found]:
    try:
        stack = member(part.mount)
        if not part.is_pattern:
            yield Found(stack, part.mount, part.key, _file_at(stack, part.key))
            return
        for key, entry in sorted(_matching(stack, part), key=lambda match: match[0]):
            if (part.mount, key) != own:
                whole = _file_at(stack, key) if entry is None else entry
                yield Found(stack, part.mount, key, whole)
    except (NotFound, NotADirectory) as error:
        raise StorageError(f"its part {part} is missing", errno=errno.EIO) from error
    except StorageError as error:
        error.message = f"its part {part}: {error.message}"
        error.path = error.mount = None
        raise


def _file_at(stack: Stack, key: str) -> Entry:
    entry = stack.stat(key)
    if entry.kind is not EntryKind.FILE:
        raise StorageError("is no regular file")
    return entry


def _matching(stack: Stack, part: Part) -> Iterator[tuple[str, Entry | None]]:
    """The files that fit a pattern; without the entry where only `stat` tells the size."""
    waiting = [("", part.pattern.start)]
    while waiting:
        folder, states = waiting.pop()
        only = _only_way_on(part, states)
        if only is not None:
            waiting.append((paths.join(folder, only[0]), only[1]))
            continue
        for entry, is_virtual in _listed(stack, folder):
            key = paths.join(folder, entry.name)
            inside, is_sought = part.pattern.after(states, entry.name, is_folder=entry.is_folder)
            if inside:
                waiting.append((key, inside))
            if is_sought and entry.is_file:
                sized = not is_virtual and (entry.complete or stack.lists_sizes)
                yield key, entry if sized else None


def _only_way_on(part: Part, states: States) -> tuple[str, States] | None:
    """The one name that can come next, where it is a folder's: nothing is listed to find it."""
    names = part.pattern.names(states) or ()
    if len(names) != 1:
        return None
    (name,) = names
    inside, is_sought = part.pattern.after(states, name, is_folder=True)
    return None if is_sought else (name, inside)


def _listed(stack: Stack, folder: str) -> Iterator[tuple[Entry, bool]]:
    """A pattern may lead to where nothing is."""
    try:
        yield from stack.uncomposed(folder)
    except (NotFound, NotADirectory):
        return
