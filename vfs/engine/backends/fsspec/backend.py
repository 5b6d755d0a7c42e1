"""FsspecBackend: the tree of any fsspec file system, with exact names and honest capabilities."""

import contextlib
import errno
import secrets
import tempfile
from collections.abc import Iterator, Mapping
from functools import partial
from typing import Any

from vfs.engine import paths
from vfs.engine.backend import AbilityT, Backend, Buffer, Moves, Source
from vfs.engine.backends.fsspec.driver import Driver
from vfs.engine.backends.fsspec.identity import Generations, entry_of, name_in
from vfs.engine.backends.fsspec.options import HERE, PIPELINED, RENAMING, FsspecOptions
from vfs.engine.capabilities import READING, WRITING, Capability
from vfs.engine.entries import Attributes, Entry, EntryKind, WriteResult
from vfs.engine.errors import (
    AlreadyExists,
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
from vfs.engine.node_abilities import ClientT
from vfs.engine.sources import pieces

_DRAFT = ".vfs-tmp-"

_LONGEST_ON_SERVERS = 3800
"""Bytes of a key: file servers take paths of 4096, with what they and we put before and behind."""


class FsspecBackend(Backend):
    """A folder in an fsspec file system.

    Only calls that take one exact path are used: fsspec reads names as patterns elsewhere. Its listing
    cache is off. Where the protocol renames in one act, a file is written under another name and moved
    into place; elsewhere it is sent whole once its source has ended, and a reader may see it half-written.
    Conditions are checked before they are acted on: they hold among the users of one mount.
    """

    def __init__(self, options: FsspecOptions) -> None:
        self._protocol = options.protocol
        self._root = options.path.rstrip("/")
        self._driver = Driver(options)
        self._generations = Generations()
        self._renames = options.protocol in RENAMING
        self.is_remote = options.protocol not in HERE
        self.location = options.location
        if options.create:
            self._driver.act("", lambda system: system.makedirs(self._place(""), exist_ok=True))

    @property
    def capabilities(self) -> frozenset[Capability]:
        atomic = {Capability.ATOMIC_WRITE, Capability.ATOMIC_MOVE} if self._renames else set()
        return READING | WRITING | atomic

    def ability(self, wanted: type[AbilityT]) -> AbilityT | None:
        return None if wanted is Moves and not self._renames else super().ability(wanted)

    def client(self, wanted: type[ClientT]) -> ClientT | None:
        """The driver's own file system."""
        system = self._driver.ask("", lambda system: system)
        return system if isinstance(system, wanted) else None

    def native_path(self, key: str) -> str:
        self._check_key(key)
        return self._place(key)

    def stat(self, key: str) -> Entry:
        self._check_key(key)
        return self._generations.of(key, self._existing(key))

    def list(self, key: str) -> Iterator[Entry]:
        self._check_key(key)
        if not self._existing(key).is_folder:
            raise NotADirectory(path=key)
        place = self._place(key)
        for info in self._driver.ask(key, lambda system: system.ls(place, detail=True)):
            entry = self._listed(key, info)
            if entry is not None:
                yield entry

    def read(
        self,
        key: str,
        start: int = 0,
        end: int | None = None,
        *,
        version: str | None = None,
        if_match: str | None = None,
    ) -> Buffer:
        entry = self._file(key)
        if version is not None:
            raise CapabilityNotSupported("no old versions are kept", key)
        self._check_match(key, entry, if_match)
        stop = entry.size if end is None else min(end, entry.size)
        if start >= stop:
            return b""
        place = self._place(key)
        found = self._driver.ask(key, lambda system: self._range(system, place, start, stop))
        if if_match is not None:
            self._check_match(key, self._file(key), if_match)
        return found

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
        self._check_key(key)
        self._check_writable(key, overwrite, if_match)
        if metadata:
            raise CapabilityNotSupported("no user metadata are kept", key)
        if self._renames:
            return self._write_aside(key, source, overwrite, if_match)
        return self._write_whole(key, source, overwrite, if_match)

    def delete(self, key: str, *, if_match: str | None = None) -> None:
        self._check_key(key)
        with self._driver.turn():
            entry = self._file(key)
            self._check_match(key, entry, if_match)
            self._driver.act(key, lambda system: system.rm_file(self._place(key)))
            self._generations.deleted(key, entry)

    def make_directory(self, key: str, *, attributes: Attributes | None = None) -> Entry:
        self._check_key(key)
        with self._driver.turn():
            if self._find(key) is not None:
                raise AlreadyExists(path=key)
            self._make_folder(key)
            return self._existing(key)

    def remove_directory(self, key: str) -> None:
        self._check_key(key)
        with self._driver.turn():
            if not self._existing(key).is_folder:
                raise NotADirectory(path=key)
            if not key:
                raise PermissionDenied("the root cannot be removed", key, errno=errno.EBUSY)
            if next(self.list(key), None) is not None:
                raise DirectoryNotEmpty(path=key)
            self._driver.act(key, lambda system: system.rmdir(self._place(key)))

    def move(self, source: str, target: str, *, overwrite: bool = True, exchange: bool = False) -> None:
        """As `Moves` says, but that nothing is exchanged: no protocol has an act for it."""
        self._check_key(source)
        with self._driver.turn():
            entry = self._existing(source)
            self._check_key(target)
            if not source or paths.is_below(target, source) or (exchange and paths.is_below(source, target)):
                raise InvalidPath("a folder cannot be moved below itself", target)
            if exchange:
                self._existing(target)
                raise CapabilityNotSupported(f"{self._protocol} cannot exchange two names", source)
            taken = self._find(target)
            self._check_movable(entry, taken, target, overwrite)
            if source != target:
                self._move(source, target, entry, taken)

    def ping(self) -> None:
        self._driver.ask("", lambda system: system.info(self._place("")))

    def close(self) -> None:
        self._driver.close()

    def _place(self, key: str) -> str:
        return f"{self._root}/{key}" if key else self._root or "/"

    def _range(self, system: Any, place: str, start: int, stop: int) -> bytes:
        if self._protocol not in PIPELINED:
            return bytes(system.cat_file(place, start=start, end=stop))
        with system.open(place, "rb") as file:
            return b"".join(file.readv([(start, stop - start)]))

    def _check_key(self, key: str) -> None:
        paths.check_key(key)
        try:
            size = len(key.encode())
        except UnicodeEncodeError as error:
            raise InvalidPath("drivers of fsspec take names in UTF-8 only", key) from error
        if self._renames and size > _LONGEST_ON_SERVERS:
            raise InvalidPath("servers take no path as long as this", key, errno=errno.ENAMETOOLONG)

    def _find(self, key: str) -> Entry | None:
        """The entry at a key as the driver tells it."""
        if not key:
            return Entry("", EntryKind.FOLDER)
        try:
            info = self._driver.ask(key, lambda system: _info(system, self._place(key), key))
        except (NotFound, NotADirectory):
            return None
        return entry_of(paths.name_of(key), info)

    def _existing(self, key: str) -> Entry:
        entry = self._find(key)
        if entry is None:
            raise NotFound(path=key)
        return entry

    def _file(self, key: str) -> Entry:
        self._check_key(key)
        entry = self._existing(key)
        if entry.is_folder:
            raise IsADirectory(path=key)
        return entry

    def _listed(self, folder: str, info: Mapping[str, Any]) -> Entry | None:
        """The entry for a line of a listing; None for the folder itself, our drafts and dangling links."""
        name = name_in(info)
        if name in {"", ".", ".."} or name.startswith(_DRAFT) or _path(info) == _plain(self._place(folder)):
            return None
        key = paths.join(folder, name)
        if info.get("type") not in {"file", "directory"}:
            found = self._find(key)
            return None if found is None else self._generations.of(key, found)
        return self._generations.of(key, entry_of(name, info))

    def _check_match(self, key: str, entry: Entry, if_match: str | None) -> None:
        if if_match is not None and self._generations.of(key, entry).etag != if_match:
            raise Conflict("the file is another one now", key)

    def _check_above(self, key: str) -> None:
        """Refuse a key that has a file above it; the nearest folder above has none above itself."""
        for above in [*paths.ancestors(key), ""]:
            entry = self._find(above)
            if entry is not None and not entry.is_folder:
                raise NotADirectory(f"{above} is not a folder", key)
            if entry is not None:
                return

    def _check_writable(self, key: str, overwrite: bool, if_match: str | None) -> Entry | None:
        """What a file written here would replace; raises where it may not."""
        entry = self._find(key)
        if entry is None:
            self._check_above(key)
            if if_match is not None:
                raise Conflict("the file is gone", key)
            return None
        if entry.is_folder:
            raise IsADirectory(path=key)
        if not overwrite:
            raise AlreadyExists(path=key)
        self._check_match(key, entry, if_match)
        return entry

    def _check_movable(self, entry: Entry, taken: Entry | None, target: str, overwrite: bool) -> None:
        if taken is None:
            self._check_above(target)
            return
        if not overwrite:
            raise AlreadyExists(path=target)
        if taken.is_folder and not entry.is_folder:
            raise IsADirectory(path=target)
        if entry.is_folder and not taken.is_folder:
            raise NotADirectory(path=target)

    def _make_folder(self, key: str) -> None:
        """Make a folder and those above it that are missing."""
        missing = []
        while key and self._find(key) is None:
            missing.append(key)
            key = paths.parent(key)
        if not self._existing(key).is_folder:
            raise NotADirectory(f"{key} is not a folder", missing[0])
        for folder in reversed(missing):
            place = self._place(folder)
            self._driver.act(folder, partial(_make_one, place=place))
            if self._find(folder) is None:
                raise CapabilityNotSupported(f"{self._protocol} keeps no empty folders", folder)

    def _move(self, source: str, target: str, entry: Entry, taken: Entry | None) -> None:
        if taken is not None and taken.is_folder:
            if not target or next(self.list(target), None) is not None:
                raise DirectoryNotEmpty(path=target)
            self._driver.act(target, lambda system: system.rmdir(self._place(target)))
        self._make_folder(paths.parent(target))
        self._driver.act(source, lambda system: system.mv(self._place(source), self._place(target)))
        if not entry.is_folder:
            self._generations.deleted(source, entry)
            self._generations.written(target, taken, entry)

    def _write_aside(self, key: str, source: Source, overwrite: bool, if_match: str | None) -> WriteResult:
        """Write under another name in the same folder, then move into place."""
        with self._driver.turn():
            self._make_folder(paths.parent(key))
        draft = self._place(paths.join(paths.parent(key), _DRAFT + secrets.token_hex(8)))
        try:
            file = self._driver.act(key, lambda system: _opened_for_writing(system, draft))
            try:
                for piece in pieces(source):
                    self._driver.act(key, partial(_write_piece, file=file, piece=bytes(piece)))
            finally:
                self._driver.act(key, lambda _: file.close())
            with self._driver.turn():
                old = self._check_writable(key, overwrite, if_match)
                self._driver.act(key, lambda system: system.mv(draft, self._place(key)))
                return self._written(key, old)
        except BaseException:
            self._discard(draft, key)
            raise

    def _write_whole(self, key: str, source: Source, overwrite: bool, if_match: str | None) -> WriteResult:
        """Wait for the end of the source, so that one that breaks leaves the old file, then send it."""
        with tempfile.NamedTemporaryFile(prefix="vfs-") as spool:
            for piece in pieces(source):
                spool.write(piece)
            spool.flush()
            with self._driver.turn():
                old = self._check_writable(key, overwrite, if_match)
                self._make_folder(paths.parent(key))
                self._driver.act(key, lambda system: system.put_file(spool.name, self._place(key)))
                return self._written(key, old)

    def _written(self, key: str, old: Entry | None) -> WriteResult:
        new = self._file(key)
        self._generations.written(key, old, new)
        told = self._generations.of(key, new)
        return WriteResult(key, told.size, told.etag, mtime_ns=told.mtime_ns)

    def _discard(self, draft: str, key: str) -> None:
        """Remove what was written in vain; what went wrong before is what the caller is told."""
        with contextlib.suppress(StorageError):
            self._driver.act(key, lambda system: system.rm_file(draft))


def _info(system: Any, place: str, key: str) -> Any:
    """What the driver tells of one path; InvalidPath where it would take that for another one."""
    if _plain(str(system._strip_protocol(place))) != _plain(place):
        raise InvalidPath("this driver cannot hold such a name", key)
    return system.info(place)


def _make_one(system: Any, *, place: str) -> None:
    system.mkdir(place, create_parents=False)


def _opened_for_writing(system: Any, place: str) -> Any:
    file = system.open(place, "wb")
    if hasattr(file, "set_pipelined"):
        file.set_pipelined(True)
    return file


def _write_piece(_: Any, *, file: Any, piece: bytes) -> None:
    file.write(piece)


def _path(info: Mapping[str, Any]) -> str:
    return _plain(str(info["name"]))


def _plain(place: str) -> str:
    """A driver's path without the slashes around it, which each treats in its own way."""
    return place.strip("/")
