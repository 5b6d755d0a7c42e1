"""Which storage a file system is about: one that it was given, one of a configuration, or the one in use."""

import atexit
import json
import os
import threading
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from fsspec.utils import tokenize

from vfs.current import current_storage
from vfs.engine import ConfigError, StorageManager
from vfs.storage import StorageManager as ConfiguredManager

VARIABLE = "VFS_CONFIG"
"""The environment variable with the path of the configuration that is meant where none is named."""

Config = str | os.PathLike[str] | Mapping[str, Any]


@dataclass(frozen=True)
class StorageChoice:
    """What was said of the storage; the storage itself is looked up at each use."""

    config: Config | None = None
    given: StorageManager | None = None

    def __post_init__(self) -> None:
        if self.config is not None and self.given is not None:
            raise ConfigError("vfs:// takes `config` or `storage`, not both")

    def storage(self) -> StorageManager:
        """Raises ConfigError where no storage is named, and what opening a configuration raises."""
        if self.given is not None:
            return self.given
        if self.config is not None:
            return _opened.storage(self.config)
        if (used := current_storage()) is not None:
            return used
        if path := os.environ.get(VARIABLE):
            return _opened.storage(path)
        raise ConfigError(
            "vfs:// of which storage? Say it with storage_options={'config': 'config.yaml'}, with "
            f"vfs.use(storage), or with the environment variable {VARIABLE}"
        )

    @property
    def token(self) -> str:
        """Hex digits, equal for choices that are the same in this process."""
        return str(tokenize("vfs", id(self.given), None if self.config is None else _key(self.config)))

    def options(self) -> dict[str, Any]:
        """What makes the same choice in another process. TypeError for a storage that is open in this one."""
        if self.given is not None:
            raise TypeError(
                "a file system over an open storage cannot be sent to another process: "
                "make it with storage_options={'config': ...}"
            )
        if self.config is None:
            return {}
        is_path = isinstance(self.config, str | os.PathLike)
        return {"config": _key(self.config) if is_path else self.config}


class _OpenedStorages:
    """The storages of configurations that were asked for, each opened once; closed when the process ends."""

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._storages: dict[str, StorageManager] = {}

    def storage(self, config: Config) -> StorageManager:
        key = _key(config)
        with self._lock:
            storage = self._storages.get(key)
            if storage is None or storage.closed:
                storage = self._storages[key] = ConfiguredManager(config)
            return storage

    def close(self) -> None:
        with self._lock:
            storages, self._storages = self._storages, {}
        for storage in storages.values():
            storage.close()

    def _forget(self) -> None:
        """A forked child has none of the threads that its parent's storages need: it opens its own."""
        self._lock = threading.Lock()
        self._storages = {}

    def keep_to_this_process(self) -> None:
        atexit.register(self.close)
        os.register_at_fork(after_in_child=self._forget)


def _key(config: Config) -> str:
    if isinstance(config, str | os.PathLike):
        return os.path.abspath(os.path.expanduser(config))
    return json.dumps(config, sort_keys=True, default=str)


_opened = _OpenedStorages()
_opened.keep_to_this_process()
