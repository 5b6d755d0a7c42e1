"""Where control sockets lie: a folder that only its owner may enter, a socket for each mount point."""

import contextlib
import errno
import hashlib
import os
import stat
from collections.abc import Iterator

from vfs.engine.errors import PermissionDenied, StorageError, from_os_error

SUFFIX = ".sock"

UNITS = "/run/vfsdav"
"""Where daemons that the system's units run as users of their own have their folders; root made it."""


def socket_folders(uid: int) -> list[str]:
    """The folders in which a user's daemons may have their sockets, the preferred one first.

    A daemon of a service and a shell of the same user may have different environments, so whoever looks
    for a socket looks in all of them.
    """
    runtime = os.environ.get("XDG_RUNTIME_DIR", "")
    candidates = [runtime] if os.path.isabs(runtime) and uid == os.getuid() else []
    candidates += ["/run"] if uid == 0 else []
    candidates.append(f"/run/user/{uid}")
    folders = [os.path.join(folder, "vfs") for folder in candidates]
    return list(dict.fromkeys([*folders, f"/tmp/vfs-{uid}"]))  # noqa: S108 - checked by `private_folder`


def private_folder() -> str:
    """The first of our own folders that is there or can be made, and that nobody else may enter.

    Raises PermissionDenied where a folder of that name belongs to somebody else.
    """
    *preferred, last = socket_folders(os.getuid())
    for folder in preferred:
        try:
            return _made_private(folder)
        except StorageError:
            continue
    return _made_private(last)


def socket_name(mountpoint: str) -> str:
    """The file name of the socket for a mount point, given by its real path, which is not looked at.

    A name of its own, since most paths would be too long for an address.
    """
    return hashlib.sha256(os.fsencode(mountpoint)).hexdigest()[:24] + SUFFIX


def sockets_of(uid: int) -> Iterator[str]:
    """The control sockets of a user's daemons, of dead ones too; for root also those of the units."""
    owned = [(folder, uid) for folder in socket_folders(uid)]
    for folder, owner in [*owned, *_folders_of_units()] if uid == 0 else owned:
        if is_private(folder, owner):
            names = _names_in(folder)
            yield from (os.path.join(folder, name) for name in names if name.endswith(SUFFIX))


def _folders_of_units() -> Iterator[tuple[str, int]]:
    """The folders of sockets of running units, with the users that they were given to."""
    for name in _names_in(UNITS):
        unit = os.path.join(UNITS, name)
        with contextlib.suppress(FileNotFoundError):
            yield os.path.join(unit, "vfs"), os.lstat(unit).st_uid


def _names_in(folder: str) -> list[str]:
    """None where the folder went, as a unit's does when it stops."""
    try:
        return sorted(os.listdir(folder))
    except FileNotFoundError:
        return []


def is_private(folder: str, uid: int) -> bool:
    """Whether this is a folder, and no link to one, which this user owns and nobody else may enter."""
    try:
        found = os.lstat(folder)
    except OSError:
        return False
    return stat.S_ISDIR(found.st_mode) and found.st_uid == uid and not found.st_mode & 0o077


def _made_private(folder: str) -> str:
    try:
        os.mkdir(folder, 0o700)
    except FileExistsError:
        if not is_private(folder, os.getuid()):
            raise PermissionDenied("is not a folder that you alone may enter", folder) from None
    except OSError as error:
        raise from_os_error(error, folder) from error
    if not os.access(folder, os.W_OK | os.X_OK):
        raise PermissionDenied("cannot be written", folder, errno=errno.EACCES)
    return folder
