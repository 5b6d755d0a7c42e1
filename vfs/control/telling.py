"""What a daemon tells of itself, as plain data: mounts, their health and traffic, caches, unsent files."""

import os
import time
from collections.abc import Mapping
from concurrent.futures import Future, wait
from dataclasses import asdict
from threading import Thread
from typing import Any

from vfs.engine.backend import ChecksHealth
from vfs.engine.errors import StorageError
from vfs.engine.files.tree import FileTree
from vfs.engine.manager import StorageManager

HEALTH_TIMEOUT = 5.0
"""Seconds in which a storage must answer to be called healthy."""

MOST_UNSENT = 1000
"""Unsent files that are told one by one; all are counted."""


def status_of(manager: StorageManager, *, health: bool) -> Mapping[str, Any]:
    """Everything; with `health`, each storage is asked whether it answers, all at the same time."""
    trees = {name: manager.tree(name) for name in manager.mount_names()}
    healths = _healths(trees) if health else {}
    return {
        "pid": os.getpid(),
        "mounts": [
            {**_of_mount(manager, tree), **({"health": healths[name]} if health else {})}
            for name, tree in trees.items()
        ],
        "cache": asdict(manager.resources.statistics()),
        **unsent_of(manager),
    }


def unsent_of(manager: StorageManager, mount: str | None = None) -> Mapping[str, Any]:
    """The files whose newest bytes no store has yet, failing ones first, and their number and size."""
    names = manager.mount_names() if mount is None else [mount]
    found = [file for name in names for file in manager.tree(name).unsent()]
    found.sort(key=lambda file: file.failure is None)
    return {
        "unsent": [asdict(file) for file in found[:MOST_UNSENT]],
        "unsent_count": len(found),
        "unsent_bytes": sum(file.size for file in found),
        "failing_count": sum(file.failure is not None for file in found),
    }


def _of_mount(manager: StorageManager, tree: FileTree) -> dict[str, Any]:
    spec = manager.spec(tree.name)
    entries = tree.entry_statistics()
    return {
        "name": tree.name,
        "type": spec.type,
        "readonly": tree.readonly,
        "durability": spec.durability,
        "open_files": tree.uses.count,
        "entries": None if entries is None else asdict(entries),
        "traffic": None if tree.traffic is None else asdict(tree.traffic.statistics()),
    }


def _healths(trees: Mapping[str, FileTree]) -> Mapping[str, Mapping[str, Any]]:
    answers: dict[str, Future[float]] = {name: Future() for name in trees}
    for name, tree in trees.items():
        # In threads that hold nobody: a storage that never answers is left to its own deadline.
        thread = Thread(target=_ask, args=(tree, answers[name]), name=f"vfs-status-{name}", daemon=True)
        thread.start()
    wait(answers.values(), HEALTH_TIMEOUT)
    return {name: _told(answer) for name, answer in answers.items()}


def _ask(tree: FileTree, answer: "Future[float]") -> None:
    begun = time.monotonic()
    try:
        checks = tree.backend.ability(ChecksHealth)
        if checks is not None:
            checks.ping()
        else:
            tree.backend.stat("")
    except BaseException as error:  # noqa: BLE001 - told by whoever waits for it
        answer.set_exception(error)
    else:
        answer.set_result(time.monotonic() - begun)


def _told(answer: "Future[float]") -> Mapping[str, Any]:
    if not answer.done():
        return {"ok": False, "error": f"no answer within {HEALTH_TIMEOUT:g} s"}
    error = answer.exception()
    if error is None:
        return {"ok": True, "seconds": round(answer.result(), 6)}
    return {
        "ok": False,
        "error": str(error) if isinstance(error, StorageError) else f"unexpected {type(error).__name__}",
    }
