"""StorageManager: the mount table of one process, with the caches and threads that its mounts share."""

import hashlib
import logging
import os
import threading
from collections.abc import Callable, Iterator, Sequence
from contextlib import ExitStack
from typing import Self

from vfs.engine.backend import Backend, HasLocation, OpensInPlace
from vfs.engine.cache.blocks import MemoryBlocks
from vfs.engine.cache.budget import MemoryBudget
from vfs.engine.cache.disk import DiskBlocks
from vfs.engine.changes import ChangeBus
from vfs.engine.errors import ConfigError, NotFound, StorageError, from_os_error
from vfs.engine.files.durability import Durability, StoreDurability
from vfs.engine.files.in_place import InPlaceTree
from vfs.engine.files.journal import Journal
from vfs.engine.files.mount_context import MountContext
from vfs.engine.files.read_only import ReadOnlyTree
from vfs.engine.files.sending import JournalDurability
from vfs.engine.files.store_tree import StoreTree
from vfs.engine.files.tree import FileTree, Unsent
from vfs.engine.mounts import MountSpec, Settings, build_stack
from vfs.engine.node import StorageNode
from vfs.engine.paths import split_mount
from vfs.engine.spelling import did_you_mean
from vfs.engine.workers import Workers

log = logging.getLogger("vfs")

IN_PLACE_TTL = 1.0
"""Seconds: others change a local folder as they please, and asking it again is cheap."""

STORE_TTL = 10.0
"""Seconds: asking a store costs a request."""


