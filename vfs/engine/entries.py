"""The values that travel between backends, the engine and the front doors. All are frozen.

That of `Entry` is left to type checkers: listings make them by the thousand, and one whose fields are guarded
at run time takes ten times as long to make.
"""

import stat as stat_bits
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, field, replace
from enum import StrEnum
from types import MappingProxyType
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from dataclasses import dataclass as checked_dataclass
else:

    def checked_dataclass(**_: bool) -> Any:
        """A dataclass with slots that only type checkers hold to be frozen."""
        return dataclass(slots=True)


_NO_METADATA: Mapping[str, str] = MappingProxyType({})

NO_XATTRS: Mapping[str, bytes] = MappingProxyType({})
"""The extended attributes of what is known to have none."""


class EntryKind(StrEnum):
    """What stands at a path."""

    FILE = "file"
    FOLDER = "folder"
    SYMLINK = "symlink"
    SPECIAL = "special"
    """A fifo, a socket or a device node; `Entry.mode` says which."""


# Looking a member of an enumeration up takes longer than all else that `is_file` does.
_FILE, _FOLDER = EntryKind.FILE, EntryKind.FOLDER


@dataclass(frozen=True, slots=True)
class Attributes:
    """POSIX attributes to give to a new entry, or to change on an old one; None leaves a field alone.

    `xattrs`, where given, are all the extended attributes that the entry is to have; a storage that keeps
    none passes over them. `ctime_ns` is when the entry last changed here, before the storage heard of it; a
    storage that looks at its own clock for that passes over it.
    """

    mode: int | None = None
    uid: int | None = None
    gid: int | None = None
    atime_ns: int | None = None
    mtime_ns: int | None = None
    xattrs: Mapping[str, bytes] | None = field(default=None, hash=False)
    ctime_ns: int | None = None

    def __bool__(self) -> bool:
        return any(name != "ctime_ns" for name in self.given)

    @property
    def given(self) -> dict[str, Any]:
        """Those that are not None, by name, which is that of the field of an entry, too."""
        return {name: value for name in Attributes.__slots__ if (value := getattr(self, name)) is not None}

    def over(self, older: "Attributes") -> "Attributes":
        """These where given, the older ones elsewhere."""
        return replace(older, **self.given)


class LaterMetadata(Mapping[str, str]):
    """User metadata that a listing passed over: asked for when first looked at, and the same from then on.

    Looking raises what `Backend.stat` does, but that a file which went has none. Who remembers an entry
    for longer than an act remembers `asked()`: the file's name may be another one's by then.
    """

    __slots__ = ("_ask", "_found", "_name")

    def __init__(self, ask: Callable[[str], Mapping[str, str]], name: str) -> None:
        self._ask = ask
        self._name = name
        self._found: Mapping[str, str] | None = None

    def asked(self) -> Mapping[str, str]:
        if self._found is None:
            self._found = self._ask(self._name)
        return self._found

    def __getitem__(self, name: str) -> str:
        return self.asked()[name]

    def __iter__(self) -> Iterator[str]:
        return iter(self.asked())

    def __len__(self) -> int:
        return len(self.asked())

    def __repr__(self) -> str:
        return "LaterMetadata()" if self._found is None else repr(dict(self._found))


@checked_dataclass(frozen=True, slots=True)
class Entry:
    """One name in a folder, with what is known of it.

    `size` is in bytes; times are nanoseconds since the epoch. `mode` holds the permission bits with
    set-uid, set-gid and sticky (and the type bits for SPECIAL). What a backend does not know is None.
    """

    name: str
    kind: EntryKind
    size: int = 0
    mtime_ns: int | None = None
    etag: str | None = None
    version_id: str | None = None
    content_type: str | None = None
    metadata: Mapping[str, str] = field(default_factory=lambda: _NO_METADATA)
    """That of users. `LaterMetadata` where a listing would have had to ask for each file's."""
    mode: int | None = None
    uid: int | None = None
    gid: int | None = None
    atime_ns: int | None = None
    ctime_ns: int | None = None
    xattrs: Mapping[str, bytes] | None = None
    """All extended attributes; None where they are not told with the entry: `KeepsXattrs` tells them."""
    nlink: int = 1
    rdev: int = 0
    file_id: str | None = None
    """Equal for two names of one file (hard links); None where the backend has no such links."""
    complete: bool = True
    """False when a listing could not tell the POSIX attributes and metadata, or, where contents are stored
    as other bytes, the size: `stat` will."""

    @property
    def is_folder(self) -> bool:
        return self.kind is _FOLDER

    @property
    def is_file(self) -> bool:
        return self.kind is _FILE

    @property
    def attributes(self) -> Attributes:
        """The attributes that a copy of this entry would be given."""
        xattrs = self.xattrs or None
        return Attributes(self.mode, self.uid, self.gid, self.atime_ns, self.mtime_ns, xattrs)


@dataclass(frozen=True, slots=True)
class Version:
    """One state that a file was in; a delete marker is a version too, with no content."""

    id: str
    mtime_ns: int
    size: int
    etag: str | None = None
    is_latest: bool = False
    is_delete_marker: bool = False
    ended_ns: int | None = None
    """When it was replaced or deleted, where the store tells that of the version itself."""


@dataclass(frozen=True, slots=True)
class WriteResult:
    """What a write left in the store. False when nothing was written because nothing had changed."""

    path: str
    size: int
    etag: str | None = None
    version_id: str | None = None
    mtime_ns: int | None = None
    digest: str | None = None
    written: bool = True
    ctime_ns: int | None = None
    """As `stat` tells it, where that is known."""

    def __bool__(self) -> bool:
        return self.written


@dataclass(frozen=True, slots=True)
class TreeInfo:
    """What lies below a folder: regular files, their bytes together, the newest change."""

    file_count: int
    total_size: int
    newest_mtime_ns: int | None


@dataclass(frozen=True, slots=True)
class SpaceUsage:
    """How full a store is, in bytes and in entries; None where the store has no limit to tell."""

    total_bytes: int | None
    free_bytes: int | None
    total_files: int | None = None
    free_files: int | None = None


SPECIAL_TYPES = frozenset({stat_bits.S_IFIFO, stat_bits.S_IFSOCK, stat_bits.S_IFCHR, stat_bits.S_IFBLK})
"""The type bits of what `EntryKind.SPECIAL` stands for."""


_KINDS: Mapping[int, EntryKind] = {
    stat_bits.S_IFREG: EntryKind.FILE,
    stat_bits.S_IFDIR: EntryKind.FOLDER,
    stat_bits.S_IFLNK: EntryKind.SYMLINK,
}


def kind_of_mode(mode: int) -> EntryKind:
    """The kind that a full `st_mode`, type bits included, stands for."""
    return _KINDS.get(stat_bits.S_IFMT(mode), EntryKind.SPECIAL)


def lasting(entry: Entry) -> Entry:
    """The entry to be remembered: with its metadata, where a listing left them for later."""
    if isinstance(entry.metadata, LaterMetadata):
        return replace(entry, metadata=entry.metadata.asked())
    return entry
