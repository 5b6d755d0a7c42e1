"""Opening a mount: its stack of layers, and the tree over it, on what all mounts of a process share."""

import logging
import os
from collections.abc import Callable
from contextlib import ExitStack
from dataclasses import dataclass

from vfs.engine.backend import Backend, HasLocation, OpensInPlace
from vfs.engine.cache.blocks import BlockStatistics, MemoryBlocks
from vfs.engine.cache.budget import BudgetStatistics, MemoryBudget
from vfs.engine.cache.disk import DiskBlocks, DiskStatistics
from vfs.engine.capabilities import Capability
from vfs.engine.changes import ChangeBus
from vfs.engine.composition import Composition
from vfs.engine.errors import from_os_error
from vfs.engine.files.attempt_log import AttemptLog
from vfs.engine.files.durability import Durability, JournalDurability, StoreDurability
from vfs.engine.files.in_place import InPlaceTree
from vfs.engine.files.journal import Journal, journal_folder
from vfs.engine.files.mount_context import MountContext
from vfs.engine.files.read_only import ReadOnlyTree
from vfs.engine.files.store_tree import StoreTree
from vfs.engine.files.tree import FileTree
from vfs.engine.layers.counted import counted
from vfs.engine.mounts import MountSpec, Settings, build_stack
from vfs.engine.traffic import Traffic
from vfs.engine.virtual.files.composing import Member
from vfs.engine.virtual.files.layer import VirtualLayer
from vfs.engine.virtual.files.table import VirtualFiles
from vfs.engine.workers import Workers

log = logging.getLogger("vfs")

NEAR_TTL = 1.0
"""Seconds: others may change what lies on this machine as they please, and asking again is cheap."""

REMOTE_TTL = 10.0
"""Seconds: asking costs a request over a network."""


@dataclass(frozen=True, slots=True)
class CacheStatistics:
    """What is cached of stores' bytes; `disk` is None while no mount has use for it."""

    budget: BudgetStatistics
    memory: BlockStatistics
    disk: DiskStatistics | None


class Resources:
    """Memory, disk cache, threads and the change bus of one process; trees are opened on them."""

    def __init__(
        self, settings: Settings, changes: ChangeBus, virtual: VirtualFiles, with_virtual: Member
    ) -> None:
        """`with_virtual` gives the stacks that parts of virtual files are read from."""
        self._virtual = virtual
        self._with_virtual = with_virtual
        self._settings = settings
        self._changes = changes
        self._closing = ExitStack()
        self._budget = MemoryBudget(settings.cache.memory)
        self._memory = MemoryBlocks(self._budget)
        self._workers = Workers()
        self._closing.callback(self._workers.close)
        self._disk: DiskBlocks | None = None

    def open_tree(
        self, spec: MountSpec, member: Callable[[str], Backend], *, member_ttl: float | None = None
    ) -> FileTree:
        """The mount's tree, over the stacks that `member` gives for the mounts that it stands on.

        `member_ttl` is how long their entries are believed, where this mount's storage is made of them.
        Raises what the storage raises when it is opened; nothing stays open then.
        """
        state = os.path.join(self._settings.state, "mounts", spec.name)
        traffic = Traffic()
        stack = build_stack(
            spec,
            Composition(spec.name, member, state),
            lambda storage: counted(storage, spec.name, traffic),
        )
        backend = VirtualLayer(stack, spec.name, self._virtual, self._with_virtual)
        try:
            tree = self._tree_over(spec, backend, member_ttl)
        except BaseException:
            backend.close()
            raise
        # At once rather than when a file that was written is closed, where many programs do not look.
        is_readonly = spec.is_readonly or Capability.READONLY in backend.capabilities
        found = ReadOnlyTree(tree) if is_readonly else tree
        found.traffic = traffic
        return found

    def _tree_over(self, spec: MountSpec, backend: Backend, member_ttl: float | None) -> FileTree:
        ttl = member_ttl if spec.ttl is None else spec.ttl
        if ttl is None:
            ttl = REMOTE_TTL if backend.is_remote else NEAR_TTL
        if backend.ability(OpensInPlace) is not None:
            return InPlaceTree(spec.name, backend, ttl=ttl, changes=self._changes)
        located = backend.ability(HasLocation)
        location = located.location if located else f"{spec.type}:{spec.name}"
        journal = self._journal_of(spec, location)
        context = MountContext(
            name=spec.name,
            location=location,
            backend=backend,
            changes=self._changes,
            workers=self._workers,
            budget=self._budget,
            memory=self._memory,
            disk=self._disk_blocks() if backend.is_remote else None,
            staging_directory=journal.directory,
            log=log,
            attempts=self._attempts_of(spec, location) if backend.is_remote else None,
        )
        return StoreTree(context, _durability(spec, journal), ttl=ttl)

    def _journal_of(self, spec: MountSpec, location: str) -> Journal:
        directory = journal_folder(str(self._settings.state), spec.name, location)
        try:
            return Journal(directory)
        except OSError as error:
            raise from_os_error(error, directory) from error

    def _attempts_of(self, spec: MountSpec, location: str) -> AttemptLog:
        journal = journal_folder(str(self._settings.state), spec.name, location)
        return AttemptLog(os.path.join(self._settings.state, "attempts", os.path.basename(journal)))

    def _disk_blocks(self) -> DiskBlocks | None:
        cache = self._settings.cache
        if self._disk is None and cache.directory is not None:
            self._disk = DiskBlocks(str(cache.directory), cache.size)
            self._closing.callback(self._disk.close)
        return self._disk

    def statistics(self) -> CacheStatistics:
        """What all mounts together hold of their stores' bytes."""
        disk = None if self._disk is None else self._disk.statistics()
        return CacheStatistics(self._budget.statistics(), self._memory.statistics(), disk)

    def evict(self, *, disk: bool = False) -> int:
        """Forget the bytes that are cached in memory, with `disk` those on disk too; how many those were."""
        freed = self._memory.reclaim(self._budget.total)
        return freed + (self._disk.clear() if disk and self._disk is not None else 0)

    def close(self) -> None:
        """Call it when every tree is closed."""
        self._closing.close()


def _durability(spec: MountSpec, journal: Journal) -> Durability:
    if spec.durability == "disk" and not spec.is_readonly:
        return JournalDurability(journal)
    return StoreDurability(journal, recovers=not spec.is_readonly)
