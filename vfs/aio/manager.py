"""AsyncStorageManager: the manager as programs with a loop use it."""

from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from datetime import datetime
from types import TracebackType
from typing import Any, Literal, Self, overload

import anyio

from vfs.aio.backends import AsyncBackend, BlockingBackend
from vfs.aio.mapping import AsyncFolderMapping
from vfs.aio.nodes import AsyncStorageNode
from vfs.aio.nodes.place import AsyncPlace, sync_of
from vfs.aio.pending import Pending
from vfs.aio.threads import changing, reading, to_its_end
from vfs.aio.virtual import AsyncDiffNode, AsyncIterNode, AsyncPastNode, Part, sync_part
from vfs.engine.backend import Backend
from vfs.engine.batches import WORKERS, BatchResult
from vfs.engine.diffs import LIMIT as DIFF_LIMIT
from vfs.engine.files.tree import FileTree, Unsent
from vfs.engine.mounts import MountSpec
from vfs.engine.nodes import StorageNode
from vfs.engine.nodes.past import VersionChoice
from vfs.engine.reconfiguring import PATIENCE, MountChanges, Patience
from vfs.engine.virtual.nodes import PastNode
from vfs.storage import Configuration, StorageManager

Place = AsyncPlace | StorageNode | str
"""A place of either colour, or its path."""


