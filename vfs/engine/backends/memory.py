"""The backend that keeps a tree in memory: the reference for what every backend does.

One lock guards the tree. What a name stands for is a frozen `Entry`, replaced and never changed, so that what
was handed out stays true to its moment.
"""

import builtins
import errno
import itertools
import os
import secrets
import stat as stat_bits
import threading
import time
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field, replace
from types import MappingProxyType

from pydantic import BaseModel, Field

from vfs.engine import paths
from vfs.engine.backend import Backend, Buffer, Source
from vfs.engine.capabilities import READING, WRITING, Capability
from vfs.engine.entries import NO_XATTRS, SPECIAL_TYPES, Attributes, Entry, EntryKind, SpaceUsage, WriteResult
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
from vfs.engine.option_types import Size
from vfs.engine.originals import OwnOriginals
from vfs.engine.sources import pieces


class MemoryOptions(BaseModel, frozen=True, extra="forbid"):
    """How much memory the files may take together."""

    size: Size = Field(default_factory=lambda: os.sysconf("SC_PAGE_SIZE") * os.sysconf("SC_PHYS_PAGES") // 2)
    """Bytes, half of the machine's memory unless said otherwise; writing beyond is ENOSPC."""
    path: str = ""
    """Taken, since other configurations write one, and of no effect: each storage is a memory of its own."""


@dataclass(slots=True, eq=False)
class _Node:
    """What one name holds; `children` stays empty for everything but folders."""

    entry: Entry
    content: Buffer = b""
    children: dict[str, "_Node"] = field(default_factory=dict)


class MemoryBackend(OwnOriginals, Backend):
    """A tree in memory, gone with the process. Two of them share nothing."""

    def __init__(self, options: MemoryOptions | None = None) -> None:
        self.largest_file = self._size = (options or MemoryOptions()).size
        self._used = 0
        self._lock = threading.Lock()
        self._root = _Node(_new_entry("", EntryKind.FOLDER, None))
        self._etags = itertools.count(1)
        # A cache on disk outlives this tree: an ETag must not come again in the next process.
        self._etag_prefix = secrets.token_hex(8)

    @property
    def capabilities(self) -> frozenset[Capability]:
        return (READING | WRITING) | {
            Capability.ATOMIC_WRITE,
            Capability.ATOMIC_MOVE,
            Capability.CONDITIONAL_WRITE,
            Capability.POSIX_ATTRIBUTES,
            Capability.SYMLINKS,
            Capability.TEMPORARY,
            Capability.USER_METADATA,
            Capability.WRITE_RESULT_NATIVE,
        }

    def stat(self, key: str) -> Entry:
        with self._lock:
            return self._existing(key).entry

    def list(self, key: str) -> Iterator[Entry]:
        with self._lock:
            return iter([child.entry for child in self._folder(key).children.values()])

    def sweep(self, key: str) -> Iterator[tuple[str, Entry]]:
        with self._lock:
            return iter(list(_descendants(key, self._folder(key))))

    def read(
        self,
        key: str,
        start: int = 0,
        end: int | None = None,
        *,
        version: str | None = None,
        if_match: str | None = None,
    ) -> Buffer:
        with self._lock:
            node = self._file(key)
            if version is not None:
                raise CapabilityNotSupported("memory keeps no old versions", key)
            _check_match(node, if_match, key)
            return memoryview(node.content).toreadonly()[start:end]

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
        with self._lock:
            self._check_writable(key, overwrite, if_match)
        content = bytearray()
        for piece in pieces(source):
            content += piece
            self._check_room(key, len(content))
        with self._lock:
            self._check_writable(key, overwrite, if_match)
            entry = _new_entry(paths.name_of(key), EntryKind.FILE, attributes)
            return self._publish(key, _Node(_with_metadata(entry, metadata or {}), content))

    def copy(self, source: str, target: str, *, overwrite: bool = True) -> WriteResult:
        with self._lock:
            node = self._file(source)
            self._check_writable(target, overwrite, None)
            self._check_room(target, len(node.content))
            entry = replace(node.entry, name=paths.name_of(target), ctime_ns=time.time_ns())
            return self._publish(target, _Node(entry, node.content))

    def delete(self, key: str, *, if_match: str | None = None) -> None:
        with self._lock:
            node = self._existing(key)
            if node.entry.is_folder:
                raise IsADirectory(path=key)
            _check_match(node, if_match, key)
            self._detach(key)

    def make_directory(self, key: str, *, attributes: Attributes | None = None) -> Entry:
        return self._make(key, _Node(_new_entry(paths.name_of(key), EntryKind.FOLDER, attributes)))

    def remove_directory(self, key: str) -> None:
        with self._lock:
            folder = self._folder(key)
            if not key:
                raise PermissionDenied("the root cannot be removed", key, errno=errno.EBUSY)
            if folder.children:
                raise DirectoryNotEmpty(path=key)
            self._detach(key)

    def move(self, source: str, target: str, *, overwrite: bool = True, exchange: bool = False) -> None:
        with self._lock:
            node = self._existing(source)
            paths.check_key(target)
            if not source or paths.is_below(target, source) or (exchange and paths.is_below(source, target)):
                raise InvalidPath("a folder cannot be moved below itself", target)
            if exchange:
                taken = self._existing(target)
                self._attach(source, taken)
                self._attach(target, node)
                return
            self._check_movable(node, target, overwrite)
            parent = self._folder_for(target)
            self._detach(source)
            self._attach(target, node, parent)

    def set_metadata(self, key: str, metadata: Mapping[str, str]) -> Entry:
        with self._lock:
            node = self._file(key)
            node.entry = replace(_with_metadata(node.entry, metadata), ctime_ns=time.time_ns())
            return node.entry

    def set_attributes(self, key: str, change: Attributes) -> Entry:
        with self._lock:
            node = self._existing(key)
            node.entry = _with_attributes(replace(node.entry, ctime_ns=time.time_ns()), change)
            return node.entry

    def make_symlink(self, key: str, target: str, *, attributes: Attributes | None = None) -> Entry:
        content = paths.target_bytes(target, key)
        entry = _new_entry(paths.name_of(key), EntryKind.SYMLINK, attributes)
        return self._make(key, _Node(replace(entry, size=len(content)), content))

    def read_symlink(self, key: str) -> str:
        with self._lock:
            node = self._existing(key)
            if node.entry.kind is not EntryKind.SYMLINK:
                raise InvalidPath("not a symlink", key)
            return bytes(node.content).decode(errors="surrogateescape")

    def make_special(self, key: str, mode: int, rdev: int, *, attributes: Attributes | None = None) -> Entry:
        if stat_bits.S_IFMT(mode) not in SPECIAL_TYPES:
            raise InvalidPath("neither a fifo, nor a socket, nor a device", key)
        entry = replace(_new_entry(paths.name_of(key), EntryKind.SPECIAL, None), mode=mode, rdev=rdev)
        return self._make(key, _Node(_with_attributes(entry, attributes or Attributes())))

    def get_xattr(self, key: str, name: str) -> bytes:
        with self._lock:
            return _xattrs_with(self._existing(key).entry, name, key)[name]

    def list_xattrs(self, key: str) -> builtins.list[str]:
        with self._lock:
            return list(_xattrs_of(self._existing(key).entry))

    def set_xattr(
        self, key: str, name: str, value: bytes, *, create: bool = False, replace: bool = False
    ) -> None:
        with self._lock:
            node = self._existing(key)
            xattrs = _xattrs_with(node.entry, name, key) if replace else _xattrs_of(node.entry)
            if create and name in xattrs:
                raise AlreadyExists(f"the attribute {name} is there already", key)
            node.entry = _with_attributes(node.entry, Attributes(xattrs={**xattrs, name: bytes(value)}))
            self._touch(node, mtime=False)

    def remove_xattr(self, key: str, name: str) -> None:
        with self._lock:
            node = self._existing(key)
            rest = dict(_xattrs_with(node.entry, name, key))
            del rest[name]
            node.entry = _with_attributes(node.entry, Attributes(xattrs=rest))
            self._touch(node, mtime=False)

    def space(self) -> SpaceUsage:
        return SpaceUsage(self._size, self._size - self._used)

    # Below here, the caller holds the lock.

    def _find(self, key: str) -> _Node | None:
        node: _Node | None = self._root
        for name in key.split("/") if key else ():
            node = node.children.get(name) if node else None
        return node

    def _existing(self, key: str) -> _Node:
        paths.check_key(key)
        node = self._find(key)
        if node is None:
            raise NotFound(path=key)
        return node

    def _folder(self, key: str) -> _Node:
        node = self._existing(key)
        if not node.entry.is_folder:
            raise NotADirectory(path=key)
        return node

    def _file(self, key: str) -> _Node:
        node = self._existing(key)
        if node.entry.is_folder:
            raise IsADirectory(path=key)
        if not node.entry.is_file:
            raise InvalidPath("not a regular file", key)
        return node

    def _check_above(self, key: str) -> None:
        """Refuse a key that has something other than a folder above it."""
        node: _Node | None = self._root
        for name in key.split("/")[:-1]:
            node = node.children.get(name) if node else None
            if node is not None and not node.entry.is_folder:
                raise NotADirectory(f"{name} is not a folder", key)

    def _check_writable(self, key: str, overwrite: bool, if_match: str | None) -> None:
        paths.check_key(key)
        taken = self._find(key)
        if taken is None:
            self._check_above(key)
            if if_match is not None:
                raise Conflict("the file is gone", key)
            return
        if taken.entry.is_folder:
            raise IsADirectory(path=key)
        if not overwrite:
            raise AlreadyExists(path=key)
        _check_match(taken, if_match, key)

    def _check_room(self, key: str, size: int) -> None:
        if self._used + size > self._size:
            raise StorageError("no room left in memory; see the option `size`", key, errno=errno.ENOSPC)

    def _check_movable(self, node: _Node, target: str, overwrite: bool) -> None:
        taken = self._find(target)
        if taken is None:
            return
        if not overwrite:
            raise AlreadyExists(path=target)
        if taken.entry.is_folder and not node.entry.is_folder:
            raise IsADirectory(path=target)
        if node.entry.is_folder and not taken.entry.is_folder:
            raise NotADirectory(path=target)
        if taken.children and taken is not node:
            raise DirectoryNotEmpty(path=target)

    def _folder_for(self, key: str) -> _Node:
        """The folder that a new entry goes into, made with the ones above it where they are missing."""
        self._check_above(key)
        node = self._root
        for name in key.split("/")[:-1]:
            if name not in node.children:
                node.children[name] = _Node(_new_entry(name, EntryKind.FOLDER, None))
                self._touch(node)
            node = node.children[name]
        return node

    def _make(self, key: str, node: _Node) -> Entry:
        paths.check_key(key)
        with self._lock:
            if self._find(key) is not None:
                raise AlreadyExists(path=key)
            self._attach(key, node)
            return node.entry

    def _publish(self, key: str, node: _Node) -> WriteResult:
        etag = f"{self._etag_prefix}-{next(self._etags)}"
        node.entry = replace(node.entry, etag=etag, size=len(node.content))
        self._attach(key, node, ctime_ns=node.entry.ctime_ns)
        entry = node.entry
        return WriteResult(key, entry.size, etag, mtime_ns=entry.mtime_ns, ctime_ns=entry.ctime_ns)

    def _attach(
        self, key: str, node: _Node, parent: _Node | None = None, *, ctime_ns: int | None = None
    ) -> None:
        parent = parent or self._folder_for(key)
        name = paths.name_of(key)
        node.entry = replace(node.entry, name=name, ctime_ns=ctime_ns or time.time_ns())
        replaced = parent.children.get(name)
        self._used += len(node.content) - (len(replaced.content) if replaced else 0)
        parent.children[name] = node
        self._touch(parent)

    def _detach(self, key: str) -> None:
        parent = self._existing(paths.parent(key))
        self._used -= len(parent.children.pop(paths.name_of(key)).content)
        self._touch(parent)

    @staticmethod
    def _touch(node: _Node, *, mtime: bool = True) -> None:
        now = time.time_ns()
        node.entry = replace(node.entry, mtime_ns=now if mtime else node.entry.mtime_ns, ctime_ns=now)


def _new_entry(name: str, kind: EntryKind, attributes: Attributes | None) -> Entry:
    now = time.time_ns()
    entry = Entry(name, kind, mtime_ns=now, atime_ns=now, ctime_ns=now, xattrs=NO_XATTRS)
    return _with_attributes(entry, attributes) if attributes else entry


def _with_attributes(entry: Entry, change: Attributes) -> Entry:
    changed = change.given
    if entry.kind is EntryKind.SPECIAL and "mode" in changed:
        changed["mode"] = stat_bits.S_IFMT(entry.mode or 0) | stat_bits.S_IMODE(changed["mode"])
    if "xattrs" in changed:
        changed["xattrs"] = MappingProxyType(dict(changed["xattrs"]))
    return replace(entry, **changed)


def _xattrs_of(entry: Entry) -> Mapping[str, bytes]:
    return entry.xattrs or NO_XATTRS


def _xattrs_with(entry: Entry, name: str, key: str) -> Mapping[str, bytes]:
    xattrs = _xattrs_of(entry)
    if name not in xattrs:
        raise NotFound(f"there is no attribute {name}", key, errno=errno.ENODATA)
    return xattrs


def _with_metadata(entry: Entry, metadata: Mapping[str, str]) -> Entry:
    return replace(entry, metadata=MappingProxyType(dict(metadata)))


def _check_match(node: _Node, if_match: str | None, key: str) -> None:
    if if_match is not None and node.entry.etag != if_match:
        raise Conflict("the file is another one now", key)


def _descendants(key: str, folder: _Node) -> Iterator[tuple[str, Entry]]:
    folders = [(key, folder)]
    while folders:
        above, node = folders.pop()
        for name, child in node.children.items():
            below = paths.join(above, name)
            yield below, child.entry
            folders.append((below, child))
