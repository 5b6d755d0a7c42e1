"""What a daemon does for its owner while it serves: tells its state, sends, forgets, changes how it logs."""

import logging
from collections.abc import Mapping
from typing import Any

from vfs.control.metrics import metrics_of
from vfs.control.server import Verb
from vfs.control.telling import status_of, unsent_of
from vfs.engine.errors import StorageError
from vfs.engine.files.tree import FileTree
from vfs.engine.manager import StorageManager

LEVELS = ("debug", "info", "warning", "error")


def verbs_of(manager: StorageManager) -> Mapping[str, Verb]:
    """Each by its name; what they take and give is plain JSON."""
    answering = _Answering(manager)
    return {
        "status": answering.status,
        "unsent": answering.unsent,
        "flush": answering.flush,
        "retry": answering.retry,
        "evict": answering.evict,
        "metrics": answering.metrics,
        "log_level": answering.log_level,
    }


class _Answering:
    def __init__(self, manager: StorageManager) -> None:
        self._manager = manager

    def status(self, arguments: Mapping[str, Any]) -> Mapping[str, Any]:
        """Everything there is to know; `health` false asks no storage."""
        return status_of(self._manager, health=bool(arguments.get("health", True)))

    def unsent(self, arguments: Mapping[str, Any]) -> Mapping[str, Any]:
        return unsent_of(self._manager, arguments.get("mount"))

    def flush(self, arguments: Mapping[str, Any]) -> Mapping[str, Any]:
        """Returns when the stores have everything that was written before."""
        for tree in self._chosen(arguments):
            tree.flush()
        return {}

    def retry(self, arguments: Mapping[str, Any]) -> Mapping[str, Any]:
        """Begin to send at once what waits for its next try."""
        for tree in self._chosen(arguments):
            tree.send_now()
        return unsent_of(self._manager, arguments.get("mount"))

    def evict(self, arguments: Mapping[str, Any]) -> Mapping[str, Any]:
        """Forget what is remembered of the stores; `disk` empties the disk cache as well."""
        freed = self._manager.resources.evict(disk=bool(arguments.get("disk")))
        for tree in self._chosen(arguments):
            tree.forget_entries()
        return {"bytes": freed}

    def metrics(self, _: Mapping[str, Any]) -> Mapping[str, Any]:
        return {"text": metrics_of(self._manager)}

    def log_level(self, arguments: Mapping[str, Any]) -> Mapping[str, Any]:
        """What is logged from now on, and what was until now."""
        log = logging.getLogger("vfs")
        former = logging.getLevelName(log.level).lower()
        level = arguments.get("level")
        if level is not None:
            if level not in LEVELS:
                raise StorageError(f"unknown level {level!r}; one of {', '.join(LEVELS)}")
            log.setLevel(str(level).upper())
            log.info("the log level is %s", level)
        return {"level": level or former, "former": former}

    def _chosen(self, arguments: Mapping[str, Any]) -> list[FileTree]:
        mount = arguments.get("mount")
        names = self._manager.mount_names() if mount is None else [str(mount)]
        return [self._manager.tree(name) for name in names]
