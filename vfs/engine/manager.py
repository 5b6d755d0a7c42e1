"""StorageManager: the mount table of one process, with the caches and threads that its mounts share."""

import threading
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from datetime import datetime
from typing import Self, overload

from vfs.engine import batches
from vfs.engine.backend import Backend
from vfs.engine.batches import BatchResult
from vfs.engine.changes import ChangeBus
from vfs.engine.coherence import Coherence
from vfs.engine.diffs import LIMIT as DIFF_LIMIT
from vfs.engine.errors import ConfigError, NotFound, StorageError
from vfs.engine.files.tree import FileTree, Unsent
from vfs.engine.mapping import FolderMapping
from vfs.engine.mounts import MountSpec, Settings
from vfs.engine.nodes import StorageNode
from vfs.engine.nodes.past import VersionChoice
from vfs.engine.opening import Resources
from vfs.engine.paths import split_mount
from vfs.engine.reconfiguring import PATIENCE, Door, MountChanges, Patience, at_rest, changes_between
from vfs.engine.references import members_of, opening_order, references_in, wrong_references
from vfs.engine.spelling import did_you_mean
from vfs.engine.virtual.files.table import VirtualFiles
from vfs.engine.virtual.nodes import DiffNode, IterNode, PastNode, VirtualNode
from vfs.engine.virtual.nodes.publishing import Publishing


