"""What a node tells of the entry at its place, of its content's digest and of its storage: each awaited."""

from vfs.aio.nodes.place import AsyncPlace
from vfs.aio.pending import Pending
from vfs.aio.threads import reading
from vfs.engine.entries import Entry, Version, WriteResult
from vfs.engine.node_abilities import ClientT
from vfs.engine.nodes import ResolutionPlan, StorageNode


class AsyncState(AsyncPlace):
    """What stands at a place, as it is now."""

    __slots__ = ()

    def stat(self) -> Pending[Entry]:
        return reading(self._node.stat)

    def exists(self) -> Pending[bool]:
        return reading(self._node.exists)

    def is_file(self) -> Pending[bool]:
        return reading(self._node.is_file)

    def is_dir(self) -> Pending[bool]:
        return reading(self._node.is_dir)

    def size(self) -> Pending[int]:
        return reading(self._node.size)

    def mtime(self) -> Pending[float]:
        return reading(self._node.mtime)

    def etag(self) -> Pending[str | None]:
        return reading(self._node.etag)

    def head(self) -> Pending[WriteResult]:
        return reading(self._node.head)

    def md5hash(self) -> Pending[str]:
        return reading(self._node.md5hash)

    def digest(self, algorithm: str = "sha256") -> Pending[str]:
        return reading(self._node.digest, algorithm)

    def verify(self, expected: str, algorithm: str = "sha256") -> Pending[bool]:
        return reading(self._node.verify, expected, algorithm)

    def same_content(self, other: AsyncPlace | StorageNode) -> Pending[bool]:
        return reading(self._node.same_content, other.sync if isinstance(other, AsyncPlace) else other)

    def versions(self) -> Pending[list[Version]]:
        return reading(self._node.versions)

    def version_count(self) -> Pending[int]:
        return reading(self._node.version_count)

    def ping(self) -> Pending[None]:
        return reading(self._node.ping)

    @property
    def resolved_path(self) -> str | None:
        return self._node.resolved_path

    def native_path(self) -> str:
        """Asks no storage, and is not awaited; nor are `to_key`, `resolve` and `unwrap`."""
        return self._node.native_path()

    def to_key(self, native_path: str) -> str:
        return self._node.to_key(native_path)

    def resolve(self) -> ResolutionPlan:
        return self._node.resolve()

    def unwrap(self, wanted: type[ClientT]) -> ClientT:
        return self._node.unwrap(wanted)
