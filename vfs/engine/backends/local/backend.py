"""LocalBackend: a folder of this machine, with the system's own rules."""

import contextlib
import os
import stat as stat_bits
from collections.abc import Iterator, Mapping
from functools import partial
from urllib.parse import quote

from pydantic import BaseModel, Field

from vfs.engine import paths
from vfs.engine.backend import AbilityT, Backend, Buffer, KeepsMetadata, OpenFile, SignsUrls, Source
from vfs.engine.backends.local import metadata as kept_metadata
from vfs.engine.backends.local.attributes import (
    apply,
    as_far_as_allowed,
    descriptor_path,
    entry_of,
    etag_of,
    for_new,
)
from vfs.engine.backends.local.drafts import Draft, rename_to_free, save_names
from vfs.engine.backends.local.listing import listed
from vfs.engine.backends.local.names import LocalNames, without_leftovers
from vfs.engine.backends.local.open_file import LocalFile, is_regular, open_existing, read_fully
from vfs.engine.backends.local.publishing import Publishing
from vfs.engine.backends.local.root import Root
from vfs.engine.backends.local.system_calls import RENAME_EXCHANGE, renameat2
from vfs.engine.capabilities import READING, WRITING, Capability
from vfs.engine.entries import Attributes, Entry, SpaceUsage, WriteResult
from vfs.engine.errors import (
    AlreadyExists,
    CapabilityNotSupported,
    ConfigError,
    Conflict,
    DirectoryNotEmpty,
    InvalidPath,
    IsADirectory,
    NotFound,
    PermissionDenied,
    from_os_error,
)
from vfs.engine.option_types import LocalPath
from vfs.engine.originals import Original, OwnOriginals

_NEW_FILE_MODE = 0o644
_PRIVATE_MODE = 0o600


class LocalOptions(BaseModel, frozen=True, extra="forbid"):
    """Which folder, and whether symlinks in it lead on (also out of it)."""

    path: LocalPath
    create: bool = False
    follow_symlinks: bool = False
    base_url: str | None = Field(None, pattern="^https?://")
    """Where a web server shows the folder; files have URLs then."""


