"""What a node tells of the entry at its place."""

from vfs.engine.entries import Entry, EntryKind, WriteResult
from vfs.engine.errors import CapabilityNotSupported, IsADirectory
from vfs.engine.nodes.live import LiveNode, telling_place


class NodeState(LiveNode):
    """What stands at a place, as it is now."""

    __slots__ = ()

    @telling_place
    def stat(self) -> Entry:
        """All that is known of the entry, by one question at most."""
        return self._tree.stat(self._key)

    @telling_place
    def exists(self) -> bool:
        return self._tree.kind(self._key) is not None

    @telling_place
    def is_file(self) -> bool:
        """True for a regular file."""
        return self._tree.kind(self._key) is EntryKind.FILE

    @telling_place
    def is_dir(self) -> bool:
        return self._tree.kind(self._key) is EntryKind.FOLDER

    @telling_place
    def size(self) -> int:
        """Bytes. Raises IsADirectory."""
        entry = self._tree.listed(self._key)
        if entry.is_folder:
            raise IsADirectory(path=self._key)
        if entry.complete or self._tree.backend.lists_sizes:
            return entry.size
        return self._tree.stat(self._key).size

    @telling_place
    def mtime(self) -> float:
        """Seconds since the epoch. Raises CapabilityNotSupported where the storage keeps no time for it."""
        entry = self.stat()
        if entry.mtime_ns is None:
            raise CapabilityNotSupported("this storage keeps no time of change here", self._key)
        return entry.mtime_ns / 1e9

    @telling_place
    def etag(self) -> str | None:
        """What changes with every change of the content; None where the storage has no such thing."""
        return self._tree.listed(self._key).etag

    @telling_place
    def head(self) -> WriteResult:
        """What a write of the present content would have told: size, ETag, version and time.

        Raises IsADirectory.
        """
        entry = self._tree.stat(self._key)
        if entry.is_folder:
            raise IsADirectory(path=self._key)
        return WriteResult(self._key, entry.size, entry.etag, entry.version_id, entry.mtime_ns)
