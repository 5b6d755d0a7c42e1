"""What a storage must do to be mounted: the Backend contract, and the abilities that it may have besides.

Keys are `/`-joined strings; "" is the root, which always exists and is a folder. Every call blocks, may be
made from any thread, and raises nothing but `vfs.engine.errors`. Names are never patterns.

Every backend decides in the same order, so that errors are the same everywhere:

1. the key itself (`paths.check_key`), before any I/O;
2. the root: every file-shaped act on it is IsADirectory;
3. the wrong kind (a file for a folder, a folder for a file) before a missing entry;
4. below a regular file: NotFound where an entry must be there (reading, deleting, the source of a copy),
   NotADirectory where one is to be made;
5. a missing source before any problem with the destination.

Making an entry (a file, a folder, a link, the target of a copy or a move) creates the folders above it.
Deleting the last file of a folder keeps the folder.
"""

# pyright: reportReturnType=false
# It takes a protocol's methods that are a docstring alone for bodies; mypy checks what they return.

from abc import ABC, abstractmethod
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import BinaryIO, Protocol, TypeVar, runtime_checkable

from vfs.engine.capabilities import Capability
from vfs.engine.entries import Attributes, Entry, SpaceUsage, Version, WriteResult
from vfs.engine.errors import CapabilityNotSupported
from vfs.engine.paths import check_key

Buffer = bytes | bytearray | memoryview
"""Bytes that a call gives or takes without a copy."""

Source = bytes | bytearray | memoryview | BinaryIO | Iterable[Buffer]
"""What can be written: bytes, a binary file read to its end, or an iterator of pieces. Never held whole."""

AbilityT = TypeVar("AbilityT")

STREAM_CHUNK = 1 << 20
"""Bytes moved at a time where a stream is copied and nothing better is known."""


class Backend(ABC):
    """One storage: a tree of files and folders under keys."""

    largest_file: int = 8 << 40
    """Bytes that one file may have; opening, writing or cutting beyond that is refused with EFBIG."""

    is_remote: bool = False
    """True where every call crosses a network: answers are believed for longer, bytes are kept on disk."""

    lists_cheaply: bool = True
    """False where a listing is refused, or costs far more than its folder: nobody lists to learn one name."""

    lists_sizes: bool = True
    """False where a listed entry that is not `complete` may show another size than its file has."""

    @property
    @abstractmethod
    def capabilities(self) -> frozenset[Capability]:
        """What this storage, configured as it is, can do."""

    @abstractmethod
    def stat(self, key: str) -> Entry:
        """The entry at a key, a symlink itself and not what it points to. Raises NotFound."""

    @abstractmethod
    def list(self, key: str) -> Iterator[Entry]:
        """The entries of one folder, lazily, attributes included, in no promised order.

        Costs requests by the page, never by the entry (`LaterMetadata`). NotFound, NotADirectory come first.
        """

    @abstractmethod
    def read(
        self,
        key: str,
        start: int = 0,
        end: int | None = None,
        *,
        version: str | None = None,
        if_match: str | None = None,
    ) -> Buffer:
        """The bytes from `start` up to, not including, `end`; fewer only where the file ends.

        With `version`, those of an old version. With `if_match`, Conflict if the ETag is another one now.
        Raises NotFound, IsADirectory. A caller that wants all of a big file asks range by range.
        """

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
        """Store a file, atomically: a reader sees the old or the new, and a failed write leaves the old.

        `overwrite=False` raises AlreadyExists, atomically with CONDITIONAL_WRITE. `if_match` raises
        Conflict unless the file is still the one with that ETag. The new file has the metadata and
        attributes given here and none of the old one's. Raises IsADirectory, NotADirectory.
        """
        raise self._cannot("write", key)

    def delete(self, key: str, *, if_match: str | None = None) -> None:
        """Remove one file or symlink. Raises NotFound, IsADirectory, Conflict."""
        raise self._cannot("delete", key)

    def make_directory(self, key: str, *, attributes: Attributes | None = None) -> Entry:
        """Create a folder that lasts even while empty. AlreadyExists for anything there, even a folder."""
        raise self._cannot("make_directory", key)

    def remove_directory(self, key: str) -> None:
        """Remove an empty folder, never the root. Raises NotFound, NotADirectory, DirectoryNotEmpty."""
        raise self._cannot("remove_directory", key)

    def check_key(self, key: str) -> None:
        """InvalidPath for what can never be a file's key, PermissionDenied for what cannot change; no I/O."""
        check_key(key)

    def ability(self, wanted: type[AbilityT]) -> AbilityT | None:
        """This storage as one of the protocols below, or None where it has no such ability.

        The only way to ask. A layer answers for its whole stack, and never by forwarding blindly.
        """
        return self if isinstance(self, wanted) else None

    def shown_at(self, member: str, place: str) -> Iterable[str]:
        """The keys that show what stands at `place` of another mount, `member`; most storages show none."""
        return ()

    def forget(self, key: str) -> None:  # noqa: B027 - most storages remember nothing
        """Another mount changed what stands at this key or below: nothing that is remembered of it holds."""

    def close(self) -> None:  # noqa: B027 - most storages have nothing to give back
        """Give back connections and files. Calling it again is harmless."""

    def _cannot(self, act: str, key: str) -> CapabilityNotSupported:
        return CapabilityNotSupported(f"{type(self).__name__} cannot {act.replace('_', ' ')}", key)


