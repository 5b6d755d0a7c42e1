"""A storage that a daemon has, and the same mounts as another process sees them over the control socket."""

from contextlib import ExitStack
from typing import Self

from vfs.control.client import daemon_at
from vfs.control.server import ControlServer
from vfs.control.trees.connections import Connections
from vfs.control.trees.conversation import Conversation
from vfs.control.trees.daemon_tree import DaemonTree
from vfs.engine.backend import Backend
from vfs.engine.backends.given import GivenOptions
from vfs.engine.manager import StorageManager
from vfs.engine.mounts import MountSpec, Settings

NOWHERE = "http://daemon.invalid"


def given(name: str, store: Backend) -> MountSpec:
    """A mount of this store."""
    return MountSpec(name=name, type="given", options=GivenOptions(backend=store))


class Served:
    """`theirs` is the daemon's storage, `ours` what has its mounts over conversations."""

    def __init__(self, settings: Settings, *, readonly: bool = False) -> None:
        self._closing = ExitStack()
        self.theirs = self._closing.enter_context(StorageManager(settings))
        self.ours = self._closing.enter_context(StorageManager())
        self.server = ControlServer(
            NOWHERE,
            {},
            {"trees": lambda talk: Conversation(talk, self.theirs, readonly=readonly).run()},
        )
        self._closing.callback(self.server.close)
        self.connections = Connections(lambda: daemon_at(NOWHERE).talk("trees", timeout=10))
        self._closing.callback(self.connections.close)

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        self._closing.close()

    def mount(self, name: str, store: Backend) -> None:
        """A mount of the daemon over this store, and ours of it."""
        spec = given(name, store)
        self.theirs.add_mount(spec)
        tree = DaemonTree(name, self.connections, name, self.ours.changes)
        self.ours.add_tree(tree, spec)