class StorageManager:
    """Mounts by name; each is a `FileTree`. Thread-safe; a context manager that closes what it opened."""

    def __init__(self, settings: Settings | None = None) -> None:
        """Open every mount of the settings. Raises what the first that cannot be opened raises."""
        self.changes = ChangeBus()
        self._lock = threading.Lock()
        self._trees: dict[str, FileTree] = {}
        self._resources = ExitStack()
        self._rule(settings or Settings())
        self._workers = Workers()
        self._resources.callback(self._workers.close)
        self._disk: DiskBlocks | None = None
        try:
            for spec in self.settings.mounts:
                self.add_mount(spec)
        except BaseException:
            self.close()
            raise

    def _rule(self, settings: Settings) -> None:
        self.settings = settings
        self._budget = MemoryBudget(settings.cache.memory)
        self._memory = MemoryBlocks(self._budget)

    def take_up(self, settings: Settings) -> None:
        """Open the mounts of more settings, all of them or none.

        The first settings with mounts say what rules cache and state; ConfigError when later ones do too.
        """
        if not self._trees:
            self._rule(settings)
        elif ruled := {"cache", "state"} & settings.model_fields_set:
            raise ConfigError(f"{' and '.join(sorted(ruled))}: can be set before the first mount only")
        opened: list[str] = []
        try:
            for spec in settings.mounts:
                self.add_mount(spec)
                opened.append(spec.name)
        except BaseException:
            for name in opened:
                self._trees.pop(name).close()
            raise
        main = self.settings.main or settings.main
        self.settings = self.settings.model_copy(update={"main": main})

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        self.close()

    def __repr__(self) -> str:
        return f"StorageManager(mounts={self.mount_names()})"

    def mount_names(self) -> Sequence[str]:
        """In the order in which they were added."""
        return list(self._trees)

    def has_mount(self, name: str) -> bool:
        return name in self._trees

    def __contains__(self, name: object) -> bool:
        return name in self._trees

    def __iter__(self) -> Iterator[str]:
        """The names of the mounts."""
        return iter(self.mount_names())

    def __len__(self) -> int:
        return len(self._trees)

    def __bool__(self) -> bool:
        return True

    def node(self, path: str = "", *parts: str) -> StorageNode:
        """The node at `mount:path`, or at a path in the main mount; `parts` lead further down.

        Where there is no main mount, a mount's name alone is its root. Nothing is asked of the storage.
        Raises NotFound for an unknown mount, InvalidPath for what can be no path.
        """
        if self.settings.main is None and path in self._trees:
            path = f"{path}:"
        tree, key = self.resolve(path)
        return StorageNode(self, tree.name, key).child(*parts)

    def tree(self, name: str) -> FileTree:
        """Raises NotFound for a name that is no mount."""
        tree = self._trees.get(name)
        if tree is None:
            raise NotFound(f"there is no mount {name!r}; {did_you_mean(name, self._trees)}")
        return tree

    def resolve(self, path: str) -> tuple[FileTree, str]:
        """The tree and the key that `mount:path`, or a path in the main mount, stands for."""
        name, key = split_mount(path)
        if name is None:
            name = self.settings.main
        if name is None:
            raise NotFound("no mount is named here, and the configuration has no main one", path)
        return self.tree(name), key

    def add_mount(self, spec: MountSpec) -> FileTree:
        """Open a mount. Raises ConfigError for a name that is taken, and what the storage raises."""
        with self._lock:
            if spec.name in self._trees:
                raise ConfigError(f"there is a mount {spec.name!r} already")
            try:
                tree = self._opened(spec)
            except StorageError as error:
                error.mount = error.mount or spec.name
                raise
            self._trees[spec.name] = tree
            return tree

    def _opened(self, spec: MountSpec) -> FileTree:
        backend = build_stack(spec)
        try:
            tree = self._tree_over(spec, backend)
        except BaseException:
            backend.close()
            raise
        return ReadOnlyTree(tree) if spec.is_readonly else tree

    def _tree_over(self, spec: MountSpec, backend: Backend) -> FileTree:
        if backend.ability(OpensInPlace) is not None:
            ttl = IN_PLACE_TTL if spec.ttl is None else spec.ttl
            return InPlaceTree(spec.name, backend, ttl=ttl, changes=self.changes)
        journal = self._journal_of(spec, backend)
        context = MountContext(
            name=spec.name,
            backend=backend,
            changes=self.changes,
            workers=self._workers,
            memory=self._memory,
            disk=self._disk_blocks(),
            staging_directory=journal.directory,
            log=log,
        )
        ttl = STORE_TTL if spec.ttl is None else spec.ttl
        return StoreTree(context, _durability(spec, journal), ttl=ttl)

    def _journal_of(self, spec: MountSpec, backend: Backend) -> Journal:
        """The journal of this mount on this store: what was meant for another store stays where it is."""
        located = backend.ability(HasLocation)
        store = hashlib.sha256((located.location if located else spec.type).encode()).hexdigest()[:12]
        directory = os.path.join(self.settings.state, "journal", f"{spec.name}-{store}")
        try:
            return Journal(directory)
        except OSError as error:
            raise from_os_error(error, directory) from error

    def _disk_blocks(self) -> DiskBlocks | None:
        cache = self.settings.cache
        if self._disk is None and cache.directory is not None:
            self._disk = DiskBlocks(str(cache.directory), cache.size)
            self._resources.callback(self._disk.close)
        return self._disk

    def unsent(self) -> Sequence[Unsent]:
        """The files of all mounts whose newest bytes are not in their store yet."""
        return [file for tree in self._trees.values() for file in tree.unsent()]

    def flush(self, progress: Callable[[int, int], None] | None = None) -> None:
        """Wait until every store has everything; `progress` hears what is left before each mount."""
        for tree in list(self._trees.values()):
            if progress is not None:
                left = self.unsent()
                progress(len(left), sum(file.size for file in left))
            tree.flush()

    def close(self) -> None:
        """Close every mount and give back what they share; what is unsent stays in the journal."""
        with self._lock:
            trees, self._trees = list(self._trees.values()), {}
        for tree in trees:
            tree.close()
        self._resources.close()


def _durability(spec: MountSpec, journal: Journal) -> Durability:
    return JournalDurability(journal) if spec.durability == "disk" else StoreDurability(journal)
