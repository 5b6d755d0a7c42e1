"""What the system says of a file, as an Entry; and attributes, given to files in the system's way."""

import errno
import os
import stat as stat_bits
from collections.abc import Callable, Mapping
from dataclasses import replace

from vfs.engine.backends.local import metadata as kept_metadata
from vfs.engine.backends.local.system_calls import set_times
from vfs.engine.entries import Attributes, Entry, EntryKind, LaterMetadata, kind_of_mode

_NO_METADATA: Mapping[str, str] = {}
_FILE, _FOLDER, _SPECIAL = EntryKind.FILE, EntryKind.FOLDER, EntryKind.SPECIAL
_PROGRAMS_OWN = ("user.", "trusted.")


def entry_of(
    name: str,
    status: os.stat_result,
    metadata: Mapping[str, str] = _NO_METADATA,
    later: Callable[[str], Mapping[str, str]] | None = None,
) -> Entry:
    """The entry for a file's status; extended attributes are not told, as each is a call of its own.

    `later` tells a regular file's metadata by its name when somebody looks at them, in place of `metadata`.
    """
    mode = status.st_mode
    kind = kind_of_mode(mode)
    is_file = kind is _FILE
    # By position: keywords take twice as long, and a listing makes one of these for each name.
    return Entry(
        name,
        kind,
        status.st_size,
        status.st_mtime_ns,
        etag_of(status) if is_file else None,
        None,
        None,
        LaterMetadata(later, name) if is_file and later is not None else metadata,
        mode if kind is _SPECIAL else stat_bits.S_IMODE(mode),
        status.st_uid,
        status.st_gid,
        status.st_atime_ns,
        status.st_ctime_ns,
        None,
        status.st_nlink,
        status.st_rdev,
        None if kind is _FOLDER else f"{status.st_dev}:{status.st_ino}",
    )


def etag_of(status: os.stat_result) -> str:
    """Another one after every change that the system notices, of content or attributes."""
    return f"{status.st_ino:x}-{status.st_size:x}-{status.st_mtime_ns:x}-{status.st_ctime_ns:x}"


def descriptor_path(descriptor: int) -> str:
    """A path that means exactly this open file, were it a symlink, for calls that take no descriptor."""
    return f"/proc/self/fd/{descriptor}"


def apply(file: int | str, attributes: Attributes) -> None:
    """Give a file what is not None; by `descriptor_path` where the descriptor is for resolving only."""
    if attributes.uid is not None or attributes.gid is not None:
        os.chown(file, _or_unchanged(attributes.uid), _or_unchanged(attributes.gid))
    if attributes.xattrs is not None:
        _replace_xattrs(file, attributes.xattrs)
    if attributes.mode is not None:
        # After the owner: giving a file away clears its set-user-ID bit.
        os.chmod(file, stat_bits.S_IMODE(attributes.mode))
    if attributes.atime_ns is not None or attributes.mtime_ns is not None:
        set_times(file, attributes.atime_ns, attributes.mtime_ns)


def _replace_xattrs(file: int | str, xattrs: Mapping[str, bytes]) -> None:
    """Leave a file no others that programs set; our metadata and what the system keeps there stay."""
    for name in _set_by_programs(file):
        if name not in xattrs:
            os.removexattr(file, name)
    for name, value in xattrs.items():
        os.setxattr(file, name, value)


def _set_by_programs(file: int | str) -> list[str]:
    try:
        names = os.listxattr(file)
    except OSError as error:
        if error.errno == errno.ENOTSUP:
            return []
        raise
    own = (name for name in names if name.startswith(_PROGRAMS_OWN))
    return [name for name in own if not name.startswith(kept_metadata.PREFIX)]


def as_far_as_allowed(attributes: Attributes) -> Attributes:
    """The attributes that a new file of ours can have: only root gives files away, or the system's names."""
    if os.geteuid() == 0:
        return attributes
    xattrs = {name: value for name, value in (attributes.xattrs or {}).items() if name.startswith("user.")}
    return replace(attributes, uid=None, gid=None, xattrs=xattrs or None)


def for_new(attributes: Attributes, folder: int, kind: int) -> Attributes:
    """The attributes that a new entry with these type bits is to have in a folder.

    In a set-group-ID folder the group is inherited, and by folders the bit too, as the system did when it
    made the entry; a symlink has no mode.
    """
    wanted = as_far_as_allowed(attributes)
    if kind == stat_bits.S_IFLNK:
        wanted = replace(wanted, mode=None)
    if os.stat(folder).st_mode & stat_bits.S_ISGID:
        inherited = stat_bits.S_ISGID if kind == stat_bits.S_IFDIR else 0
        mode = None if wanted.mode is None else wanted.mode | inherited
        wanted = replace(wanted, gid=None, mode=mode)
    return wanted


def _or_unchanged(owner: int | None) -> int:
    return -1 if owner is None else owner
