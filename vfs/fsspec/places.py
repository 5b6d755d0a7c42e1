"""Paths of `vfs://` URLs as places in mounts, and what the file system of them is made of."""

from collections.abc import Callable
from typing import Any

from fsspec import spec

from vfs.engine import FileTree, IsADirectory, StorageManager, StorageNode
from vfs.fsspec.storages import Config, StorageChoice

_Untyped: Any = spec.AbstractFileSystem
"""What others write over is not what the code of the methods here seems to give back."""

_OPTIONS_OF_FSSPEC = frozenset(
    {"asynchronous", "listings_expiry_time", "loop", "max_paths", "skip_instance_cache", "use_listings_cache"}
)


class MountPaths(_Untyped):  # type: ignore[misc] # untyped
    """A file system whose first folders are mounts: `docs/a/b` is `a/b` in the mount `docs`.

    Made anew wherever it is asked for: what is worth keeping, the storage, is kept by others.
    """

    protocol = "vfs"
    root_marker = ""
    cachable = False

    def __init__(
        self, *, config: Config | None = None, storage: StorageManager | None = None, **options: Any
    ) -> None:
        if unknown := sorted(options.keys() - _OPTIONS_OF_FSSPEC):
            raise TypeError(f"vfs:// takes the options 'config' and 'storage', not {', '.join(unknown)}")
        super().__init__(**options)
        self._choice = StorageChoice(config, storage)

    @property
    def storage(self) -> StorageManager:
        """The mounts. Raises ConfigError where nothing says which, and what opening them raises."""
        return self._choice.storage()

    @property
    def _fs_token(self) -> str:
        return self._choice.token

    def __reduce__(self) -> tuple[Callable[..., object], tuple[object, ...]]:
        return spec.make_instance, (type(self), (), self._choice.options())

    @classmethod
    def _strip_protocol(cls, path: Any) -> Any:
        found = super()._strip_protocol(path)
        return found.lstrip("/") if isinstance(found, str) else found

    def _is_root(self, path: str) -> bool:
        return not self._strip_protocol(path)

    def _place(self, path: str) -> tuple[FileTree, str]:
        """The tree and the key of a path. Raises NotFound for no mount, IsADirectory for the root."""
        mount, _, key = self._strip_protocol(path).partition("/")
        if not mount:
            raise IsADirectory("the root holds the mounts, and nothing else", "vfs://")
        storage = self.storage
        tree = storage.tree(mount)
        return tree, storage.resolve(f"{mount}:{key}")[1]

    def _node(self, path: str) -> StorageNode:
        tree, key = self._place(path)
        return self.storage.sync.node(f"{tree.name}:{key}")
