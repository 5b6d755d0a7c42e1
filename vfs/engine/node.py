"""StorageNode: a handle on one place of a mount, in the manner of pathlib.

What touches the storage is a method, what does not is a property. A node is the entry itself: a symlink is
not followed. Nothing is remembered between two calls but by the mount, for all that use it.
"""

import errno
from collections.abc import Callable, Iterator, Mapping
from functools import wraps
from io import BufferedRandom, BufferedReader, BufferedWriter, TextIOWrapper
from typing import IO, TYPE_CHECKING, Any, Concatenate, Literal, ParamSpec, TypeVar, overload

from vfs.engine import paths
from vfs.engine.backend import STREAM_CHUNK, SignsUrls, Source
from vfs.engine.entries import Entry, EntryKind, WriteResult
from vfs.engine.errors import (
    AlreadyExists,
    CapabilityNotSupported,
    InvalidPath,
    IsADirectory,
    NotADirectory,
    NotFound,
    PermissionDenied,
)
from vfs.engine.files.drafts import Replacement
from vfs.engine.files.tree import FileTree
from vfs.engine.mount_errors import naming_mount
from vfs.engine.pure_node import PureNode
from vfs.engine.streams import open_stream
from vfs.engine.subtrees import copy_file, delete_tree, move_across

if TYPE_CHECKING:
    from _typeshed import (
        OpenBinaryModeReading,
        OpenBinaryModeUpdating,
        OpenBinaryModeWriting,
        OpenTextMode,
    )

P = ParamSpec("P")
R = TypeVar("R")
NodeT = TypeVar("NodeT", bound=PureNode)


def _naming_mount(method: Callable[Concatenate[NodeT, P], R]) -> Callable[Concatenate[NodeT, P], R]:
    """Errors of this method name the node's mount."""

    @wraps(method)
    def naming(self: NodeT, /, *args: P.args, **kwargs: P.kwargs) -> R:
        with naming_mount(self.mount, self.path):
            return method(self, *args, **kwargs)

    return naming