@runtime_checkable
class Copies(Protocol):
    """Copies a file inside the store, without the bytes coming here; metadata and attributes go along."""

    def copy(self, source: str, target: str, *, overwrite: bool = True) -> WriteResult: ...


@runtime_checkable
class Moves(Protocol):
    """Renames a file, a symlink or a whole folder in one atomic act.

    A file replaces a file, a folder an empty folder; NotADirectory, IsADirectory, DirectoryNotEmpty
    otherwise. `overwrite=False` raises AlreadyExists, atomically. `exchange` swaps two existing entries.
    Moving a folder below itself, or the root, is InvalidPath.
    """

    def move(self, source: str, target: str, *, overwrite: bool = True, exchange: bool = False) -> None: ...


@runtime_checkable
class ReadsBeginning(Protocol):
    """Gives a file's entry and its first bytes in one request, both of the same moment."""

    def read_beginning(self, key: str, size: int) -> tuple[Entry, Buffer]:
        """Raises as `Backend.read` does."""


@runtime_checkable
class ReadsRanges(Protocol):
    """Reads many ranges (start, end) of one file in one call, concurrently where the store can."""

    def read_ranges(
        self, key: str, ranges: Sequence[tuple[int, int]], *, if_match: str | None = None
    ) -> list[Buffer]: ...


@runtime_checkable
class SweepsTree(Protocol):
    """All below a folder in one sweep, but for folders that only keys show; what was told may be deleted."""

    def sweep(self, key: str) -> Iterator[tuple[str, Entry]]: ...


@runtime_checkable
class CompletesEntries(Protocol):
    """Completes many entries of one folder that its listing left incomplete; absent ones drop out."""

    def complete_entries(self, folder: str, entries: Sequence[Entry]) -> Sequence[Entry]: ...


@runtime_checkable
class DeletesMany(Protocol):
    """Deletes many files, a thousand or so to a request; keys already gone are no error."""

    def delete_many(self, keys: Iterable[str]) -> None: ...


@dataclass(frozen=True, slots=True)
class PartLimits:
    """How a store takes a file in parts: sizes in bytes; the last part may be smaller than `smallest`."""

    smallest: int
    preferred: int
    largest: int
    max_parts: int


class PartUpload(Protocol):
    """One file on its way in parts. Nothing is seen under its key before `complete`.

    Parts are numbered from 1, sent in any order from any thread, and sent again to replace them.
    """

    def put(self, number: int, data: Buffer) -> None: ...

    def copy(self, number: int, start: int, end: int, *, if_match: str | None = None) -> None:
        """Take a part from the key's present content, inside the store; Conflict unless it matches."""

    def complete(self, *, overwrite: bool = True, if_match: str | None = None) -> WriteResult:
        """Publish the parts, numbers ascending without a gap. Raises as `Backend.write` does."""

    def abort(self) -> None:
        """Forget the parts. Never raises for an upload already gone."""


@runtime_checkable
class UploadsParts(Protocol):
    """Takes a file in parts while its bytes still arrive, and parts of the old content without a transfer."""

    part_limits: PartLimits

    def begin_upload(
        self,
        key: str,
        *,
        metadata: Mapping[str, str] | None = None,
        attributes: Attributes | None = None,
    ) -> PartUpload: ...


@runtime_checkable
class KeepsVersions(Protocol):
    """Keeps old versions of files. `read(version=...)` reads one."""

    def list_versions(self, key: str) -> list[Version]:
        """Every version of exactly this key, oldest first; [] for a key never seen."""

    def restore_version(self, key: str, version: str) -> WriteResult:
        """Make an old version the newest, inside the store."""

    def delete_version(self, key: str, version: str) -> None: ...


