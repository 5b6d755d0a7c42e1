"""A place as a path of this machine: the file itself where it lies here, else a copy that is sent back."""

# pyright: reportReturnType=false
# It takes a protocol's methods that are a docstring alone for bodies; mypy checks what they return.

import errno
import hashlib
import os
import shutil
import stat
import tempfile
from contextlib import suppress
from dataclasses import dataclass
from io import BufferedReader
from pathlib import Path
from typing import BinaryIO, Literal, Protocol

from vfs.engine import paths
from vfs.engine.backend import STREAM_CHUNK, OpenFile, OpensInPlace
from vfs.engine.changes import ChangeKind
from vfs.engine.entries import Entry, EntryKind
from vfs.engine.errors import (
    AlreadyExists,
    Conflict,
    InvalidPath,
    IsADirectory,
    NotADirectory,
    NotFound,
    PermissionDenied,
    from_os_error,
)
from vfs.engine.files.conflicts import conflict_keys
from vfs.engine.files.drafts import Replacement
from vfs.engine.files.tree import FileTree
from vfs.engine.mounts import MountSpec
from vfs.engine.node_abilities import local_path_of

LocalMode = Literal["r", "w", "rw"]
"""What a program does with the path: it reads, it makes a new file, or it changes the file that is there."""

_LONG_AGO = 2 * 10**9
"""Nanoseconds before now that a fresh copy is dated, so that every write to it shows."""

_Traits = tuple[int, int, int, int]


class LocalFile(Protocol):
    """A place while a program works on it. `close` ends it; `store` comes before, or not at all."""

    path: Path

    def store(self) -> None:
        """Have the storage hold what the program made of the file, if it made anything of it."""

    def close(self) -> None:
        """Leave nothing behind on this machine."""


def local_file(tree: FileTree, spec: MountSpec, key: str, mode: LocalMode) -> LocalFile:
    """The place's file as a path; with `rw`, where nothing is there, as with `w`.

    The file itself is given to be changed on plain `local` mounts alone: layers are to see what is written.
    Raises NotFound, IsADirectory (where a folder has no path), InvalidPath, PermissionDenied.
    """
    if mode not in {"r", "w", "rw"}:
        raise ValueError(f"invalid mode: {mode!r}; it is 'r', 'w' or 'rw'")
    if mode != "r" and tree.readonly:
        raise PermissionDenied("this mount is read-only", key, errno=errno.EROFS)
    local = _path_of(tree, spec, key, to_change=mode != "r")
    if local is not None:
        return _FileItself(tree, key, Path(local), mode)
    return _Copy(tree, key, mode)


def _path_of(tree: FileTree, spec: MountSpec, key: str, *, to_change: bool) -> str | None:
    is_plain = spec.type == "local" and not spec.layers and spec.permissions == "delete"
    # Elsewhere bytes may wait to be sent, and the path would show the old ones.
    is_current = tree.readonly or tree.backend.ability(OpensInPlace) is not None
    if not is_current or (to_change and not is_plain):
        return None
    return local_path_of(tree.backend, key)


class _FileItself:
    def __init__(self, tree: FileTree, key: str, path: Path, mode: LocalMode) -> None:
        self.path = path
        self._tree = tree
        self._key = key
        self._writes = mode != "r"
        present = _present(tree, key)
        if present is None:
            if mode == "r":
                raise NotFound(path=key)
            tree.make_folders_above(key)
        elif present.kind not in {EntryKind.FILE, EntryKind.FOLDER}:
            raise InvalidPath(f"a {present.kind} stands there, not a regular file", key)
        elif present.is_folder and mode == "w":
            raise IsADirectory(path=key)
        self._before = _traits(path)

    def store(self) -> None:
        """It is stored already."""

    def close(self) -> None:
        """Tell the fronts of this process, whether the program succeeded or not."""
        after = _traits(self.path)
        if self._writes and after != self._before:
            self._tree.stored_elsewhere(self._key, _kind_of_change(self._before, after))


@dataclass(frozen=True, slots=True)
class _Taken:
    """What a copy was when it was made."""

    etag: str | None
    digest: bytes
    traits: _Traits | None


