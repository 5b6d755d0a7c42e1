"""StorageManager: the mount table of one process, with the caches and threads that its mounts share."""

import threading
from collections.abc import Iterator, Sequence
from typing import Self

from vfs.engine.changes import ChangeBus
from vfs.engine.errors import ConfigError, NotFound, StorageError
from vfs.engine.files.tree import FileTree, Unsent
from vfs.engine.mounts import MountSpec, Settings
from vfs.engine.nodes import StorageNode
from vfs.engine.opening import Resources
from vfs.engine.paths import split_mount
from vfs.engine.spelling import did_you_mean


class StorageManager:
    """Mounts by name; each is a `FileTree`. Thread-safe; a context manager that closes what it opened."""

    def __init__(self, settings: Settings | None = None) -> None:
        """Open every mount of the settings. Raises what the first that cannot be opened raises."""
        self.changes = ChangeBus()
        self._lock = threading.Lock()
        self._trees: dict[str, FileTree] = {}
        self._rule(settings or Settings())
        try:
            for spec in self.settings.mounts:
                self.add_mount(spec)
        except BaseException:
            self.close()
            raise

    def _rule(self, settings: Settings) -> None:
        self.settings = settings
        self._resources = Resources(settings, self.changes)

    def take_up(self, settings: Settings) -> None:
        """Open the mounts of more settings, all of them or none.

        The first settings with mounts say what rules cache and state; ConfigError when later ones do too.
        """
        if not self._trees:
            self._resources.close()
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
                tree = self._resources.open_tree(spec)
            except StorageError as error:
                error.mount = error.mount or spec.name
                raise
            self._trees[spec.name] = tree
            return tree

    def unsent(self) -> Sequence[Unsent]:
        """The files of all mounts whose newest bytes are not in their store yet."""
        return [file for tree in self._trees.values() for file in tree.unsent()]

    def flush(self) -> None:
        """Wait until every store has everything that was written. Raises the first failure."""
        for tree in list(self._trees.values()):
            tree.flush()

    def close(self) -> None:
        """Close every mount and give back what they share; what is unsent stays in the journal."""
        with self._lock:
            trees, self._trees = list(self._trees.values()), {}
        for tree in trees:
            tree.close()
        self._resources.close()