class StorageNode(PureNode):
    """A file, a folder, or nothing yet. Made by `StorageManager.node`; may be used from any thread.

    Every method raises `StorageError`s that name the place: NotFound, PermissionDenied, BackendUnavailable
    and so on. Writing makes the folders above.
    """

    __slots__ = ()

    @property
    def _tree(self) -> FileTree:
        return self._table.tree(self._mount)

    # State

    @_naming_mount
    def stat(self) -> Entry:
        """All that is known of the entry, by one question at most."""
        return self._tree.stat(self._key)

    def exists(self) -> bool:
        return self._kind() is not None

    def is_file(self) -> bool:
        """True for a regular file."""
        return self._kind() is EntryKind.FILE

    def is_dir(self) -> bool:
        return self._kind() is EntryKind.FOLDER

    def _kind(self) -> EntryKind | None:
        try:
            return self.stat().kind
        except (NotFound, NotADirectory):
            return None

    @_naming_mount
    def size(self) -> int:
        """Bytes. Raises IsADirectory."""
        entry = self.stat()
        if entry.is_folder:
            raise IsADirectory(path=self._key)
        return entry.size

    @_naming_mount
    def mtime(self) -> float:
        """Seconds since the epoch. Raises CapabilityNotSupported where the storage keeps no time for it."""
        entry = self.stat()
        if entry.mtime_ns is None:
            raise CapabilityNotSupported("this storage keeps no time of change here", self._key)
        return entry.mtime_ns / 1e9

    def etag(self) -> str | None:
        """What changes with every change of the content; None where the storage has no such thing."""
        return self.stat().etag

    # Content

    @_naming_mount
    def read_bytes(self) -> bytes:
        file = self._tree.open(self._key)
        try:
            return bytes(file.read(0, file.stat().size))
        finally:
            file.close()

    def read_text(self, encoding: str = "utf-8", errors: str = "strict") -> str:
        """The decoded bytes; line ends stay as they are."""
        return self.read_bytes().decode(encoding, errors)

    @overload
    def read(self, mode: Literal["r"] = "r", encoding: str = "utf-8") -> str: ...

    @overload
    def read(self, mode: Literal["rb"], encoding: str = "utf-8") -> bytes: ...

    def read(self, mode: Literal["r", "rb"] = "r", encoding: str = "utf-8") -> str | bytes:
        """The whole file, as text (`r`) or bytes (`rb`)."""
        if mode not in {"r", "rb"}:
            raise ValueError(f"invalid mode: {mode!r}; read takes 'r' or 'rb'")
        return self.read_bytes() if mode == "rb" else self.read_text(encoding)

    def iter_bytes(self, start: int = 0, end: int | None = None) -> Iterator[bytes]:
        """The bytes from `start` up to, not including, `end`, in pieces of at most 1 MiB.

        All pieces are of one state of the file, or Conflict says that it is gone.
        """
        with naming_mount(self._mount, self._key):
            file = self._tree.open(self._key)
            try:
                while piece := file.read(start, _step(start, end)):
                    start += len(piece)
                    yield bytes(piece)
            finally:
                file.close()

    @_naming_mount
    def write_bytes(
        self,
        data: Source,
        *,
        overwrite: bool = True,
        if_match: str | None = None,
        metadata: Mapping[str, str] | None = None,
    ) -> WriteResult:
        """Store a whole file in one act: others see the old file or the new one, never a part.

        `data` is bytes, a binary file read to its end or an iterator of pieces, taken as they come. Whatever
        goes wrong leaves the old file. `overwrite=False` raises AlreadyExists, `if_match` Conflict unless the
        file has that ETag. The mode, the owner and, unless given, the metadata of the old file stay.
        """
        wanted = Replacement(self._key, overwrite, if_match, metadata)
        return self._tree.replace(wanted, data)

    def write_text(
        self,
        data: str,
        encoding: str = "utf-8",
        errors: str = "strict",
        *,
        overwrite: bool = True,
        if_match: str | None = None,
        metadata: Mapping[str, str] | None = None,
    ) -> WriteResult:
        """As `write_bytes`; line ends stay as they are."""
        content = data.encode(encoding, errors)
        return self.write_bytes(content, overwrite=overwrite, if_match=if_match, metadata=metadata)

    @overload
    def write(self, data: str, mode: Literal["w"] = "w", encoding: str = "utf-8") -> WriteResult: ...

    @overload
    def write(self, data: Source, mode: Literal["wb"], encoding: str = "utf-8") -> WriteResult: ...

    def write(
        self, data: str | Source, mode: Literal["w", "wb"] = "w", encoding: str = "utf-8"
    ) -> WriteResult:
        """Store a whole file, from text (`w`) or bytes (`wb`); TypeError for data of the other kind."""
        if mode not in {"w", "wb"}:
            raise ValueError(f"invalid mode: {mode!r}; write takes 'w' or 'wb'")
        if isinstance(data, str) is (mode == "wb"):
            raise TypeError(f"mode {mode!r} does not take {type(data).__name__}")
        return self.write_text(data, encoding) if isinstance(data, str) else self.write_bytes(data)

    @overload
    def open(
        self,
        mode: "OpenTextMode" = "r",
        *,
        encoding: str | None = None,
        errors: str | None = None,
        newline: str | None = None,
    ) -> TextIOWrapper: ...

    @overload
    def open(self, mode: "OpenBinaryModeReading") -> BufferedReader: ...

    @overload
    def open(self, mode: "OpenBinaryModeWriting") -> BufferedWriter: ...

    @overload
    def open(self, mode: "OpenBinaryModeUpdating") -> BufferedRandom: ...

    @overload
    def open(
        self,
        mode: str,
        *,
        encoding: str | None = None,
        errors: str | None = None,
        newline: str | None = None,
    ) -> IO[Any]: ...

    def open(
        self,
        mode: str = "r",
        *,
        encoding: str | None = None,
        errors: str | None = None,
        newline: str | None = None,
    ) -> IO[Any]:
        """A file object of the standard library; text is UTF-8 unless told otherwise.

        `w` and `x` fill a new file that takes its place when it is closed, and does not when the `with` block
        fails. `a` and `r+` change the file where it is. Closing raises what saving runs into.
        """
        with naming_mount(self._mount, self._key):
            return open_stream(self._tree, self._key, mode, encoding, errors, newline)

    # Folders

    @_naming_mount
    def mkdir(self, *, parents: bool = False, exist_ok: bool = False) -> None:
        """Make a folder. Raises AlreadyExists; without `parents`, NotFound where the one above is missing."""
        above = paths.parent(self._key)
        if not parents and above and not self._tree.stat(above).is_folder:
            raise NotADirectory(path=self._key)
        try:
            self._tree.make_directory(self._key)
        except AlreadyExists:
            if not exist_ok or not self.is_dir():
                raise

    def iter_children(self) -> Iterator["StorageNode"]:
        """The nodes of a folder, as the listing comes."""
        with naming_mount(self._mount, self._key):
            for entry in self._tree.list(self._key):
                yield self._at(paths.join(self._key, entry.name))

    def children(self) -> list["StorageNode"]:
        """The nodes of a folder, sorted by name."""
        return sorted(self.iter_children())

    def walk(self, top_down: bool = True) -> Iterator[tuple["StorageNode", list[str], list[str]]]:
        """As `pathlib.Path.walk`: each folder with the names of its folders and of all else, sorted.

        Top down, folders taken out of the list are not entered. Folders that vanish meanwhile are left out.
        """
        waiting: list[StorageNode | tuple[StorageNode, list[str], list[str]]] = [self]
        while waiting:
            node = waiting.pop()
            if isinstance(node, tuple):
                yield node
                continue
            try:
                folders, others = node._names()
            except NotFound:
                if node is self:
                    raise
                continue
            if top_down:
                yield node, folders, others
            else:
                waiting.append((node, folders, others))
            waiting += [node._at(paths.join(node.path, name)) for name in reversed(folders)]

    @_naming_mount
    def _names(self) -> tuple[list[str], list[str]]:
        folders: list[str] = []
        others: list[str] = []
        for entry in self._tree.list(self._key):
            (folders if entry.is_folder else others).append(entry.name)
        return sorted(folders), sorted(others)

    # Moving and removing

    @_naming_mount
    def delete(self, *, recursive: bool = False, missing_ok: bool = False) -> None:
        """Delete a file, a symlink itself, or a folder, with all that is in it only if `recursive`.

        Raises NotFound unless `missing_ok`, DirectoryNotEmpty; PermissionDenied for the root of a mount.
        """
        if not self._key:
            raise PermissionDenied("the root of a mount cannot be deleted", "", errno=errno.EBUSY)
        try:
            self._tree.delete(self._key)
        except IsADirectory:
            if recursive:
                delete_tree(self._tree, self._key)
            else:
                self._tree.remove_directory(self._key)
        except NotFound:
            if not missing_ok:
                raise

    @_naming_mount
    def move_to(self, target: "StorageNode | str", *, overwrite: bool = True) -> "StorageNode":
        """Give this entry another place, in its mount in one act as rename(2) does; the node there.

        Into another mount, everything is copied and then deleted here. Raises AlreadyExists unless
        `overwrite`, and IsADirectory, NotADirectory, DirectoryNotEmpty as rename(2) does.
        """
        there = self._other(target)
        if there._tree is self._tree:
            self._tree.rename(self._key, there.path, overwrite=overwrite)
        else:
            move_across((self._tree, self._key), (there._tree, there.path), overwrite=overwrite)
        return there

    @_naming_mount
    def copy_to(self, target: "StorageNode | str", *, overwrite: bool = True) -> "StorageNode":
        """Copy this file, with metadata and attributes as far as they are kept there; the node there."""
        there = self._other(target)
        if there == self:
            raise InvalidPath("a file cannot be copied onto itself", self._key)
        copy_file((self._tree, self._key), (there._tree, there.path), overwrite=overwrite)
        return there

    def _other(self, target: "StorageNode | str") -> "StorageNode":
        if isinstance(target, StorageNode):
            return target
        tree, key = self._table.resolve(target)
        return StorageNode(self._table, tree.name, key)

    # Metadata, URLs

    def get_metadata(self) -> dict[str, str]:
        """The user metadata of the file."""
        return dict(self.stat().metadata)

    @_naming_mount
    def set_metadata(self, metadata: Mapping[str, str]) -> None:
        """Replace all user metadata. Raises CapabilityNotSupported."""
        self._tree.set_metadata(self._key, metadata)

    @_naming_mount
    def url(self, expires_in: int = 3600) -> str:
        """A URL that reads the file without credentials for a while, in seconds.

        Raises CapabilityNotSupported.
        """
        signs = self._tree.backend.ability(SignsUrls)
        if signs is None:
            raise CapabilityNotSupported("this storage gives out no URLs", self._key)
        return signs.url(self._key, expires_in)


def _step(start: int, end: int | None) -> int:
    return STREAM_CHUNK if end is None else max(0, min(STREAM_CHUNK, end - start))
