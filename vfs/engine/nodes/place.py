"""PureNode: the place that a node stands for, and its names; nothing here asks a storage."""

# pyright: reportReturnType=false
# It takes a protocol's methods that are a docstring alone for bodies; mypy checks what they return.

import mimetypes
from pathlib import PurePosixPath
from typing import Protocol, Self

from vfs.engine import paths
from vfs.engine.capabilities import Capability
from vfs.engine.files.tree import FileTree
from vfs.engine.mounts import MountSpec

_COMPRESSED = {
    "gzip": "application/gzip",
    "bzip2": "application/x-bzip2",
    "xz": "application/x-xz",
    "compress": "application/x-compress",
    "br": "application/x-brotli",
}
"""What a file is whose name says that it is packed, by the name of the packing."""


class MountTable(Protocol):
    """What a node needs of the manager that made it."""

    def tree(self, name: str) -> FileTree:
        """Raises NotFound for a name that is no mount."""

    def spec(self, name: str) -> MountSpec:
        """What a mount was opened by. Raises NotFound."""

    def resolve(self, path: str) -> tuple[FileTree, str]:
        """The tree and the key of a `mount:path`."""


class PureNode:
    """A mount's name and a path in it. Immutable, hashable; equal where the place is the same.

    Suffixes are as in pathlib: `.bashrc` has none, that of `a.tar.gz` is `.gz`.
    """

    __slots__ = ("_key", "_mount", "_table")

    def __init__(self, table: MountTable, mount: str, key: str) -> None:
        self._table = table
        self._mount = mount
        self._key = key

    @property
    def mount(self) -> str:
        return self._mount

    @property
    def path(self) -> str:
        """The path in the mount, without a leading slash; "" for its root."""
        return self._key

    @property
    def fullpath(self) -> str:
        return f"{self._mount}:{self._key}"

    @property
    def name(self) -> str:
        """The last segment of the path; "" for the root."""
        return paths.name_of(self._key)

    @property
    def basename(self) -> str:
        return self.name

    @property
    def stem(self) -> str:
        return self.name.removesuffix(self.suffix)

    @property
    def suffix(self) -> str:
        """With its dot."""
        return PurePosixPath(self.name).suffix

    @property
    def ext(self) -> str:
        """The suffix without its dot."""
        return self.suffix.removeprefix(".")

    def splitext(self) -> tuple[str, str]:
        """The path without its suffix, and the suffix."""
        return self._key.removesuffix(self.suffix), self.suffix

    @property
    def mimetype(self) -> str:
        """What the name says of the content; `application/octet-stream` where it says nothing."""
        # Without the folder, a name such as "data:x.png" would be taken for a URL.
        guessed, packing = mimetypes.guess_type(f"./{self.name}")
        if packing is not None:
            return _COMPRESSED.get(packing, "application/octet-stream")
        return guessed or "application/octet-stream"

    @property
    def parent(self) -> Self:
        """The folder that holds this; the root's parent is the root."""
        return self._at(paths.parent(self._key))

    @property
    def dirname(self) -> str:
        """The parent's full path."""
        return self.parent.fullpath

    def child(self, *parts: str) -> Self:
        """The node below this one; a part may hold slashes. Raises InvalidPath for `..` and NUL."""
        return self._at(paths.normalize("/".join((self._key, *parts))))

    def __truediv__(self, part: str) -> Self:
        return self.child(part)

    @property
    def capabilities(self) -> frozenset[Capability]:
        """What the mount, layers included, can do."""
        return self._table.tree(self._mount).capabilities

    def _at(self, key: str) -> Self:
        return type(self)(self._table, self._mount, key)

    def __eq__(self, other: object) -> bool:
        if not isinstance(other, PureNode):
            return NotImplemented
        return self._table is other._table and (self._mount, self._key) == (other._mount, other._key)

    def __hash__(self) -> int:
        return hash((self._mount, self._key))

    def __lt__(self, other: "PureNode") -> bool:
        return (self._mount, self._key) < (other._mount, other._key)

    def __str__(self) -> str:
        return self.fullpath

    def __repr__(self) -> str:
        return f"{type(self).__name__}({self.fullpath!r})"