class LocalBackend(LocalNames, OwnOriginals, Backend):
    """A folder of this machine.

    `write` is atomic and durable; files can also be opened in place, where they keep the system's rules.
    Only root gives new entries away: for anybody else they belong to this process. An ETag changes with
    every change, of attributes too. `if_match` is checked and acted on in one step for all who use this
    backend, in other processes too; a program that works in the folder beside it can still come in between.
    """

    def __init__(self, options: LocalOptions) -> None:
        self.options = options
        self._root = _open_root(options)
        self._keeps_metadata = kept_metadata.are_kept_in(self._root.descriptor)
        self._publishing = Publishing(self._root.descriptor)
        self._place = Original("local", os.path.realpath(self._root.path).rstrip("/"))

    @property
    def capabilities(self) -> frozenset[Capability]:
        found = (READING | WRITING) | {
            Capability.ATOMIC_WRITE,
            Capability.ATOMIC_MOVE,
            Capability.CONDITIONAL_WRITE,
            Capability.POSIX_ATTRIBUTES,
            Capability.SYMLINKS,
            Capability.WRITE_RESULT_NATIVE,
        }
        if self.options.base_url is not None:
            found |= {Capability.PRESIGNED_URLS}
        return found | {Capability.USER_METADATA} if self._keeps_metadata else found

    def ability(self, wanted: type[AbilityT]) -> AbilityT | None:
        if not self._keeps_metadata and wanted is KeepsMetadata:
            return None
        if self.options.base_url is None and wanted is SignsUrls:
            return None
        return super().ability(wanted)

    def url(self, key: str, expires_in: int = 3600) -> str:
        """The file's URL at the web server, which holds for as long as that shows it."""
        self.stat(key)
        return f"{(self.options.base_url or '').rstrip('/')}/{quote(os.fsencode(key))}"

    @property
    def _top(self) -> Original:
        """Of two folders of this machine one may lie in the other."""
        return self._place

    def original(self, key: str) -> Original:
        # With its slash where the folder is the system's root too: of one place there is one address.
        return Original(self._top.store, f"{self._top.place}/{key}" if key else self._top.place)

    def close(self) -> None:
        self._publishing.close()
        self._root.close()

    def local_path(self, key: str) -> str:
        paths.check_key(key)
        return os.path.join(self._root.path, key) if key else self._root.path

    def list(self, key: str) -> Iterator[Entry]:
        flags = os.O_RDONLY | os.O_DIRECTORY | os.O_CLOEXEC
        if not self._root.follow_symlinks:
            flags |= os.O_NOFOLLOW
        with self._root.place(key) as (parent, name):
            folder = os.open(name, flags, dir_fd=parent)
            try:
                yield from listed(folder, partial(self._metadata, key) if self._keeps_metadata else None)
            finally:
                os.close(folder)

    def _metadata(self, folder: str, name: str) -> Mapping[str, str]:
        """Those of a file that was listed; none where it went since."""
        try:
            return self.stat(paths.join(folder, name)).metadata
        except NotFound:
            return {}

    def sweep(self, key: str) -> Iterator[tuple[str, Entry]]:
        folders = [key]
        while folders:
            folder = folders.pop()
            try:
                for entry in self.list(folder):
                    below = paths.join(folder, entry.name)
                    yield below, entry
                    if entry.is_folder:
                        folders.append(below)
            except NotFound:
                # A folder that went while the sweep was on its way has nothing below it.
                if folder == key:
                    raise

    def read(
        self,
        key: str,
        start: int = 0,
        end: int | None = None,
        *,
        version: str | None = None,
        if_match: str | None = None,
    ) -> Buffer:
        with self._opened(key) as (descriptor, status):
            if version is not None:
                raise CapabilityNotSupported("a local folder keeps no old versions", key)
            _check_match(status, if_match, key)
            stop = status.st_size if end is None else min(end, status.st_size)
            found = read_fully(descriptor, start, max(start, stop))
            # A program that writes in place can change the file under a read.
            _check_match(os.fstat(descriptor), if_match, key)
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
        if metadata and not self._keeps_metadata:
            raise CapabilityNotSupported("the file system beneath keeps no user attributes", key)
        mode = _NEW_FILE_MODE if attributes is None or attributes.mode is None else _PRIVATE_MODE
        if if_match is not None and not self._is_there(key):
            raise Conflict("the file is gone", key)
        with self._root.place(key, making=True, behind_symlink=True) as (folder, name):
            self._check_writable(key, folder, name, overwrite, if_match)
            with Draft(folder, mode) as draft:
                draft.fill(source)
                if metadata:
                    kept_metadata.replace(draft.descriptor, metadata)
                if attributes:
                    apply(draft.descriptor, as_far_as_allowed(attributes))
                return self._publish(draft, key, folder, name, overwrite, if_match)

    def copy(self, source: str, target: str, *, overwrite: bool = True) -> WriteResult:
        place = self._root.place(target, making=True, behind_symlink=True)
        with self._opened(source) as (original, status), place as (folder, name):
            self._check_writable(target, folder, name, overwrite)
            with Draft(folder, _PRIVATE_MODE) as draft:
                draft.copy_from(original)
                if self._keeps_metadata:
                    kept_metadata.copy_all(original, draft.descriptor)
                apply(draft.descriptor, as_far_as_allowed(entry_of(name, status).attributes))
                return self._publish(draft, target, folder, name, overwrite)

    def delete(self, key: str, *, if_match: str | None = None) -> None:
        with self._root.place(key) as (folder, name):
            if name == ".":
                raise IsADirectory(path=key)
            if if_match is None:
                os.unlink(name, dir_fd=folder)
                return
            with self._publishing:
                status = os.stat(name, dir_fd=folder, follow_symlinks=False)
                if stat_bits.S_ISDIR(status.st_mode):
                    raise IsADirectory(path=key)
                _check_match(status, if_match, key)
                os.unlink(name, dir_fd=folder)

    def move(self, source: str, target: str, *, overwrite: bool = True, exchange: bool = False) -> None:
        paths.check_key(target)
        with self._root.place(source) as (from_folder, from_name):
            status = os.stat(from_name, dir_fd=from_folder, follow_symlinks=False)
            _check_movable(source, target, stat_bits.S_ISDIR(status.st_mode), overwrite, exchange)
            with self._root.place(target, making=not exchange) as (to_folder, to_name):
                if exchange:
                    renameat2(from_folder, from_name, to_folder, to_name, RENAME_EXCHANGE)
                elif overwrite:
                    without_leftovers(
                        lambda: os.rename(from_name, to_name, src_dir_fd=from_folder, dst_dir_fd=to_folder),
                        to_folder,
                        to_name,
                    )
                else:
                    rename_to_free(from_folder, from_name, to_folder, to_name)

    def set_metadata(self, key: str, metadata: Mapping[str, str]) -> Entry:
        with self._opened(key, write=True) as (descriptor, _):
            kept_metadata.replace(descriptor, metadata)
            return entry_of(paths.name_of(key), os.fstat(descriptor), kept_metadata.read(descriptor))

    def open_file(self, key: str, *, write: bool = False, truncate: bool = False) -> OpenFile:
        if not write and not truncate:
            paths.check_key(key)
            descriptor = self._root.open_to_read(key)
            if descriptor >= 0 and is_regular(descriptor):
                return LocalFile(key, descriptor)
        with self._root.place(key) as (folder, name):
            descriptor = open_existing(
                folder, name, write=write or truncate, follow_symlinks=self._root.follow_symlinks
            )
            file = LocalFile(key, descriptor)
            if truncate:
                try:
                    file.truncate(0)
                except OSError:
                    file.close()
                    raise
            return file

    def create_file(
        self, key: str, *, exclusive: bool = False, attributes: Attributes | None = None
    ) -> OpenFile:
        with self._root.place(key, making=True) as (folder, name):
            while True:
                try:
                    return LocalFile(key, _create(folder, name, attributes or Attributes()))
                except FileExistsError:
                    if exclusive:
                        raise
                try:
                    return self.open_file(key, write=True)
                except NotFound:
                    # It went between the two tries. A dangling symlink is there and leads nowhere.
                    if os.path.lexists(f"{descriptor_path(folder)}/{name}"):
                        raise

    def space(self) -> SpaceUsage:
        with self._root.place(""):
            usage = os.fstatvfs(self._root.descriptor)
        return SpaceUsage(
            total_bytes=usage.f_blocks * usage.f_frsize,
            free_bytes=usage.f_bavail * usage.f_frsize,
            total_files=usage.f_files,
            free_files=usage.f_favail,
        )

    def ping(self) -> None:
        with self._root.place(""):
            ours = os.fstat(self._root.descriptor)
            try:
                there = os.stat(self._root.path)
            except FileNotFoundError:
                raise NotFound(f"the folder {self._root.path} is gone", "") from None
            if (ours.st_dev, ours.st_ino) != (there.st_dev, there.st_ino):
                raise NotFound(f"the folder {self._root.path} is another one now", "")
            if not os.access(self._root.path, os.R_OK | os.X_OK, effective_ids=True):
                raise PermissionDenied(f"the folder {self._root.path} may not be read", "")

    @contextlib.contextmanager
    def _opened(self, key: str, *, write: bool = False) -> Iterator[tuple[int, os.stat_result]]:
        """A regular file's descriptor and its status when it was opened."""
        with self._root.place(key) as (folder, name):
            descriptor = open_existing(folder, name, write=write, follow_symlinks=self._root.follow_symlinks)
            try:
                yield descriptor, os.fstat(descriptor)
            finally:
                os.close(descriptor)

    def _is_there(self, key: str) -> bool:
        try:
            self.stat(key)
        except NotFound:
            return False
        return True

    def _check_writable(
        self, key: str, folder: int, name: str, overwrite: bool, if_match: str | None = None
    ) -> None:
        try:
            status = os.stat(name, dir_fd=folder, follow_symlinks=False)
        except FileNotFoundError:
            if if_match is not None:
                raise Conflict("the file is gone", key) from None
            return
        if stat_bits.S_ISDIR(status.st_mode):
            raise IsADirectory(path=key)
        if not overwrite:
            raise AlreadyExists(path=key)
        _check_match(status, if_match, key)

    def _publish(
        self,
        draft: Draft,
        key: str,
        folder: int,
        name: str,
        overwrite: bool,
        if_match: str | None = None,
    ) -> WriteResult:
        draft.save()
        with self._publishing:
            if if_match is not None:
                self._check_writable(key, folder, name, overwrite, if_match)
            status = draft.publish(name, overwrite=overwrite)
        save_names(folder)
        return WriteResult(
            key, status.st_size, etag_of(status), mtime_ns=status.st_mtime_ns, ctime_ns=status.st_ctime_ns
        )


