"""Entries as attributes: what is known is kept exactly, what is not has sensible defaults."""

import stat

from vfs.engine.entries import Entry, EntryKind
from vfs.fuse.attributes import Appearance

LOOK = Appearance(uid=7, gid=8, umask=0o022, time_ns=5)


def test_known_attributes_are_kept_to_the_nanosecond() -> None:
    """Mode, owner, size, links and times are those of the entry."""
    entry = Entry(
        "f",
        EntryKind.FILE,
        size=513,
        mtime_ns=1_000_000_001,
        atime_ns=2,
        ctime_ns=3,
        mode=0o4711,
        uid=1,
        gid=2,
        nlink=3,
    )
    shown = LOOK.attributes(9, entry, ttl=2.5)
    assert (shown.st_ino, shown.st_mode, shown.st_nlink) == (9, stat.S_IFREG | 0o4711, 3)
    assert (shown.st_uid, shown.st_gid, shown.st_size, shown.st_blocks) == (1, 2, 513, 2)
    assert (shown.st_mtime_ns, shown.st_atime_ns, shown.st_ctime_ns) == (1_000_000_001, 2, 3)
    assert (shown.entry_timeout, shown.attr_timeout) == (2.5, 2.5)


def test_unknown_attributes_get_the_owner_and_mask_of_the_mount() -> None:
    """Files are 0644 and folders 0755 under the usual mask, owned as the mount says."""
    file = LOOK.attributes(2, Entry("f", EntryKind.FILE), ttl=0)
    folder = LOOK.attributes(3, Entry("d", EntryKind.FOLDER), ttl=0)
    assert (file.st_mode, folder.st_mode) == (stat.S_IFREG | 0o644, stat.S_IFDIR | 0o755)
    assert (file.st_uid, file.st_gid) == (7, 8)


def test_unknown_times_are_one_time_for_all() -> None:
    """An entry without times shows the same ones whenever it is asked for; atime and ctime follow mtime."""
    timeless = LOOK.attributes(2, Entry("f", EntryKind.FILE), ttl=0)
    assert (timeless.st_mtime_ns, timeless.st_atime_ns, timeless.st_ctime_ns) == (5, 5, 5)
    known = LOOK.attributes(2, Entry("f", EntryKind.FILE, mtime_ns=11), ttl=0)
    assert (known.st_atime_ns, known.st_ctime_ns) == (11, 11)


def test_every_kind_has_its_type_bits() -> None:
    """Symlinks and special files are told apart from files and folders."""
    link = LOOK.attributes(2, Entry("l", EntryKind.SYMLINK), ttl=0)
    fifo = LOOK.attributes(3, Entry("p", EntryKind.SPECIAL, mode=stat.S_IFIFO | 0o600), ttl=0)
    assert (link.st_mode, fifo.st_mode) == (stat.S_IFLNK | 0o777, stat.S_IFIFO | 0o600)