class _Copy:
    """A copy under the file's own name, in a folder of its own that only this user may enter."""

    def __init__(self, tree: FileTree, key: str, mode: LocalMode) -> None:
        self._tree = tree
        self._key = key
        self._mode = mode
        self._taken: _Taken | None = None
        present = _present(tree, key)
        if mode == "r" and present is None:
            raise NotFound(path=key)
        if present is not None:
            Replacement(key).check(present)
        self._folder = tempfile.mkdtemp(prefix="vfs-file-")
        self.path = Path(self._folder, paths.name_of(key))
        try:
            if mode != "w" and present is not None:
                self._taken = self._take()
        except BaseException:
            self.close()
            raise

    def _take(self) -> _Taken:
        file = self._tree.open(self._key)
        try:
            entry = file.stat()
            with open(self.path, "xb", opener=_for_me_alone) as copy:
                digest = _poured(file, copy)
                copy.flush()
                before = os.fstat(copy.fileno()).st_mtime_ns - _LONG_AGO
                os.utime(copy.fileno(), ns=(before, before))
                if self._mode == "r":
                    os.fchmod(copy.fileno(), stat.S_IRUSR)
        finally:
            file.close()
        return _Taken(entry.etag, digest, _traits(self.path))

    def store(self) -> None:
        """Send what is new. One that cannot take its place, for another came meanwhile, is kept beside it.

        Raises Conflict then, InvalidPath where the program left something else than a file.
        """
        if self._mode == "r" or (made := self._made()) is None:
            return
        with made:
            if self._is_changed(made):
                made.seek(0)
                self._send(made)

    def _made(self) -> BufferedReader | None:
        try:
            descriptor = os.open(self.path, os.O_RDONLY | os.O_NOFOLLOW | os.O_NONBLOCK)
        except FileNotFoundError:
            return None
        except OSError as error:
            raise from_os_error(error, self._key) from error
        if not stat.S_ISREG(os.fstat(descriptor).st_mode):
            os.close(descriptor)
            raise InvalidPath("the program left no regular file", self._key)
        return os.fdopen(descriptor, "rb")

    def _is_changed(self, made: BufferedReader) -> bool:
        if self._taken is None:
            return True
        if _traits(self.path) == self._taken.traits:
            return False
        return hashlib.file_digest(made, "sha256").digest() != self._taken.digest

    def _send(self, made: BinaryIO) -> None:
        seen = None if self._taken is None else self._taken.etag
        try:
            self._tree.replace(Replacement(self._key, if_match=seen), made)
        except Conflict as conflict:
            kept = self._kept_beside(made)
            raise Conflict(f"the file changed meanwhile; ours is kept as {kept}", self._key) from conflict

    def _kept_beside(self, made: BinaryIO) -> str:
        for key in conflict_keys(self._key):
            made.seek(0)
            with suppress(AlreadyExists):
                self._tree.replace(Replacement(key, overwrite=False), made)
                return paths.name_of(key)
        raise AlreadyExists("no free name for a conflict copy", self._key)

    def close(self) -> None:
        shutil.rmtree(self._folder)


def _poured(file: OpenFile, copy: BinaryIO) -> bytes:
    """Write a whole file into a copy; its digest."""
    digester = hashlib.sha256()
    offset = 0
    while len(piece := file.read(offset, STREAM_CHUNK)):
        digester.update(piece)
        copy.write(piece)
        offset += len(piece)
    return digester.digest()


def _for_me_alone(path: str, flags: int) -> int:
    return os.open(path, flags, stat.S_IRUSR | stat.S_IWUSR)


def _traits(path: Path) -> _Traits | None:
    """What every change of a file changes; None where there is none."""
    try:
        status = path.lstat()
    except OSError:
        return None
    return status.st_ino, status.st_size, status.st_mtime_ns, status.st_ctime_ns


def _kind_of_change(before: _Traits | None, after: _Traits | None) -> ChangeKind:
    if before is None:
        return ChangeKind.CREATED
    if after is None:
        return ChangeKind.DELETED
    return ChangeKind.CONTENT if before[0] == after[0] else ChangeKind.REPLACED


def _present(tree: FileTree, key: str) -> Entry | None:
    try:
        return tree.stat(key)
    except (NotFound, NotADirectory):
        return None