@runtime_checkable
class KeepsMetadata(Protocol):
    """Changes the user metadata of a file (str to str); `stat` tells it."""

    def set_metadata(self, key: str, metadata: Mapping[str, str]) -> Entry: ...


@runtime_checkable
class SignsUrls(Protocol):
    """Gives a URL that reads a file without credentials for `expires_in` seconds."""

    def url(self, key: str, expires_in: int = 3600) -> str: ...


@runtime_checkable
class KeepsAttributes(Protocol):
    """Keeps POSIX mode, owner and times. The entry as it is afterwards comes back.

    Symlinks are changed themselves, not what they point to.
    """

    def set_attributes(self, key: str, change: Attributes) -> Entry: ...


@runtime_checkable
class KeepsSymlinks(Protocol):
    """Stores symlinks; the target is any text, never resolved here."""

    def make_symlink(self, key: str, target: str, *, attributes: Attributes | None = None) -> Entry:
        """Raises AlreadyExists, NotADirectory."""

    def read_symlink(self, key: str) -> str:
        """Raises NotFound; InvalidPath for what is no symlink."""


@runtime_checkable
class KeepsHardLinks(Protocol):
    """Gives one file several names; `Entry.file_id` and `nlink` tell."""

    def make_link(self, source: str, target: str) -> Entry: ...


@runtime_checkable
class KeepsSpecialFiles(Protocol):
    """Stores fifos, sockets and device nodes; `mode` holds the type bits."""

    def make_special(
        self, key: str, mode: int, rdev: int, *, attributes: Attributes | None = None
    ) -> Entry: ...


@runtime_checkable
class KeepsXattrs(Protocol):
    """Stores extended attributes: names with their namespace (`user.x`), values of bytes.

    An absent name raises NotFound with errno ENODATA. Those in `Attributes` are taken wherever attributes
    are; complete entries tell all of them, or None where asking for each would cost too much.
    """

    def get_xattr(self, key: str, name: str) -> bytes: ...

    def list_xattrs(self, key: str) -> list[str]: ...

    def set_xattr(
        self, key: str, name: str, value: bytes, *, create: bool = False, replace: bool = False
    ) -> None:
        """`create` raises AlreadyExists for a name that is there, `replace` NotFound for one that is not."""

    def remove_xattr(self, key: str, name: str) -> None: ...


class OpenFile(Protocol):
    """A file open for reading and writing at any offset. Thread-safe. Errors are ours."""

    def read(self, offset: int, size: int) -> Buffer:
        """Fewer bytes than asked only at the end of the file."""

    def read_ready(self, offset: int, size: int) -> Buffer | None:
        """What `read` would give, if it is in memory now; None when it would have to wait. Never blocks."""

    def write(self, offset: int, data: Buffer) -> int: ...

    def truncate(self, size: int) -> None: ...

    def stat(self) -> Entry:
        """The file as it is now, even after it was unlinked."""

    def set_attributes(self, change: Attributes) -> Entry: ...

    def flush(self) -> None:
        """What close(2) promises: errors of earlier writes are raised here, and bytes are published."""

    def sync(self) -> None:
        """What fsync(2) promises."""

    def close(self) -> None:
        """Give the handle back. Never raises; `flush` has told what went wrong."""


@runtime_checkable
class OpensInPlace(Protocol):
    """Opens files where they lie (a descriptor of a local folder): no staging, no cache.

    `open_file` raises NotFound, IsADirectory. `create_file` raises AlreadyExists when `exclusive`, and gives
    new files their attributes.
    """

    def open_file(self, key: str, *, write: bool = False, truncate: bool = False) -> OpenFile: ...

    def create_file(
        self, key: str, *, exclusive: bool = False, attributes: Attributes | None = None
    ) -> OpenFile: ...


@runtime_checkable
class HashesContent(Protocol):
    """Tells a content hash without reading the content: (algorithm, hex digest), None where it has none."""

    def content_hash(self, key: str) -> tuple[str, str] | None: ...


@runtime_checkable
class ChecksHealth(Protocol):
    """Asks the store whether it is there and lets us in."""

    def ping(self) -> None:
        """Raises BackendUnavailable, PermissionDenied, NotFound."""


@runtime_checkable
class HasLocation(Protocol):
    """Tells where the storage is, as a URL without credentials; the same place always has the same one."""

    @property
    def location(self) -> str: ...


@runtime_checkable
class ReportsSpace(Protocol):
    """Tells how full the store is."""

    def space(self) -> SpaceUsage: ...