class StorageManager(Publishing):
    """Mounts by name; each is a `FileTree`. Thread-safe; a context manager that closes what it opened."""

    def __init__(self, settings: Settings | None = None) -> None:
        """Open every mount of the settings. Raises what the first that cannot be opened raises."""
        self.changes = ChangeBus()
        self.closed = False
        self._lock = threading.Lock()
        self._trees: dict[str, FileTree] = {}
        self._specs: dict[str, MountSpec] = {}
        self._virtual = VirtualFiles()
        self._coherence = Coherence(self.changes, self._virtual)
        self._reconfiguring = threading.Lock()
        self._doors: tuple[Door, ...] = ()
        self._rule(settings or Settings())
        try:
            self._open_all(self.settings.mounts)
            self._virtual.configure(self.settings.virtual_files)
        except BaseException:
            self.close()
            raise

    def _rule(self, settings: Settings) -> None:
        self.settings = settings
        self.resources = Resources(settings, self.changes, self._virtual, self._with_virtual)

    def take_up(self, settings: Settings) -> None:
        """Open the mounts of more settings, all of them or none.

        The first settings with mounts say what rules cache and state; ConfigError when later ones do too.
        """
        if not self._trees:
            self.resources.close()
            self._rule(settings)
        elif ruled := {"cache", "state"} & settings.model_fields_set:
            raise ConfigError(f"{' and '.join(sorted(ruled))}: can be set before the first mount only")
        self._open_all(settings.mounts)
        virtual = {**self.settings.virtual, **settings.virtual}
        self._tell(self._virtual.configure({**self._virtual.configured, **settings.virtual_files}))
        main = self.settings.main or settings.main
        self.settings = self.settings.model_copy(update={"main": main, "virtual": virtual})

    def _open_all(self, specs: Sequence[MountSpec]) -> None:
        """All of them, each after those that it stands on, or none."""
        opened: list[str] = []
        try:
            for spec in opening_order(specs):
                self.add_mount(spec)
                opened.append(spec.name)
        except BaseException:
            for name in reversed(opened):
                self._parted(name).close()
            raise
        with self._lock:
            written = [spec.name for spec in specs]
            names = [name for name in self._trees if name not in written] + written
            self._trees = {name: self._trees[name] for name in names}

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        self.close()

    def __repr__(self) -> str:
        return f"StorageManager(mounts={self.mount_names()})"

    def mount_names(self) -> Sequence[str]:
        """In the order in which they were added; of one configuration, as written there."""
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

    @property
    def sync(self) -> "StorageManager":
        """This manager, with nodes whose methods block, wherever they are asked for."""
        return self

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

        Where there is no main mount, a mount's name alone is its root. Nothing is asked of the storage. With
        `version` or `as_of`, as `StorageNode.open` takes them, the file as it was, to be read. Raises
        NotFound for an unknown mount, InvalidPath for what can be no path.
        """
        if self.settings.main is None and path in self._trees:
            path = f"{path}:"
        tree, key = self.resolve(path)
        found = StorageNode(self, tree.name, key).child(*parts)
        if version is None and as_of is None:
            return found
        return PastNode(self.node, found, version, as_of)

    def iternode(self, *nodes: StorageNode | VirtualNode | str, separator: bytes | str = b"") -> IterNode:
        """Nodes or paths one after the other as one node, `separator` between every two. Nothing is read."""
        joined = IterNode(self.sync.node, separator)
        joined.append(*nodes)
        return joined

    def diffnode(
        self,
        old: StorageNode | VirtualNode | str,
        new: StorageNode | VirtualNode | str,
        *,
        limit: int = DIFF_LIMIT,
    ) -> DiffNode:
        """How one text differs from the other, as a unified diff; of at most `limit` bytes each."""
        return DiffNode(self.sync.node, self._as_part(old), self._as_part(new), limit=limit)

    def mapping(self, path: str = "") -> FolderMapping:
        """The files below a folder as a mapping of keys to bytes; raises as `node` does."""
        return FolderMapping(self.sync.node(path))

    def batch_delete(
        self,
        paths: Iterable[StorageNode | str],
        *,
        recursive: bool = False,
        missing_ok: bool = False,
        stop_on_error: bool = False,
        workers: int = batches.WORKERS,
    ) -> BatchResult:
        """Delete many places, several at once, each as `StorageNode.delete` does."""
        return batches.delete(
            map(self._as_node, paths),
            recursive=recursive,
            missing_ok=missing_ok,
            stop_on_error=stop_on_error,
            workers=workers,
        )

    def batch_copy(
        self,
        pairs: Iterable[tuple[StorageNode | str, StorageNode | str]],
        *,
        overwrite: bool = True,
        stop_on_error: bool = False,
        workers: int = batches.WORKERS,
    ) -> BatchResult:
        """Copy many (source, target), several at once, each as `StorageNode.copy_to` does."""
        nodes = ((self._as_node(source), self._as_node(target)) for source, target in pairs)
        return batches.copy(nodes, overwrite=overwrite, stop_on_error=stop_on_error, workers=workers)

    def batch_exists(
        self, paths: Iterable[StorageNode | str], *, workers: int = batches.WORKERS
    ) -> dict[str, bool]:
        """Whether something stands at each place, by full path. Raises the first failure to find out."""
        return batches.exists(map(self._as_node, paths), workers=workers)

    def _as_node(self, place: StorageNode | str) -> StorageNode:
        return place if isinstance(place, StorageNode) else self.sync.node(place)

    def _as_part(self, place: StorageNode | VirtualNode | str) -> StorageNode | VirtualNode:
        return self.sync.node(place) if isinstance(place, str) else place

    def spec(self, name: str) -> MountSpec:
        """What a mount was opened by. Raises NotFound for a name that is no mount."""
        self.tree(name)
        return self._specs[name]

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
        """Open a mount. Raises ConfigError for a name that is taken, and what the storage raises.

        The mounts that it stands on must be open.
        """
        with self._lock:
            if spec.name in self._trees:
                raise ConfigError(f"there is a mount {spec.name!r} already")
            for _, path, sentence in wrong_references([spec], self._trees):
                raise ConfigError(f"mount {spec.name!r}: {'.'.join(map(str, path))}: {sentence}")
            tree = self._opened(spec, self._trees)
            self._enter(spec, tree)
            return tree

    def add_tree(self, tree: FileTree, spec: MountSpec) -> None:
        """Have a tree that was opened elsewhere as the mount of its name, which `spec` is told for.

        It is closed with the others. Raises ConfigError for a name that is taken.
        """
        with self._lock:
            if tree.name in self._trees:
                raise ConfigError(f"there is a mount {tree.name!r} already")
            self._enter(spec, tree)

    def _opened(self, spec: MountSpec, trees: Mapping[str, FileTree]) -> FileTree:
        """The tree of a mount, not in the table yet, standing on some of these."""

        def member(name: str) -> Backend:
            return self._coherence.member(spec.name, name, trees[name].backend)

        # Entries of the mounts that a storage is made of are believed no longer than by those.
        ttl = min((trees[name].ttl for _, name in references_in(spec.options)), default=None)
        try:
            return self.resources.open_tree(spec, member, member_ttl=ttl)
        except StorageError as error:
            error.mount = error.mount or spec.name
            raise

    def _enter(self, spec: MountSpec, tree: FileTree) -> None:
        self._trees[spec.name] = tree
        self._specs[spec.name] = spec
        self._coherence.joined(tree, members_of(spec))

    def users_of(self, name: str) -> Sequence[str]:
        """The open mounts that stand on this one."""
        return self._coherence.users_of(name)

    def remove_mount(self, name: str) -> None:
        """Close a mount once its store has everything. Raises ConfigError while others stand on it.

        Raises NotFound for a name that is no mount; what `reconfigure` raises: the mount stays then.
        """
        self.tree(name)
        if users := self.users_of(name):
            raise ConfigError(f"mount {name!r} cannot be removed: {', '.join(users)} would stand on nothing")
        others = tuple(spec for spec in self._specs.values() if spec.name != name)
        virtual = {
            str(place): file for place, file in self._virtual.configured.items() if place.mount != name
        }
        settings = self.settings.model_copy(update={"mounts": others, "virtual": virtual})
        self.reconfigure(settings, patience=Patience(open_files=0.0))

    def reconfigure(
        self,
        settings: Settings,
        *,
        vet: Callable[[Mapping[str, FileTree]], None] = lambda _: None,
        patience: Patience = PATIENCE,
    ) -> MountChanges:
        """Have these settings' mounts instead: all of the changes, or none where something raises.

        New mounts are opened, others are closed once their stores have everything; a mount with other
        settings is closed and opened anew, and so are those that stand on it. Mounts with the same settings
        are not touched. `vet` is shown the newly opened ones and may raise. Raises ConfigError where cache or
        state differ, ResourceLocked while files are open on a mount that is to be closed, BackendUnavailable
        where a store does not take what is unsent, and what opening raises.
        """
        with self._reconfiguring:
            changes = changes_between(self._specs, self.settings, settings)
            ordered = opening_order(list(self._specs.values()))
            closing = [self._trees[spec.name] for spec in ordered if spec.name in changes.closing]
            opened = self._opened_beside(settings, changes)
            try:
                vet(opened)
                with at_rest(closing, patience):
                    self._exchange(settings, changes, opened)
                    for door in self._doors:
                        door.mounts_changed()
            except BaseException:
                _close_all(opened.values())
                raise
            for door in self._doors:
                door.let_go()
            _close_all(closing)
            return changes

    def _opened_beside(self, settings: Settings, changes: MountChanges) -> dict[str, FileTree]:
        """The trees of the mounts that are to come, while those that go are still in the table."""
        opened: dict[str, FileTree] = {}
        try:
            for spec in opening_order(settings.mounts):
                if spec.name in changes.opening:
                    opened[spec.name] = self._opened(spec, {**self._trees, **opened})
        except BaseException:
            _close_all(opened.values())
            raise
        return opened

    def _exchange(self, settings: Settings, changes: MountChanges, opened: Mapping[str, FileTree]) -> None:
        with self._lock:
            virtual = self._virtual.configure(settings.virtual_files)
            for name in changes.closing:
                self._coherence.left(name)
            for spec in opening_order(settings.mounts):
                if spec.name in opened:
                    self._coherence.joined(opened[spec.name], members_of(spec))
            trees = {**self._trees, **opened}
            # In one step: whoever looks a name up meanwhile finds the old mount or the new one.
            self._trees = {spec.name: trees[spec.name] for spec in settings.mounts}
            self._specs = {spec.name: spec for spec in settings.mounts}
            self.settings = settings
        self._tell(virtual)

    @contextmanager
    def with_door(self, door: Door) -> Iterator[None]:
        """Inside, the door is told when mounts come and go."""
        with self._reconfiguring:
            self._doors = (*self._doors, door)
        try:
            yield
        finally:
            self._doors = tuple(other for other in self._doors if other is not door)

    def _parted(self, name: str) -> FileTree:
        self._coherence.left(name)
        del self._specs[name]
        return self._trees.pop(name)

    def unsent(self) -> Sequence[Unsent]:
        """The files of all mounts whose newest bytes are not in their store yet."""
        return [file for tree in self._trees.values() for file in tree.unsent()]

    def flush(self) -> None:
        """Wait until every store has everything that was written. Raises the first failure."""
        for tree in list(self._trees.values()):
            tree.flush()

    def close(self) -> None:
        """Close every mount, those that stand on others first; what is unsent stays in the journal."""
        with self._lock:
            self.closed = True
            opened = [spec.name for spec in opening_order(list(self._specs.values()))]
            trees = [self._parted(name) for name in reversed(opened)]
        for tree in trees:
            tree.close()
        self.resources.close()


def _close_all(trees: Iterable[FileTree]) -> None:
    """Those that stand on others were opened after them, and go first."""
    for tree in reversed(list(trees)):
        tree.close()
