"""HashdirBackend: contents under the hashes of their keys, so that no folder of the disk grows large."""

import contextlib
import errno
import os
import stat as stat_bits
from collections.abc import Iterator, Mapping
from dataclasses import replace
from typing import Annotated

from pydantic import BaseModel, Field, model_validator

from vfs.engine import paths
from vfs.engine.backend import STREAM_CHUNK, Backend, Buffer, Source
from vfs.engine.backends.hashdir.layout import Layout
from vfs.engine.capabilities import READING, WRITING, Capability
from vfs.engine.entries import Attributes, Entry, EntryKind, SpaceUsage, WriteResult
from vfs.engine.errors import (
    AlreadyExists,
    CapabilityNotSupported,
    ConfigError,
    Conflict,
    DirectoryNotEmpty,
    IsADirectory,
    NotADirectory,
    NotFound,
    PermissionDenied,
    from_os_error,
)
from vfs.engine.option_types import LocalPath
from vfs.engine.sources import pieces

_DIGITS = 64


class HashdirOptions(BaseModel, frozen=True, extra="forbid"):
    """Which folder, and into how many levels of how many hexadecimal digits a hash is cut."""

    path: LocalPath
    create: bool = False
    width: Annotated[int, Field(ge=1, le=8)] = 2
    depth: Annotated[int, Field(ge=1, le=8)] = 3

    @model_validator(mode="after")
    def _digits_are_left(self) -> "HashdirOptions":
        if self.width * self.depth >= _DIGITS:
            raise ValueError(f"width times depth must be less than {_DIGITS}, the digits of a hash")
        return self


class HashdirBackend(Backend):
    """A tree whose files lie under the SHA-256 of their keys; see `layout` for where, and how it is listed.

    Names are changed under a lock that all processes share. A folder cannot be renamed in one act: every
    file below it lies somewhere else afterwards.
    """

    def __init__(self, options: HashdirOptions) -> None:
        self._root = str(options.path)
        self._layout = Layout(self._root, options.width, options.depth)
        self.location = f"hashdir://{os.path.realpath(self._root)}"
        with _translated(""):
            if options.create:
                os.makedirs(self._root, exist_ok=True)
            if not os.path.isdir(self._root):
                raise ConfigError(f"there is no folder {self._root}; `create: true` makes it")
            self._layout.prepare()

    @property
    def capabilities(self) -> frozenset[Capability]:
        return (READING | WRITING) | {
            Capability.ATOMIC_WRITE,
            Capability.CONDITIONAL_WRITE,
            Capability.POSIX_ATTRIBUTES,
            Capability.WRITE_RESULT_NATIVE,
        }

    def stat(self, key: str) -> Entry:
        paths.check_key(key)
        with _translated(key):
            return self._existing(key)

    def list(self, key: str) -> Iterator[Entry]:
        paths.check_key(key)
        with _translated(key):
            if not self._existing(key).is_folder:
                raise NotADirectory(path=key)
            for name, status, is_folder in self._layout.children(key):
                yield _entry(name, status, is_folder)

    def read(
        self,
        key: str,
        start: int = 0,
        end: int | None = None,
        *,
        version: str | None = None,
        if_match: str | None = None,
    ) -> Buffer:
        paths.check_key(key)
        with _translated(key), self._opened(key) as descriptor:
            if version is not None:
                raise CapabilityNotSupported("a hashdir keeps no old versions", key)
            status = os.fstat(descriptor)
            _check_match(_etag(status), if_match, key)
            return _range(descriptor, start, status.st_size if end is None else end)

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
        paths.check_key(key)
        with _translated(key):
            self._check_writable(key, overwrite, if_match)
        if metadata:
            raise CapabilityNotSupported("a hashdir keeps no user metadata", key)
        with self._draft(key) as (descriptor, path):
            _fill(descriptor, source, key)
            with _translated(key):
                _give(path, _allowed(attributes))
                os.fsync(descriptor)
                with self._layout.alone():
                    self._check_writable(key, overwrite, if_match)
                    self._layout.publish(path, key)
                    status = os.fstat(descriptor)
        return WriteResult(
            key, status.st_size, _etag(status), mtime_ns=status.st_mtime_ns, ctime_ns=status.st_ctime_ns
        )

    def delete(self, key: str, *, if_match: str | None = None) -> None:
        paths.check_key(key)
        with _translated(key), self._layout.alone():
            entry = self._existing(key)
            if entry.is_folder:
                raise IsADirectory(path=key)
            _check_match(entry.etag, if_match, key)
            self._layout.remove_file(key)

    def make_directory(self, key: str, *, attributes: Attributes | None = None) -> Entry:
        paths.check_key(key)
        with _translated(key), self._layout.alone():
            if self._find(key) is not None:
                raise AlreadyExists(path=key)
            self._check_above(key)
            self._layout.make_folder(key)
            _give(self._layout.folder_place(key), _allowed(attributes))
            return self._existing(key)

    def remove_directory(self, key: str) -> None:
        paths.check_key(key)
        with _translated(key), self._layout.alone():
            if not self._existing(key).is_folder:
                raise NotADirectory(path=key)
            if not key:
                raise PermissionDenied("the root cannot be removed", key, errno=errno.EBUSY)
            if next(self._layout.children(key), None) is not None:
                raise DirectoryNotEmpty(path=key)
            self._layout.remove_folder(key)

    def set_attributes(self, key: str, change: Attributes) -> Entry:
        paths.check_key(key)
        with _translated(key), self._layout.alone():
            is_folder = self._existing(key).is_folder
            place = self._layout.folder_place(key) if is_folder else self._layout.content_place(key)
            _give(place, change)
            return self._existing(key)

    def space(self) -> SpaceUsage:
        with _translated(""):
            usage = os.statvfs(self._root)
        return SpaceUsage(
            usage.f_blocks * usage.f_frsize, usage.f_bavail * usage.f_frsize, usage.f_files, usage.f_favail
        )

    def ping(self) -> None:
        self.stat("")

    def _find(self, key: str) -> Entry | None:
        name = paths.name_of(key)
        if (status := self._layout.file_status(key)) and stat_bits.S_ISREG(status.st_mode):
            return _entry(name, status, is_folder=False)
        if status := self._layout.folder_status(key):
            return _entry(name, status, is_folder=True)
        return None

    def _existing(self, key: str) -> Entry:
        entry = self._find(key)
        if entry is None:
            raise NotFound(path=key)
        return entry

    def _check_above(self, key: str) -> None:
        """Refuse a key that has a file above it; the nearest folder above has none above itself."""
        for above in paths.ancestors(key):
            entry = self._find(above)
            if entry is not None and entry.is_file:
                raise NotADirectory(f"{above} is not a folder", key)
            if entry is not None:
                return

    def _check_writable(self, key: str, overwrite: bool, if_match: str | None) -> None:
        entry = self._find(key)
        if entry is None:
            self._check_above(key)
            if if_match is not None:
                raise Conflict("the file is gone", key)
            return
        if entry.is_folder:
            raise IsADirectory(path=key)
        if not overwrite:
            raise AlreadyExists(path=key)
        _check_match(entry.etag, if_match, key)

    @contextlib.contextmanager
    def _opened(self, key: str) -> Iterator[int]:
        if not key:
            raise IsADirectory(path=key)
        try:
            flags = os.O_RDONLY | os.O_CLOEXEC | os.O_NOFOLLOW
            descriptor = os.open(self._layout.content_place(key), flags)
        except FileNotFoundError:
            if self._existing(key).is_folder:
                raise IsADirectory(path=key) from None
            raise
        try:
            yield descriptor
        finally:
            os.close(descriptor)

    @contextlib.contextmanager
    def _draft(self, key: str) -> Iterator[tuple[int, str]]:
        """A draft, its making translated but not what the source raises."""
        with contextlib.ExitStack() as stack:
            with _translated(key):
                draft = stack.enter_context(self._layout.draft())
            yield draft


