"""Mounts that are there and do not answer: the daemon was stopped, or killed while the kernel waited for it.

A daemon that is killed just when it tells the kernel of a change may leave threads in the kernel, which wait
for a folder that some program holds, and that program waits for the daemon. Neither ends, nor does the mount,
until the connection is aborted.
"""

import contextlib
import errno
import os
import subprocess

from vfs.control.client import daemon_on
from vfs.engine.errors import NotFound, StorageError
from vfs.fuse.kernel_settings import Connection

ANSWER_SECONDS = 10.0
"""After which a mount is silent. It is asked for its free space, for which no store is needed."""


def clear_if_dead(mountpoint: str, path: str) -> None:
    """Take a mount of ours away that does not answer, if its daemon is dead; one that answers stays.

    `mountpoint` is a real path, and itself not looked at: that might never end. Raises StorageError, naming
    the process, where the daemon lives and is silent.
    """
    if not _is_silent(mountpoint):
        return
    try:
        with daemon_on(mountpoint) as daemon:
            pid = daemon.pid
    except NotFound:
        raise StorageError(
            f"its mount does not answer, and no daemon of yours has it; first: umount -f -l {path}",
            path,
            errno=errno.EBUSY,
        ) from None
    if is_alive(pid):
        raise StorageError(
            f"its mount does not answer; process {pid} has it: let that go on (kill -CONT), or end it",
            path,
            errno=errno.EBUSY,
        )
    _abort(mountpoint)


def is_alive(pid: int) -> bool:
    """Whether a process goes on. Of a killed one threads may be left for ever, waiting in the kernel."""
    try:
        with open(f"/proc/{pid}/stat", encoding="utf-8", errors="surrogateescape") as stat:
            state = stat.read().rpartition(")")[2].split()[0]
    except (FileNotFoundError, ProcessLookupError):
        return False
    return state not in {"Z", "X"}


def _is_silent(mountpoint: str) -> bool:
    # A process of its own: who asks a mount that does not answer may never come back.
    asking = subprocess.Popen(
        ["stat", "--file-system", mountpoint], stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL
    )
    try:
        asking.wait(ANSWER_SECONDS)
    except subprocess.TimeoutExpired:
        asking.kill()
        with contextlib.suppress(subprocess.TimeoutExpired):
            asking.wait(1)
        return True
    return False


def _abort(mountpoint: str) -> None:
    """Let everything fail that waits for the mount, and take it away."""
    if os.geteuid() == 0:
        command = ["umount", "-f", "-l", mountpoint]
    else:
        connection = Connection.of(mountpoint)
        if connection is not None:
            connection.abort()
        command = ["fusermount3", "-u", "-z", mountpoint]
    subprocess.run(command, capture_output=True, check=False, timeout=30)