def _open_root(options: LocalOptions) -> Root:
    try:
        return Root(str(options.path), create=options.create, follow_symlinks=options.follow_symlinks)
    except FileNotFoundError:
        raise ConfigError(
            f"the folder {options.path} does not exist: make it, or set `create: true`"
        ) from None
    except NotADirectoryError:
        raise ConfigError(f"{options.path} is not a folder") from None
    except OSError as error:
        raise from_os_error(error, str(options.path)) from error


def _create(folder: int, name: str, attributes: Attributes) -> int:
    """A descriptor of a new file with its attributes; FileExistsError."""
    mode = _NEW_FILE_MODE if attributes.mode is None else attributes.mode & 0o777
    descriptor = os.open(name, os.O_RDWR | os.O_CREAT | os.O_EXCL | os.O_CLOEXEC, mode, dir_fd=folder)
    if attributes:
        try:
            apply(descriptor, for_new(attributes, folder, stat_bits.S_IFREG))
        except OSError:
            os.close(descriptor)
            os.unlink(name, dir_fd=folder)
            raise
    return descriptor


def _check_match(status: os.stat_result, if_match: str | None, key: str) -> None:
    if if_match is not None and etag_of(status) != if_match:
        raise Conflict("the file is another one now", key)


def _check_movable(source: str, target: str, folder: bool, overwrite: bool, exchange: bool) -> None:
    """Refuse what the system would put in other words, or notice too late."""
    if not source or paths.is_below(target, source) or (exchange and paths.is_below(source, target)):
        raise InvalidPath("a folder cannot be moved below itself", target)
    if not target:
        if not overwrite:
            raise AlreadyExists(path=target)
        raise DirectoryNotEmpty(path=target) if folder else IsADirectory(path=target)