class AsyncStorageManager:
    """The mounts of a `StorageManager`, and asynchronous nodes in them, for asyncio and trio.

    Given by `storage.aio`, or made of a configuration. Names, arguments and errors are those of
    `StorageManager`. An `async with` block closes the storage.
    """

    def __init__(self, storage: StorageManager | Configuration | None = None) -> None:
        """Of a manager, or of one that this opens, blocking: `vfs.aio.open` does so beside the loop."""
        opened = storage if isinstance(storage, StorageManager) else StorageManager(storage)
        self._storage = opened.sync

    @property
    def sync(self) -> StorageManager:
        """The same manager, for code that blocks."""
        return self._storage

    @property
    def aio(self) -> Self:
        return self

    @property
    def closed(self) -> bool:
        return self._storage.closed

    async def __aenter__(self) -> Self:
        return self

    async def __aexit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        with anyio.CancelScope(shield=True):
            await self.close()

    def __repr__(self) -> str:
        return f"AsyncStorageManager(mounts={self.mount_names()})"

    def mount_names(self) -> Sequence[str]:
        return self._storage.mount_names()

    def get_mount_names(self) -> list[str]:
        return self._storage.get_mount_names()

    def has_mount(self, name: str) -> bool:
        return self._storage.has_mount(name)

    def __contains__(self, name: object) -> bool:
        return name in self._storage

    def __iter__(self) -> Iterator[str]:
        return iter(self._storage)

    def __len__(self) -> int:
        return len(self._storage)

    def __bool__(self) -> bool:
        return True

    @overload
    def node(self, path: str = "", *parts: str) -> AsyncStorageNode: ...

    @overload
    def node(self, path: str = "", *parts: str, version: VersionChoice) -> AsyncPastNode: ...

    @overload
    def node(self, path: str = "", *parts: str, as_of: datetime) -> AsyncPastNode: ...

    def node(
        self,
        path: str = "",
        *parts: str,
        version: VersionChoice | None = None,
        as_of: datetime | None = None,
    ) -> AsyncStorageNode | AsyncPastNode:
        """An asynchronous node, wherever it is asked for; asks nothing of the storage."""
        chosen: Any = {"version": version, "as_of": as_of}  # an overload for each
        found: StorageNode | PastNode = self._storage.node(path, *parts, **chosen)
        return AsyncPastNode(found) if isinstance(found, PastNode) else AsyncStorageNode(found)

    def iternode(self, *nodes: Part, separator: bytes | str = b"") -> AsyncIterNode:
        return AsyncIterNode(self._storage.iternode(*map(sync_part, nodes), separator=separator))

    def diffnode(self, old: Part, new: Part, *, limit: int = DIFF_LIMIT) -> AsyncDiffNode:
        return AsyncDiffNode(self._storage.diffnode(sync_part(old), sync_part(new), limit=limit))

    def publish(self, made: Part | Mapping[str, object], place: Place) -> Pending[AsyncStorageNode]:
        shown = made if isinstance(made, Mapping) else sync_part(made)

        def publish() -> AsyncStorageNode:
            source = self._storage.node(shown) if isinstance(shown, str) else shown
            return AsyncStorageNode(self._storage.publish(source, sync_of(place)))

        return changing(publish)

    def withdraw(self, place: Place) -> Pending[None]:
        return changing(self._storage.withdraw, sync_of(place))

    def mapping(self, path: str = "") -> AsyncFolderMapping:
        return AsyncFolderMapping(self._storage.mapping(path))

    def batch_delete(
        self,
        paths: Iterable[Place],
        *,
        recursive: bool = False,
        missing_ok: bool = False,
        stop_on_error: bool = False,
        workers: int = WORKERS,
    ) -> Pending[BatchResult]:
        return changing(
            self._storage.batch_delete,
            map(sync_of, paths),
            recursive=recursive,
            missing_ok=missing_ok,
            stop_on_error=stop_on_error,
            workers=workers,
        )

    def batch_copy(
        self,
        pairs: Iterable[tuple[Place, Place]],
        *,
        overwrite: bool = True,
        stop_on_error: bool = False,
        workers: int = WORKERS,
    ) -> Pending[BatchResult]:
        return changing(
            self._storage.batch_copy,
            ((sync_of(source), sync_of(target)) for source, target in pairs),
            overwrite=overwrite,
            stop_on_error=stop_on_error,
            workers=workers,
        )

    def batch_exists(self, paths: Iterable[Place], *, workers: int = WORKERS) -> Pending[dict[str, bool]]:
        return reading(self._storage.batch_exists, map(sync_of, paths), workers=workers)

    def spec(self, name: str) -> MountSpec:
        return self._storage.spec(name)

    def users_of(self, name: str) -> Sequence[str]:
        return self._storage.users_of(name)

    def configure(self, configuration: Configuration) -> None:
        """Not awaited: what programs do when they begin. It blocks the loop while the storages answer."""
        self._storage.configure(configuration)

    def add_mount(self, spec: MountSpec | Mapping[str, Any]) -> FileTree:
        """Not awaited, as `configure`."""
        return self._storage.add_mount(spec)

    def add_backend(
        self,
        name: str,
        backend: Backend | AsyncBackend,
        *,
        permissions: Literal["readonly", "readwrite", "delete"] = "delete",
        ttl: float | None = None,
        durability: Literal["store", "disk"] = "store",
    ) -> FileTree:
        """Not awaited, as `configure`. An `AsyncBackend` gets a loop of its own, asyncio's."""
        given = BlockingBackend(backend) if isinstance(backend, AsyncBackend) else backend
        return self._storage.add_backend(name, given, permissions=permissions, ttl=ttl, durability=durability)

    def reconfigure(
        self,
        settings: Configuration,
        *,
        vet: Callable[[Mapping[str, FileTree]], None] = lambda _: None,
        patience: Patience = PATIENCE,
    ) -> Pending[MountChanges]:
        return changing(self._storage.reconfigure, settings, vet=vet, patience=patience)

    def remove_mount(self, name: str) -> Pending[None]:
        return changing(self._storage.remove_mount, name)

    def unsent(self) -> Pending[Sequence[Unsent]]:
        return reading(self._storage.unsent)

    def flush(self) -> Pending[None]:
        """Wait until every store has everything; cancelling it ends the waiting, and nothing else."""
        return reading(self._storage.flush)

    def close(self) -> Pending[None]:
        return changing(self._storage.close)


class OpeningStorage(Pending[AsyncStorageManager]):
    """A storage about to be opened: `async with vfs.aio.open(...) as storage`, or awaited."""

    __slots__ = ("_storage",)

    _storage: AsyncStorageManager

    async def __aenter__(self) -> AsyncStorageManager:
        self._storage = await self
        return self._storage

    async def __aexit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        await self._storage.__aexit__(kind, error, trace)


def open(configuration: Configuration) -> OpeningStorage:  # noqa: A001 - as `vfs.open` is
    """The mounts of a configuration, opened beside the loop."""
    return OpeningStorage(_opened(configuration), open)


async def _opened(configuration: Configuration) -> AsyncStorageManager:
    storage = await to_its_end(lambda: StorageManager(configuration), undo=StorageManager.close)
    return storage.aio
