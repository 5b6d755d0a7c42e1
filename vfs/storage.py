"""The manager as Python programs use it: configured from a file, from data or from settings."""

import os
from collections.abc import Callable, Mapping, Sequence
from datetime import datetime
from typing import TYPE_CHECKING, Any, Literal, cast, overload

from vfs.colour import may_await
from vfs.config import load_settings, settings_from
from vfs.engine import manager
from vfs.engine.backend import Backend
from vfs.engine.backends.given import GivenOptions
from vfs.engine.diffs import LIMIT as DIFF_LIMIT
from vfs.engine.files.tree import FileTree
from vfs.engine.mounts import MountSpec, Settings
from vfs.engine.nodes import StorageNode
from vfs.engine.nodes.past import VersionChoice
from vfs.engine.reconfiguring import PATIENCE, MountChanges, Patience
from vfs.engine.virtual.nodes import DiffNode, IterNode, PastNode, VirtualNode

if TYPE_CHECKING:
    from vfs.aio import AsyncStorageManager

Configuration = str | os.PathLike[str] | Mapping[str, Any] | Sequence[Mapping[str, Any]] | Settings
"""A config file's path; its content as Python data; a list of mounts with a `name` each; settings."""


class StorageManager(manager.StorageManager):
    """Mounts by name, and the nodes in them. Thread-safe.

    Close it, or use it in a `with` block: closing gives back connections and threads.
    """

    def __init__(self, configuration: Configuration | None = None) -> None:
        """Raises ConfigError, and what the first storage that cannot be opened raises."""
        super().__init__(None if configuration is None else _settings_of(configuration))

    @property
    def sync(self) -> "StorageManager":
        """The same manager; its nodes are synchronous wherever they are asked for."""
        return _SyncStorageManager(self)

    @property
    def aio(self) -> "AsyncStorageManager":
        """The same manager for asyncio and trio; its nodes are asynchronous wherever they are asked for."""
        # Here, because only programs with a loop are to pay for loading it.
        from vfs.aio import AsyncStorageManager

        return AsyncStorageManager(self)

    @overload
    def node(self, path: str = "", *parts: str) -> StorageNode: ...

    @overload
    def node(self, path: str = "", *parts: str, version: VersionChoice) -> PastNode: ...

    @overload
    def node(self, path: str = "", *parts: str, as_of: datetime) -> PastNode: ...

    def node(
        self,
        path: str = "",
        *parts: str,
        version: VersionChoice | None = None,
        as_of: datetime | None = None,
    ) -> StorageNode | PastNode:
        """The node at `mount:path`, or at a path in the main mount; `parts` lead further down.

        With `version` or `as_of`, as `StorageNode.open` takes them, the file as it was, to be read.

        In a task of asyncio or trio it is an `AsyncStorageNode`, whose methods are awaited. Type checkers
        cannot know where a call is made, and take it for a `StorageNode`: `aio` and `sync` give either with
        its exact type. Where there is no main mount, a mount's name alone is its root. Nothing is asked of
        the storage. Raises NotFound for an unknown mount, InvalidPath for what can be no path.
        """
        chosen: Any = {"version": version, "as_of": as_of}  # an overload for each
        if may_await():
            return cast("StorageNode", self.aio.node(path, *parts, **chosen))
        return super().node(path, *parts, **chosen)

    def iternode(self, *nodes: StorageNode | VirtualNode | str, separator: bytes | str = b"") -> IterNode:
        """Nodes or paths one after the other as one node, `separator` between every two. Nothing is read.

        It has the colour that `node` has.
        """
        if may_await():
            return cast("IterNode", self.aio.iternode(*nodes, separator=separator))
        return super().iternode(*nodes, separator=separator)

    def diffnode(
        self,
        old: StorageNode | VirtualNode | str,
        new: StorageNode | VirtualNode | str,
        *,
        limit: int = DIFF_LIMIT,
    ) -> DiffNode:
        """How one text differs from the other, as a unified diff; of at most `limit` bytes each.

        It has the colour that `node` has.
        """
        if may_await():
            return cast("DiffNode", self.aio.diffnode(old, new, limit=limit))
        return super().diffnode(old, new, limit=limit)

    def configure(self, configuration: Configuration) -> None:
        """Add the mounts of a configuration, all of them or none. Raises as the constructor does.

        `cache` and `state` may only be set before the first mount is there.
        """
        self.take_up(_settings_of(configuration, beside=self.mount_names()))

    def add_mount(self, spec: MountSpec | Mapping[str, Any]) -> FileTree:
        """Open one more mount, of settings or of a mapping with a `name`. Raises as `configure` does."""
        if isinstance(spec, MountSpec):
            return super().add_mount(spec)
        (found,) = _settings_of([spec], beside=self.mount_names()).mounts
        return super().add_mount(found)

    def add_backend(
        self,
        name: str,
        backend: Backend,
        *,
        permissions: Literal["readonly", "readwrite", "delete"] = "delete",
        ttl: float | None = None,
        durability: Literal["store", "disk"] = "store",
    ) -> FileTree:
        """Mount a storage that the program made itself; the manager closes it, at once where this raises.

        The terms are those of a mount in a configuration. Raises ConfigError for a name that is taken.
        """
        try:
            options = GivenOptions(backend=backend)
            terms: Any = {"permissions": permissions, "ttl": ttl, "durability": durability}
            return super().add_mount(MountSpec(name=name, type="given", options=options, **terms))
        except BaseException:
            backend.close()
            raise

    def get_mount_names(self) -> list[str]:
        """As `mount_names`, under the name that other libraries have for it."""
        return list(self.mount_names())

    def reconfigure(
        self,
        settings: Configuration,
        *,
        vet: Callable[[Mapping[str, FileTree]], None] = lambda _: None,
        patience: Patience = PATIENCE,
    ) -> MountChanges:
        """Have the mounts of this configuration and no others, as `vfs reload` does for a daemon.

        What is open on mounts whose settings are the same stays open. Raises as the engine's manager does;
        nothing is changed then.
        """
        return super().reconfigure(_settings_of(settings), vet=vet, patience=patience)


class _SyncStorageManager(StorageManager):
    """A manager's own state under a class whose nodes have one colour."""

    __slots__ = ("_whole",)

    def __init__(self, whole: StorageManager) -> None:
        self._whole = whole
        self.__dict__ = whole.__dict__

    @property
    def sync(self) -> StorageManager:
        return self

    # Nodes are equal where they were made by the same manager: that is the one beneath.

    def node(self, path: str = "", *parts: str, **chosen: Any) -> Any:  # typed as the public one
        return manager.StorageManager.node(self._whole, path, *parts, **chosen)

    def iternode(self, *nodes: StorageNode | VirtualNode | str, separator: bytes | str = b"") -> IterNode:
        return manager.StorageManager.iternode(self._whole, *nodes, separator=separator)

    def diffnode(
        self,
        old: StorageNode | VirtualNode | str,
        new: StorageNode | VirtualNode | str,
        *,
        limit: int = DIFF_LIMIT,
    ) -> DiffNode:
        return manager.StorageManager.diffnode(self._whole, old, new, limit=limit)


def open(configuration: Configuration) -> StorageManager:  # noqa: A001 - as gzip.open and tarfile.open are
    """The mounts of a configuration, opened; to be used in a `with` block."""
    return StorageManager(configuration)


def _settings_of(configuration: Configuration, beside: Sequence[str] = ()) -> Settings:
    if isinstance(configuration, Settings):
        return configuration
    if isinstance(configuration, str | os.PathLike):
        return load_settings(configuration, beside=beside)
    return settings_from(configuration, beside=beside)
