"""Store: a folder whose acts take paths below it, under the names that another library gave them.

    from vfs.scoped import Store

    reports = Store(storage.node("home:reports"))
    reports.write("2026/may.txt", b"all is well")

Errors are those of nodes, and no path leads out of the folder.
"""

from collections.abc import Iterator, Mapping
from contextlib import suppress
from dataclasses import dataclass, field, replace
from datetime import datetime
from io import BufferedReader, BufferedWriter
from typing import Self, TypeVar

from vfs.engine import paths
from vfs.engine.backend import Backend, Source
from vfs.engine.capabilities import Capability
from vfs.engine.dates import utc
from vfs.engine.entries import Entry, WriteResult
from vfs.engine.errors import InvalidPath, IsADirectory, NotADirectory, NotFound
from vfs.engine.nodes import ResolutionPlan, StorageNode
from vfs.storage import StorageManager

ClientT = TypeVar("ClientT")


@dataclass(frozen=True, slots=True)
class FileInfo:
    """A file as a listing, or a question, told it; `path` is the store's own."""

    path: str
    name: str
    size: int
    modified_at: datetime | None
    etag: str | None = None
    content_type: str | None = None
    metadata: Mapping[str, str] = field(default_factory=dict, hash=False)


@dataclass(frozen=True, slots=True)
class FolderEntry:
    """A folder in a listing."""

    path: str
    name: str


@dataclass(frozen=True, slots=True)
class FolderInfo:
    """What lies below a folder: regular files, their bytes together, the newest change of one."""

    path: str
    file_count: int
    total_size: int
    modified_at: datetime | None