@contextlib.contextmanager
def _translated(key: str) -> Iterator[None]:
    """Errors of the system come out as ours."""
    try:
        yield
    except OSError as error:
        if isinstance(error, FileNotFoundError) and not isinstance(error, NotFound):
            # Between looking and acting somebody else was faster.
            raise NotFound(path=key) from error
        raise from_os_error(error, key) from error


def _entry(name: str, status: os.stat_result, is_folder: bool) -> Entry:
    return Entry(
        name,
        EntryKind.FOLDER if is_folder else EntryKind.FILE,
        size=0 if is_folder else status.st_size,
        mtime_ns=status.st_mtime_ns,
        etag=None if is_folder else _etag(status),
        mode=stat_bits.S_IMODE(status.st_mode),
        uid=status.st_uid,
        gid=status.st_gid,
        atime_ns=status.st_atime_ns,
        ctime_ns=status.st_ctime_ns,
    )


def _etag(status: os.stat_result) -> str:
    """Another one after every change that the system notices, of content or attributes."""
    return f"{status.st_ino:x}-{status.st_size:x}-{status.st_mtime_ns:x}-{status.st_ctime_ns:x}"


def _check_match(etag: str | None, if_match: str | None, key: str) -> None:
    if if_match is not None and etag != if_match:
        raise Conflict("the file is another one now", key)


def _range(descriptor: int, start: int, end: int) -> bytearray:
    found = bytearray()
    while len(found) < end - start:
        piece = os.pread(descriptor, min(end - start - len(found), 8 * STREAM_CHUNK), start + len(found))
        if not piece:
            break
        found += piece
    return found


def _fill(descriptor: int, source: Source, key: str) -> None:
    """Write a whole source; what the source itself raises goes through unchanged."""
    for piece in pieces(source):
        with _translated(key):
            while len(piece):
                piece = piece[os.write(descriptor, piece) :]


def _allowed(attributes: Attributes | None) -> Attributes:
    """What a new entry of ours can have: only root gives files away."""
    wanted = attributes or Attributes()
    return wanted if os.geteuid() == 0 else replace(wanted, uid=None, gid=None)


def _give(path: str, change: Attributes) -> None:
    if change.uid is not None or change.gid is not None:
        os.chown(path, -1 if change.uid is None else change.uid, -1 if change.gid is None else change.gid)
    if change.mode is not None:
        # After the owner: giving a file away clears its set-user-ID bit.
        os.chmod(path, stat_bits.S_IMODE(change.mode))
    if change.atime_ns is not None or change.mtime_ns is not None:
        now = os.stat(path)
        atime = now.st_atime_ns if change.atime_ns is None else change.atime_ns
        os.utime(path, ns=(atime, now.st_mtime_ns if change.mtime_ns is None else change.mtime_ns))
