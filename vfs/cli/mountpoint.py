"""The folder to mount on: what must be true of it, and clearing what a killed daemon left there."""

import errno
import os
import shutil
import stat
import subprocess

from vfs.cli.silent_mounts import clear_if_dead
from vfs.engine.errors import StorageError, from_os_error
from vfs.fuse.mount_table import find_mount

FILE_SYSTEM_TYPE = "fuse.vfs"
"""How our mounts are called in the kernel's mount table."""

_AWAITING = "autofs"
"""What covers a mount point whose file system is mounted when somebody looks there."""


def prepare_mountpoint(path: str, *, nonempty: bool = False) -> str:
    """The absolute path of a folder that can be mounted on, a dead mount of ours cleared from it.

    Raises StorageError with what is wrong and what to do.
    """
    _check_fuse()
    _clear_silent_mount(path)
    mountpoint = os.path.realpath(path)
    if _is_awaited(mountpoint):
        return mountpoint
    status = _status(mountpoint, path)
    if status is None:
        _clear_dead_mount(mountpoint, path)
        status = _status(mountpoint, path)
    if status is None:
        raise StorageError("its dead mount cannot be cleared", path)
    if not stat.S_ISDIR(status.st_mode):
        raise StorageError("cannot mount here: this is not a folder", path, errno=errno.ENOTDIR)
    mounted = find_mount(mountpoint)
    if mounted is not None and mounted.type == FILE_SYSTEM_TYPE:
        raise StorageError(f"already a vfs mount; first: fusermount3 -u {path}", path, errno=errno.EBUSY)
    _check_ours(mountpoint, path)
    if not nonempty:
        _check_empty(mountpoint, path)
    return mountpoint


def _is_awaited(mountpoint: str) -> bool:
    """Whether programs that look there are kept waiting until it is mounted; so would we be."""
    mounted = find_mount(mountpoint)
    return mounted is not None and mounted.type == _AWAITING


def _check_fuse() -> None:
    if not os.path.exists("/dev/fuse"):
        raise StorageError(
            "/dev/fuse is missing: load it with 'modprobe fuse' "
            "(in a container: --device /dev/fuse --cap-add SYS_ADMIN)"
        )
    if shutil.which("fusermount3") is None:
        raise StorageError(
            "fusermount3 is missing: install the package fuse3 (apt-get install fuse3, dnf install fuse3)"
        )


def _status(mountpoint: str, path: str) -> os.stat_result | None:
    """The folder's status; None where a dead mount covers it."""
    try:
        # statvfs always asks the daemon; stat may be answered from the kernel's memory of a dead one.
        os.statvfs(mountpoint)
        return os.stat(mountpoint)
    except FileNotFoundError as error:
        raise StorageError(
            f"the mount point does not exist; first: mkdir -p {path}", path, errno=errno.ENOENT
        ) from error
    except OSError as error:
        if error.errno == errno.ENOTCONN:
            return None
        mounted = find_mount(mountpoint)
        if mounted is not None:
            raise StorageError(
                f"already mounted ({mounted.type}) by user {mounted.owner}, who alone may look inside",
                path,
                errno=error.errno,
            ) from error
        raise from_os_error(error, path) from error


def _clear_silent_mount(path: str) -> None:
    """Before anything looks at the folder itself, which could take for ever."""
    above, name = os.path.split(os.path.abspath(path))
    mountpoint = os.path.join(os.path.realpath(above), name)
    mounted = find_mount(mountpoint)
    if mounted is not None and mounted.type == FILE_SYSTEM_TYPE and mounted.owner == os.geteuid():
        clear_if_dead(mountpoint, path)


def _clear_dead_mount(mountpoint: str, path: str) -> None:
    mounted = find_mount(mountpoint)
    if mounted is None:
        return  # what watched over it has just taken it away
    if mounted.type != FILE_SYSTEM_TYPE or os.geteuid() not in {0, mounted.owner}:
        raise StorageError(
            f"a dead mount of type {mounted.type} that is not ours covers it; have its owner run: "
            f"fusermount3 -u {path}",
            path,
            errno=errno.ENOTCONN,
        )
    unmount = subprocess.run(
        ["fusermount3", "-u", mountpoint], capture_output=True, text=True, check=False, timeout=30
    )
    if unmount.returncode != 0 and find_mount(mountpoint) == mounted:
        raise StorageError(
            f"a killed vfsmount left a dead mount that is still in use; leave the folder, then: "
            f"fusermount3 -uz {path}",
            path,
            errno=errno.ENOTCONN,
        )


def _check_ours(mountpoint: str, path: str) -> None:
    if not os.access(mountpoint, os.W_OK | os.X_OK, effective_ids=True):
        raise StorageError(
            "cannot mount here: you may not write to this folder; choose one of your own",
            path,
            errno=errno.EACCES,
        )


def _check_empty(mountpoint: str, path: str) -> None:
    try:
        with os.scandir(mountpoint) as entries:
            occupied = next(entries, None) is not None
    except OSError as error:
        raise from_os_error(error, path) from error
    if occupied:
        raise StorageError(
            "the mount point is not empty; choose an empty folder, or hide what is in it with -o nonempty",
            path,
            errno=errno.ENOTEMPTY,
        )
