"""Copies in a route: inside a member by that member, from one to another through here."""

from collections.abc import Iterator
from contextlib import suppress

from vfs.engine.backend import STREAM_CHUNK, Backend, Buffer, Copies, KeepsSpecialFiles, KeepsSymlinks
from vfs.engine.composites.route.members import Members
from vfs.engine.entries import Entry, EntryKind, WriteResult
from vfs.engine.errors import CapabilityNotSupported, IsADirectory, NotFound


class RouteCopies:
    """Files, with metadata and attributes; symlinks and special files as what they are."""

    def __init__(self, members: Members) -> None:
        self._members = members

    def copy(self, source: str, target: str, *, overwrite: bool = True) -> WriteResult:
        """A piece at a time where the bytes come through here; the target appears in one act all the same."""
        entry = self._members.stat(source)
        if entry.is_folder:
            raise IsADirectory(path=source)
        self._members.check_free_for_file(target)
        giver, taker = self._members.of(source), self._members.of(target)
        copies = taker.ability(Copies) if giver is taker else None
        if copies is not None:
            return copies.copy(source, target, overwrite=overwrite)
        if source == target:
            return WriteResult(target, entry.size, etag=entry.etag, mtime_ns=entry.mtime_ns, written=False)
        if not entry.is_file:
            return self._copy_link(source, entry, target, overwrite)
        return taker.write(
            target,
            _streamed(giver, source, entry),
            overwrite=overwrite,
            metadata=entry.metadata,
            attributes=entry.attributes,
        )

    def _copy_link(self, source: str, entry: Entry, target: str, overwrite: bool) -> WriteResult:
        """What it replaces is removed first: no storage puts a link in a file's place in one act."""
        giver, taker = self._members.of(source), self._members.of(target)
        attributes = entry.attributes
        links, made = giver.ability(KeepsSymlinks), taker.ability(KeepsSymlinks)
        specials = taker.ability(KeepsSpecialFiles)
        if entry.kind is EntryKind.SYMLINK and links is not None and made is not None:
            text = links.read_symlink(source)
            _make_room(taker, target, overwrite)
            new = made.make_symlink(target, text, attributes=attributes)
        elif entry.kind is EntryKind.SPECIAL and specials is not None and entry.mode is not None:
            _make_room(taker, target, overwrite)
            new = specials.make_special(target, entry.mode, entry.rdev, attributes=attributes)
        else:
            raise CapabilityNotSupported("the mount that this name leads to keeps no such entry", target)
        return WriteResult(target, new.size, etag=new.etag, mtime_ns=new.mtime_ns)


def _make_room(taker: Backend, target: str, overwrite: bool) -> None:
    if overwrite:
        with suppress(NotFound):
            taker.delete(target)


def _streamed(giver: Backend, key: str, entry: Entry) -> Iterator[Buffer]:
    for start in range(0, entry.size, STREAM_CHUNK):
        yield giver.read(key, start, start + STREAM_CHUNK, if_match=entry.etag)
