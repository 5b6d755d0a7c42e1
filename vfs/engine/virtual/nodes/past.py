"""PastNode: an old version of a node's file, to be read as a node."""

from collections.abc import Iterator
from datetime import datetime
from typing import NoReturn

from vfs.engine.backend import Buffer
from vfs.engine.entries import Entry, EntryKind, Version
from vfs.engine.errors import NotFound
from vfs.engine.mount_errors import naming_mount
from vfs.engine.nodes import StorageNode
from vfs.engine.nodes.past import PastFile, VersionChoice
from vfs.engine.virtual.archives import Member, unique_name
from vfs.engine.virtual.nodes.reading import Finder, VirtualContent, VirtualNode


class PastContent(VirtualContent):
    """One old version, open."""

    def __init__(self, file: PastFile, entry: Entry) -> None:
        self.size = file.size
        self._file = file
        self._entry = entry

    def stat(self) -> Entry:
        return self._entry

    def read(self, offset: int, size: int) -> Buffer:
        return self._file.read(offset, size)


class PastNode(VirtualNode):
    """A file as it was: by the id of a version, its place (-2 is the one before the newest), or a moment.

    Which version that is, the storage is asked each time, and its list of the file's versions is what every
    act costs. What the node raises: NotFound where there is no such version, CapabilityNotSupported where
    none are kept.
    """

    def __init__(
        self, find: Finder, node: StorageNode, version: VersionChoice | None, as_of: datetime | None
    ) -> None:
        """Raises ValueError unless one of `version` and `as_of` is given."""
        if (version is None) is (as_of is None):
            raise ValueError("give either version or as_of")
        super().__init__(find)
        self._node = node
        self._wanted = (version, as_of)

    @property
    def present(self) -> StorageNode:
        """The node of the file as it is now."""
        return self._node

    @property
    def fullpath(self) -> str:
        version, as_of = self._wanted
        told = f"version {version}" if as_of is None else f"as of {as_of.isoformat()}"
        return f"{self._node.fullpath} ({told})"

    def version(self) -> Version:
        """The version meant."""
        with naming_mount(self._node.mount, self._node.path):
            return self._node._version(*self._wanted)

    def exists(self) -> bool:
        """Whether there is such a version."""
        try:
            self.version()
        except NotFound:
            return False
        return True

    def is_file(self) -> bool:
        """As `exists`."""
        return self.exists()

    def stat(self) -> Entry:
        return self._entry(self.version())

    def _entry(self, found: Version) -> Entry:
        name = self._node.name
        return Entry(name, EntryKind.FILE, found.size, found.mtime_ns, found.etag, version_id=found.id)

    def _opened(self) -> PastContent:
        found = self.version()
        file = PastFile(self._node._tree.backend, self._node.path, found)
        return PastContent(file, self._entry(found))

    def _members(self, taken: set[str]) -> Iterator[Member]:
        yield Member(unique_name(self._node.name, taken), self.stat(), self.iter_bytes)

    def write(self, *_: object, **__: object) -> NoReturn:
        """Raises ValueError: what was cannot be changed; `rollback` makes it the newest."""
        raise ValueError(f"{self.fullpath} is an old version, and cannot be written")

    write_bytes = write_text = write
