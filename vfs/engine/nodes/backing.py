"""What stands behind a node: its mount's storage, what that can do, and what it calls the place itself."""

import os

from vfs.engine.backend import ChecksHealth
from vfs.engine.capabilities import Capability
from vfs.engine.errors import CapabilityNotSupported, InvalidPath
from vfs.engine.node_abilities import ClientT, HasNativePaths, HoldsClients, local_path_of
from vfs.engine.nodes.live import LiveNode, telling_place
from vfs.engine.nodes.plan import ResolutionPlan, plan_of
from vfs.engine.originals import TellsOriginal


class NodeBacking(LiveNode):
    """A place whose storage can be known."""

    __slots__ = ()

    def supports(self, capability: Capability | str) -> bool:
        """Whether the mount, layers included, can do this. Raises ValueError for an unknown word."""
        return Capability(capability) in self.capabilities

    @telling_place
    def ping(self) -> None:
        """Ask the storage whether it is there and lets us in.

        Raises BackendUnavailable, PermissionDenied, and NotFound where the bucket or folder is gone.
        """
        health = self._tree.backend.ability(ChecksHealth)
        if health is not None:
            health.ping()
        else:
            self._tree.backend.stat("")

    @property
    def resolved_path(self) -> str | None:
        """The absolute path of the same bytes on this machine; None where the mount has no such files.

        What is written there is not seen by who has the file open here.
        """
        return local_path_of(self._tree.backend, self._key)

    @telling_place
    def native_path(self) -> str:
        """What the storage calls this place: a local path, `bucket/key`; the path in the mount elsewhere."""
        return self._native(self._key)

    def _native(self, key: str) -> str:
        backend = self._tree.backend
        if (local := local_path_of(backend, key)) is not None:
            return local
        if (named := backend.ability(HasNativePaths)) is not None:
            return named.native_path(key)
        tells = backend.ability(TellsOriginal)
        return key if tells is None else tells.original(key).place

    @telling_place
    def to_key(self, native_path: str) -> str:
        """The path in this mount of what its storage calls so: the inverse of `native_path`.

        Raises InvalidPath for a place that is not in the mount.
        """
        root = self._native("").rstrip("/")
        inside = native_path == root or not root or native_path.startswith(f"{root}/")
        key = native_path[len(root) :].strip("/") if inside else ""
        if not inside or self._native(key).rstrip("/") != native_path.rstrip("/"):
            raise InvalidPath("this place is not in the mount", os.fspath(native_path))
        return key

    @telling_place
    def resolve(self) -> ResolutionPlan:
        """Where this place is, told without asking any storage; secrets are masked."""
        return plan_of(self._table.spec(self._mount), self._key, self._native(self._key))

    @telling_place
    def unwrap(self, wanted: type[ClientT]) -> ClientT:
        """The driver's own object of this type, such as `fsspec.AbstractFileSystem` or obstore's `S3Store`.

        What is done through it passes by caches, open files and errors of ours. Raises CapabilityNotSupported
        where the storage has none, and where layers would be passed by too.
        """
        holds = self._tree.backend.ability(HoldsClients)
        found = None if holds is None else holds.client(wanted)
        if found is None:
            raise CapabilityNotSupported(f"this mount gives out no {wanted.__name__}", self._key)
        return found
