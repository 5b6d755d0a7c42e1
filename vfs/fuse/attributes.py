"""Entries as the kernel's attributes."""

import stat
from dataclasses import dataclass

from pyfuse3 import EntryAttributes, InodeT, ModeT

from vfs.engine import Entry, EntryKind

BLOCK_SIZE = 512
"""Unit of st_blocks, whatever the file system."""

PREFERRED_IO_SIZE = 1 << 20
"""st_blksize: programs that copy in pieces of it send requests as big as the kernel takes."""

_TYPE_BITS = {EntryKind.FILE: stat.S_IFREG, EntryKind.FOLDER: stat.S_IFDIR, EntryKind.SYMLINK: stat.S_IFLNK}


@dataclass(frozen=True, slots=True)
class Appearance:
    """Owner and permissions shown for entries whose storage keeps none; times in ns for those without."""

    uid: int
    gid: int
    umask: int
    time_ns: int

    def attributes(
        self, number: int, entry: Entry, *, ttl: float, nlink: int | None = None
    ) -> EntryAttributes:
        """An entry under an inode number, to be believed for `ttl` seconds."""
        shown = EntryAttributes()
        shown.st_ino = InodeT(number)
        shown.entry_timeout = ttl
        shown.attr_timeout = ttl
        shown.st_mode = ModeT(self.mode(entry))
        shown.st_nlink = entry.nlink if nlink is None else nlink
        shown.st_uid = self.uid if entry.uid is None else entry.uid
        shown.st_gid = self.gid if entry.gid is None else entry.gid
        shown.st_rdev = entry.rdev
        shown.st_size = entry.size
        shown.st_blocks = -(-entry.size // BLOCK_SIZE)
        shown.st_blksize = PREFERRED_IO_SIZE
        mtime_ns = self.time_ns if entry.mtime_ns is None else entry.mtime_ns
        shown.st_mtime_ns = mtime_ns
        shown.st_atime_ns = mtime_ns if entry.atime_ns is None else entry.atime_ns
        shown.st_ctime_ns = mtime_ns if entry.ctime_ns is None else entry.ctime_ns
        return shown

    def mode(self, entry: Entry) -> int:
        """The full st_mode, type bits included."""
        kind = entry.kind
        if kind is EntryKind.SPECIAL:
            return entry.mode or stat.S_IFIFO
        if entry.mode is not None:
            return _TYPE_BITS[kind] | stat.S_IMODE(entry.mode)
        if kind is EntryKind.SYMLINK:
            return stat.S_IFLNK | 0o777
        full = 0o777 if kind is EntryKind.FOLDER else 0o666
        return _TYPE_BITS[kind] | full & ~self.umask
