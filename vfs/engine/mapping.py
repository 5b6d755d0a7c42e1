"""FolderMapping: a folder of any mount as a mapping of keys to bytes, as object stores are used."""

from collections.abc import Iterator, MutableMapping
from contextlib import suppress
from typing import TypeVar, overload

from vfs.engine import paths
from vfs.engine.errors import InvalidPath, IsADirectory, NotADirectory, NotFound
from vfs.engine.nodes import StorageNode

DefaultT = TypeVar("DefaultT")

_ABSENT = object()


class FolderMapping(MutableMapping[str, bytes]):
    """The files below a folder under their paths from there, `/`-joined; folders are only ways to them.

    Keys come as the storage lists them, one sweep for all, and nothing is remembered. A key that no file can
    have is absent, and InvalidPath (a ValueError) when something is to be stored there. All other errors are
    those of nodes. Thread-safe.
    """

    def __init__(self, folder: StorageNode) -> None:
        """The folder need not be there: what is missing is empty, and made by the first file."""
        self.folder = folder

    def __repr__(self) -> str:
        return f"FolderMapping({self.folder.fullpath!r})"

    def node(self, key: str) -> StorageNode:
        """The node of a key. Raises InvalidPath for one that is no path from the folder, as it stands."""
        if not key:
            raise InvalidPath("a key has at least one character", key, mount=self.folder.mount)
        paths.check_key(key)
        return self.folder.child(key)

    def __getitem__(self, key: str) -> bytes:
        try:
            return self.node(key).read_bytes()
        except (InvalidPath, IsADirectory, NotADirectory, NotFound):
            raise KeyError(key) from None

    def __setitem__(self, key: str, value: bytes) -> None:
        self.node(key).write_bytes(value)

    def __delitem__(self, key: str) -> None:
        try:
            node = self.node(key)
            # A symlink and a folder are no values, and deleting a node would take either.
            if not node.is_file():
                raise KeyError(key)
            node.delete()
        except (InvalidPath, IsADirectory, NotADirectory, NotFound):
            raise KeyError(key) from None

    def __contains__(self, key: object) -> bool:
        try:
            return isinstance(key, str) and self.node(key).is_file()
        except InvalidPath:
            return False

    def __iter__(self) -> Iterator[str]:
        """The keys, as they are listed."""
        start = len(self.folder.path) + 1 if self.folder.path else 0
        try:
            for node in self.folder.files(recursive=True):
                yield node.path[start:]
        except NotFound:
            return

    def __len__(self) -> int:
        """How many there are: costs a sweep."""
        return sum(1 for _ in self)

    def __bool__(self) -> bool:
        """Whether there is any key; asks no further than the first."""
        return next(iter(self), None) is not None

    @overload
    def get(self, key: str, /) -> bytes: ...

    @overload
    def get(self, key: str, /, default: bytes) -> bytes: ...

    @overload
    def get(self, key: str, /, default: DefaultT) -> bytes | DefaultT: ...

    def get(self, key: str, /, default: object = _ABSENT) -> object:
        """The value, or the default; without a default KeyError, as in object stores, unlike in a dict."""
        try:
            return self[key]
        except KeyError:
            if default is _ABSENT:
                raise
            return default

    def put(self, key: str, value: bytes) -> None:
        """As `mapping[key] = value`."""
        self[key] = value

    def exists(self, key: str) -> bool:
        """As `key in mapping`."""
        return key in self

    def delete(self, key: str) -> None:
        """As `del mapping[key]`: KeyError for a key that is not there."""
        del self[key]

    def clear(self) -> None:
        """Delete everything in the folder, after one sweep; the folder stays."""
        with suppress(NotFound):
            self.folder.clear()
