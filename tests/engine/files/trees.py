"""A store tree over any backend, as the manager would make it, with everything in one folder."""

import logging
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Literal

from vfs.engine.backend import Backend
from vfs.engine.cache.blocks import MemoryBlocks
from vfs.engine.cache.budget import MemoryBudget
from vfs.engine.changes import ChangeBus
from vfs.engine.files.attempt_log import AttemptLog
from vfs.engine.files.durability import Durability, JournalDurability, StoreDurability
from vfs.engine.files.journal import Journal
from vfs.engine.files.mount_context import MountContext
from vfs.engine.files.store_tree import StoreTree
from vfs.engine.workers import Workers


@contextmanager
def store_tree(
    backend: Backend, state: Path, durability: Literal["store", "disk"] = "store", ttl: float = 60.0
) -> Iterator[StoreTree]:
    workers = Workers(8)
    budget = MemoryBudget(64 << 20)
    journal = Journal(str(state / "journal"))
    context = MountContext(
        name="m",
        location="test:m",
        backend=backend,
        changes=ChangeBus(),
        workers=workers,
        budget=budget,
        memory=MemoryBlocks(budget),
        disk=None,
        staging_directory=journal.directory,
        log=logging.getLogger("vfs.test"),
        attempts=AttemptLog(str(state / "attempts")),
    )
    settled: Durability = JournalDurability(journal) if durability == "disk" else StoreDurability(journal)
    tree = StoreTree(context, settled, ttl=ttl)
    try:
        yield tree
    finally:
        tree.close()
        workers.close()


def put(tree: StoreTree, key: str, content: bytes) -> None:
    """Write a whole file as a program would."""
    handle = tree.create(key)
    try:
        handle.truncate(0)
        handle.write(0, content)
        handle.flush()
    finally:
        handle.close()


def content_of(tree: StoreTree, key: str) -> bytes:
    """Read a whole file as a program would."""
    handle = tree.open(key)
    try:
        return bytes(handle.read(0, 1 << 30))
    finally:
        handle.close()


def names(tree: StoreTree, folder: str = "") -> list[str]:
    """What `ls` shows."""
    return sorted(entry.name for entry in tree.list(folder))
