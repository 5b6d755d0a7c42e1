"""Object stores under the names that another library gave them: each is a mapping over a mount of its own.

    from vfs.stores import FilesystemStore

    with FilesystemStore("store") as store:
        store.put("key", b"data")

Around one store another can be made (`ReadonlyStore(store)`). Mirrors and caches, which stand on several, are
written in a configuration, which `StoreFactory` builds.
"""

import os
from collections.abc import Mapping
from typing import Self

from vfs.config import load_settings, settings_from
from vfs.engine.copying import CopySummary
from vfs.engine.errors import ConfigError
from vfs.engine.mapping import FolderMapping
from vfs.engine.mounts import Settings
from vfs.storage import StorageManager


class Store(FolderMapping):
    """A mount's root as a mapping, with the storage that it belongs to. Thread-safe.

    Closing it, or leaving its `with` block, gives back connections and threads.
    """

    def __init__(self, settings: Settings, name: str) -> None:
        """Open the mounts of the settings; the store is the one of this name."""
        self._stand_on(StorageManager(settings), name)

    def _stand_on(self, storage: StorageManager, name: str) -> None:
        self.storage = storage
        FolderMapping.__init__(self, storage.mapping(f"{name}:").folder)

    def close(self) -> None:
        self.storage.close()

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        self.close()


class _OneStore(Store):
    """A store that holds something itself; the class's name is the type that a configuration would say."""

    def __init__(self, config: Mapping[str, object]) -> None:
        stores = {"store": {"type": type(self).__name__, "config": config}}
        super().__init__(settings_from({"stores": stores}), "store")


class DictStore(_OneStore):
    """Keeps everything in memory."""

    def __init__(self) -> None:
        super().__init__({})


class FilesystemStore(_OneStore):
    """Keeps a file for each key below a folder, which is made if it is not there."""

    def __init__(self, root_path: str | os.PathLike[str]) -> None:
        super().__init__({"root_path": os.fspath(root_path)})


class HashdirStore(_OneStore):
    """Keeps files under the hashes of their keys, `depth` levels of folders with `width` digits each."""

    def __init__(self, root_path: str | os.PathLike[str], width: int = 2, depth: int = 3) -> None:
        super().__init__({"root_path": os.fspath(root_path), "width": width, "depth": depth})


class SqliteStore(_OneStore):
    """Keeps everything in one database file."""

    def __init__(self, db_path: str | os.PathLike[str]) -> None:
        super().__init__({"db_path": os.fspath(db_path)})


class ZipStore(_OneStore):
    """Keeps everything in one ZIP archive."""

    def __init__(self, path: str | os.PathLike[str]) -> None:
        super().__init__({"path": os.fspath(path)})


class BucketStore(_OneStore):
    """Keeps objects in a bucket of S3, or of what speaks it at `s3_url` (or `endpoint_url`).

    Without keys, credentials are found as AWS tools find them.
    """

    def __init__(
        self,
        bucket_name: str,
        s3_url: str | None = None,
        s3_access_key: str | None = None,
        s3_secret_key: str | None = None,
        *,
        endpoint_url: str | None = None,
        region: str | None = None,
    ) -> None:
        given = {
            "bucket_name": bucket_name,
            "endpoint_url": endpoint_url or s3_url,
            "s3_access_key": s3_access_key,
            "s3_secret_key": s3_secret_key,
            "region": region,
        }
        super().__init__({key: value for key, value in given.items() if value is not None})


class DecoratedStore(Store):
    """A store around another one, on the same storage; closing either closes both.

    The class's name is the type that a configuration would say, and `config` what it would say there.
    """

    def __init__(self, base: Store, **config: object) -> None:
        """Raises ConfigError for what the layer does not take."""
        name = f"{base.folder.mount}-{type(self).__name__}-{len(base.storage)}"
        above = {"type": type(self).__name__, "base": base.folder.mount, "config": config}
        base.storage.configure({"stores": {name: above}})
        self._stand_on(base.storage, name)


class ReadonlyStore(DecoratedStore):
    """Refuses every change."""


class WriteonlyStore(DecoratedStore):
    """Takes keys and gives nothing back, nor tells which there are."""


class GzipStore(DecoratedStore):
    """Stores what is put packed."""


class Base64Store(DecoratedStore):
    """Stores what is put as Base64."""


class BufferStore(DecoratedStore):
    """Takes what is put in one piece before it is stored."""


class TextEncodingStore(DecoratedStore):
    """Stores text in another `encoding`."""


class PrefixStore(DecoratedStore):
    """Stores keys below a `prefix`."""


class HashPrefixStore(DecoratedStore):
    """Stores keys in folders by `hash_length` digits of their hashes."""


class UrlEncodingStore(DecoratedStore):
    """Stores keys percent-encoded."""


class KeyValidatingStore(DecoratedStore):
    """Takes keys that `validator`, a function of the key, does not refuse."""


class RegexValidatingStore(DecoratedStore):
    """Takes keys that a `pattern` matches whole."""


class UrlValidatingStore(DecoratedStore):
    """Takes keys that are URLs."""


class NotifyingStore(DecoratedStore):
    """Calls `handlers` after changes."""


class LoggingStore(DecoratedStore):
    """Logs what is done."""


class ExceptionLoggingStore(DecoratedStore):
    """Logs what fails, and raises it."""


class StoreFactory:
    """Makes the stores of a configuration file: of `stores`, or of mounts."""

    def __init__(self, path: str | os.PathLike[str]) -> None:
        """Raises ConfigError for what is wrong with the file; nothing is opened yet."""
        self.settings = load_settings(path)

    def build(self, name: str | None = None) -> Store:
        """The store of a name, or the one that `main` names. Raises ConfigError."""
        wanted = name or self.settings.main
        known = [mount.name for mount in self.settings.mounts]
        if wanted not in known:
            raise ConfigError(f"no store is named: say one of {', '.join(known)}, or `main` in the file")
        return Store(self.settings, wanted)


def copy_store(source: Store, target: Store, overwrite: bool = True) -> CopySummary:
    """Copy all keys; unless `overwrite`, only those that the target has not."""
    summary = source.folder.copy_to(target.folder, skip="never" if overwrite else "exists")
    summary.raise_for_failures()
    return summary


def sync_stores(source: Store, target: Store, delete: bool = False) -> CopySummary:
    """Copy all keys whose contents differ; with `delete`, remove those that the source has not."""
    summary = source.folder.copy_to(target.folder, skip="hash", delete=delete)
    summary.raise_for_failures()
    return summary


def clear_store(store: Store) -> None:
    """Delete all that is in it."""
    store.clear()
