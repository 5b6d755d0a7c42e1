"""AsyncStore: `vfs.scoped.Store` for asyncio and trio; what asks a storage is awaited."""

from collections.abc import Mapping
from types import TracebackType
from typing import Self, TypeVar

import anyio

from vfs.aio.backends import AsyncBackend, BlockingBackend, ThreadedBackend
from vfs.aio.feeding import AsyncSource, storing
from vfs.aio.files import Opening, opening
from vfs.aio.iteration import AsyncIteration
from vfs.aio.nodes import AsyncStorageNode
from vfs.aio.pending import Pending
from vfs.aio.threads import changing, reading
from vfs.engine.backend import Backend
from vfs.engine.backends import STORAGE_TYPES
from vfs.engine.capabilities import Capability
from vfs.engine.entries import WriteResult
from vfs.engine.nodes import ResolutionPlan, StorageNode
from vfs.scoped import FileInfo, FolderEntry, FolderInfo, Store

ClientT = TypeVar("ClientT")


class AsyncStore:
    """A folder of a mount, or of a storage that is mounted for this; `async with` closes that one."""

    def __init__(
        self, backend: AsyncStorageNode | StorageNode | AsyncBackend | Backend, root_path: str = ""
    ) -> None:
        """As `Store`, also of a storage written with `async def`."""
        if isinstance(backend, AsyncBackend):
            backend = BlockingBackend(backend)
        given = backend.sync if isinstance(backend, AsyncStorageNode) else backend
        self.sync = Store(given, root_path)

    @property
    def folder(self) -> AsyncStorageNode:
        return AsyncStorageNode(self.sync.folder)

    def close(self) -> Pending[None]:
        return changing(self.sync.close)

    def aclose(self) -> Pending[None]:
        return self.close()

    async def __aenter__(self) -> Self:
        return self

    async def __aexit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        with anyio.CancelScope(shield=True):
            await self.close()

    def __repr__(self) -> str:
        return f"AsyncStore({self.sync.folder.fullpath!r})"

    def child(self, subpath: str) -> "AsyncStore":
        return AsyncStore(self.sync.child(subpath).folder)

    def node(self, path: str = "") -> AsyncStorageNode:
        return AsyncStorageNode(self.sync.node(path))

    def read(self, path: str) -> AsyncIteration[bytes]:
        """The content in pieces, as they come; a path that can be none is refused at once."""
        return AsyncIteration(self.sync.node(path).iter_bytes(), at_once=1)

    def read_bytes(self, path: str) -> Pending[bytes]:
        return reading(self.sync.read_bytes, path)

    def read_text(self, path: str, *, encoding: str = "utf-8", errors: str = "strict") -> Pending[str]:
        return reading(self.sync.read_text, path, encoding=encoding, errors=errors)

    def write(
        self,
        path: str,
        content: AsyncSource,
        *,
        overwrite: bool = False,
        metadata: Mapping[str, str] | None = None,
    ) -> Pending[WriteResult]:
        return storing(
            content, lambda given: self.sync.write(path, given, overwrite=overwrite, metadata=metadata)
        )

    def write_text(
        self,
        path: str,
        text: str,
        *,
        encoding: str = "utf-8",
        overwrite: bool = False,
        metadata: Mapping[str, str] | None = None,
    ) -> Pending[WriteResult]:
        return changing(
            self.sync.write_text, path, text, encoding=encoding, overwrite=overwrite, metadata=metadata
        )

    def write_atomic(
        self,
        path: str,
        content: AsyncSource,
        *,
        overwrite: bool = False,
        metadata: Mapping[str, str] | None = None,
    ) -> Pending[WriteResult]:
        return storing(
            content, lambda given: self.sync.write_atomic(path, given, overwrite=overwrite, metadata=metadata)
        )

    def open_atomic(self, path: str, *, overwrite: bool = False) -> Opening[bytes]:
        return opening(lambda: self.sync.open_atomic(path, overwrite=overwrite))

    def delete(self, path: str, *, missing_ok: bool = False) -> Pending[None]:
        return changing(self.sync.delete, path, missing_ok=missing_ok)

    def delete_folder(self, path: str, *, recursive: bool = False, missing_ok: bool = False) -> Pending[None]:
        return changing(self.sync.delete_folder, path, recursive=recursive, missing_ok=missing_ok)

    def list_files(
        self, path: str, *, recursive: bool = False, pattern: str | None = None, max_depth: int | None = None
    ) -> AsyncIteration[FileInfo]:
        return AsyncIteration(
            self.sync.list_files(path, recursive=recursive, pattern=pattern, max_depth=max_depth)
        )

    def list_folders(
        self, path: str, *, pattern: str | None = None, max_depth: int | None = None
    ) -> AsyncIteration[FolderEntry]:
        return AsyncIteration(self.sync.list_folders(path, pattern=pattern, max_depth=max_depth))

    def iter_children(self, path: str) -> AsyncIteration[FileInfo | FolderEntry]:
        return AsyncIteration(self.sync.iter_children(path))

    def glob(self, pattern: str) -> AsyncIteration[FileInfo]:
        return AsyncIteration(self.sync.glob(pattern))

    def move(self, src: str, dst: str, *, overwrite: bool = False) -> Pending[None]:
        return changing(self.sync.move, src, dst, overwrite=overwrite)

    def copy(self, src: str, dst: str, *, overwrite: bool = False) -> Pending[None]:
        return changing(self.sync.copy, src, dst, overwrite=overwrite)

    def head(self, path: str) -> Pending[WriteResult]:
        return reading(self.sync.head, path)

    def exists(self, path: str) -> Pending[bool]:
        return reading(self.sync.exists, path)

    def is_file(self, path: str) -> Pending[bool]:
        return reading(self.sync.is_file, path)

    def is_folder(self, path: str) -> Pending[bool]:
        return reading(self.sync.is_folder, path)

    def get_file_info(self, path: str) -> Pending[FileInfo]:
        return reading(self.sync.get_file_info, path)

    def get_folder_info(self, path: str, *, max_depth: int | None = None) -> Pending[FolderInfo]:
        return reading(self.sync.get_folder_info, path, max_depth=max_depth)

    def resolve(self, key: str) -> ResolutionPlan:
        return self.sync.resolve(key)

    def ping(self) -> Pending[None]:
        return reading(self.sync.ping)

    def supports(self, capability: Capability | str) -> bool:
        return self.sync.supports(capability)

    def unwrap(self, type_hint: type[ClientT]) -> ClientT:
        return self.sync.unwrap(type_hint)

    def native_path(self, key: str) -> str:
        return self.sync.native_path(key)

    def to_key(self, path: str) -> str:
        return self.sync.to_key(path)


SyncBackendAdapter = ThreadedBackend

AsyncBackendSyncAdapter = BlockingBackend


class AsyncMemoryBackend(ThreadedBackend):
    """Everything in memory, from a loop."""

    def __init__(self) -> None:
        super().__init__(STORAGE_TYPES.load("memory").build())


class AsyncAzureBackend(ThreadedBackend):
    """A container of Azure Blob Storage, from a loop."""

    def __init__(self, container: str, **options: object) -> None:
        """Options as in a configuration (`account_name`, `account_key`, `connection_string` ...).

        Raises ValueError for wrong ones, ConfigError where Azure's packages are not installed.
        """
        azure = STORAGE_TYPES.load("azure")
        given = {_OPTIONS.get(name, name): value for name, value in options.items()}
        super().__init__(azure.build(azure.options.model_validate({"container": container, **given})))


_OPTIONS = {"account_url": "endpoint_url", "max_concurrency": "connections"}