class Store:
    """A folder of a mount, or of a storage that is mounted for this. Thread-safe.

    `write`, `move` and `copy` take only a free name unless told to overwrite.
    """

    def __init__(self, backend: StorageNode | Backend, root_path: str = "") -> None:
        """`root_path` is below the node, or the storage's root. A storage is closed with the store."""
        self._owned: StorageManager | None = None
        if isinstance(backend, Backend):
            self._owned = StorageManager()
            self._owned.add_backend("store", backend)
            backend = self._owned.sync.node("store:")
        self.folder = backend.child(root_path) if root_path else backend

    def close(self) -> None:
        """Close the storage that this store was made of; a folder of a mount stays open."""
        if self._owned is not None:
            self._owned.close()

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        self.close()

    def __repr__(self) -> str:
        return f"Store({self.folder.fullpath!r})"

    def child(self, subpath: str) -> "Store":
        """The store of a folder below, on the same storage. Raises InvalidPath for none, and for `..`."""
        if not subpath:
            raise InvalidPath("a store has a path below its own", subpath, mount=self.folder.mount)
        return Store(self.folder, subpath)

    def node(self, path: str = "") -> StorageNode:
        """What stands at a path, with all that nodes can do. Raises InvalidPath for `..` and NUL."""
        return self.folder.child(path) if path else self.folder

    def read(self, path: str) -> BufferedReader:
        """A binary file, seekable, read piece by piece."""
        return self.node(path).open("rb")

    def read_bytes(self, path: str) -> bytes:
        return self.node(path).read_bytes()

    def read_text(self, path: str, *, encoding: str = "utf-8", errors: str = "strict") -> str:
        return self.node(path).read_text(encoding, errors)

    def write(
        self,
        path: str,
        content: Source,
        *,
        overwrite: bool = False,
        metadata: Mapping[str, str] | None = None,
    ) -> WriteResult:
        """Store bytes, a binary file or an iterator of pieces, in one act."""
        return self._told(self.node(path).write_bytes(content, overwrite=overwrite, metadata=metadata))

    def write_text(
        self,
        path: str,
        text: str,
        *,
        encoding: str = "utf-8",
        overwrite: bool = False,
        metadata: Mapping[str, str] | None = None,
    ) -> WriteResult:
        return self.write(path, text.encode(encoding), overwrite=overwrite, metadata=metadata)

    def write_atomic(
        self,
        path: str,
        content: Source,
        *,
        overwrite: bool = False,
        metadata: Mapping[str, str] | None = None,
    ) -> WriteResult:
        """As `write`; CapabilityNotSupported where the storage cannot replace a file in one act."""
        return self._told(self.node(path).write_atomic(content, overwrite=overwrite, metadata=metadata))

    def open_atomic(self, path: str, *, overwrite: bool = False) -> BufferedWriter:
        """A file that takes its place when it is closed, and does not when its `with` block fails."""
        return self.node(path).open_atomic(overwrite=overwrite)

    def delete(self, path: str, *, missing_ok: bool = False) -> None:
        """Delete one file. Raises IsADirectory for a folder, an empty one too."""
        node = self.node(path)
        if node.is_dir():
            raise IsADirectory("is a folder: delete_folder removes it", node.path, mount=node.mount)
        node.delete(missing_ok=missing_ok)

    def delete_folder(self, path: str, *, recursive: bool = False, missing_ok: bool = False) -> None:
        """Delete a folder; what is in it only if `recursive`. Raises NotADirectory for a file."""
        if not path:
            raise InvalidPath("the root of a store cannot be deleted", path, mount=self.folder.mount)
        node = self.node(path)
        if node.exists() and not node.is_dir():
            raise NotADirectory(path=node.path, mount=node.mount)
        node.delete(recursive=recursive, missing_ok=missing_ok)

    def list_files(
        self, path: str, *, recursive: bool = False, pattern: str | None = None, max_depth: int | None = None
    ) -> Iterator[FileInfo]:
        """As `StorageNode.files`, each with what the listing tells; ValueError at once."""
        folder = self.node(path)
        found = folder._files(recursive, pattern, max_depth)
        return (self._file(folder._at(key), entry) for key, entry in found)

    def list_folders(
        self, path: str, *, pattern: str | None = None, max_depth: int | None = None
    ) -> Iterator[FolderEntry]:
        """As `StorageNode.folders`."""
        found = self.node(path).folders(pattern=pattern, max_depth=max_depth)
        return (FolderEntry(self._below(node.path), node.name) for node in found)

    def iter_children(self, path: str) -> Iterator[FileInfo | FolderEntry]:
        """What is in a folder, in one pass; what is neither file nor folder is left out."""
        folder = self.node(path)
        for key, entry in folder._walked(0):
            if entry.is_folder:
                yield FolderEntry(self._below(key), entry.name)
            elif entry.is_file:
                yield self._file(folder._at(key), entry)

    def glob(self, pattern: str) -> Iterator[FileInfo]:
        """The files below that fit a pattern of whole paths (`data/**/*.csv`)."""
        return (info for node in self.folder.glob(pattern) if (info := self._if_file(node)) is not None)

    def _if_file(self, node: StorageNode) -> FileInfo | None:
        """By what was listed; None for what is no file, or is gone since."""
        with suppress(NotFound):
            entry = node._tree.listed(node.path)
            return self._file(node, entry) if entry.is_file else None
        return None

    def move(self, src: str, dst: str, *, overwrite: bool = False) -> None:
        """Give a file another place. Raises IsADirectory for a folder: nodes move those."""
        self._source(src).move_to(self.node(dst), overwrite=overwrite)

    def copy(self, src: str, dst: str, *, overwrite: bool = False) -> None:
        """Copy a file, inside the storage where it can. Raises as `move` does."""
        self._source(src).copy_to(self.node(dst), overwrite=overwrite)

    def head(self, path: str) -> WriteResult:
        """What a write of the present content would have told."""
        return self._told(self.node(path).head())

    def exists(self, path: str) -> bool:
        return self.node(path).exists()

    def is_file(self, path: str) -> bool:
        return self.node(path).is_file()

    def is_folder(self, path: str) -> bool:
        return self.node(path).is_dir()

    def get_file_info(self, path: str) -> FileInfo:
        """Raises NotFound, IsADirectory."""
        node = self.node(path)
        entry = node.stat()
        if entry.is_folder:
            raise IsADirectory(path=node.path, mount=node.mount)
        return self._file(node, entry)

    def get_folder_info(self, path: str, *, max_depth: int | None = None) -> FolderInfo:
        """Raises NotFound, NotADirectory. Costs what listing does."""
        told = self.node(path).tree_info(max_depth)
        return FolderInfo(path, told.file_count, told.total_size, _moment(told.newest_mtime_ns))

    def resolve(self, key: str) -> ResolutionPlan:
        """Where a path is, without asking the storage; the plan's key is the store's path."""
        return replace(self.node(key).resolve(), key=key)

    def ping(self) -> None:
        """Raises BackendUnavailable, PermissionDenied, NotFound."""
        self.folder.ping()

    def supports(self, capability: Capability | str) -> bool:
        return self.folder.supports(capability)

    def unwrap(self, type_hint: type[ClientT]) -> ClientT:
        """The driver's own object. Raises CapabilityNotSupported where there is none."""
        return self.folder.unwrap(type_hint)

    def native_path(self, key: str) -> str:
        """What the storage calls this path."""
        return self.node(key).native_path()

    def to_key(self, path: str) -> str:
        """The inverse of `native_path`. Raises InvalidPath for a place that is not in the store."""
        key = self.folder.to_key(path)
        if key != self.folder.path and not paths.is_below(key, self.folder.path):
            raise InvalidPath("this place is not in the store", path, mount=self.folder.mount)
        return self._below(key)

    def _source(self, path: str) -> StorageNode:
        node = self.node(path)
        if node.is_dir():
            raise IsADirectory("is a folder: its node moves and copies it", node.path, mount=node.mount)
        return node

    def _below(self, key: str) -> str:
        return key[len(self.folder.path) :].removeprefix("/")

    def _told(self, result: WriteResult) -> WriteResult:
        told = (result.size, result.etag, result.version_id, result.mtime_ns, result.digest, result.written)
        return WriteResult(self._below(result.path), *told, ctime_ns=result.ctime_ns)

    def _file(self, node: StorageNode, entry: Entry) -> FileInfo:
        return FileInfo(
            self._below(node.path),
            node.name,
            node._true_size(node.path, entry),
            _moment(entry.mtime_ns),
            entry.etag,
            entry.content_type,
            dict(entry.metadata),
        )


def _moment(time_ns: int | None) -> datetime | None:
    return None if time_ns is None else utc(time_ns)
