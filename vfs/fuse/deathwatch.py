"""A process beside a mount, which aborts the connection if the serving process was killed and cannot end.

A thread that tells the kernel of a change waits there for the folder's lock (`fuse_reverse_inval_entry` in
the kernel's fs/fuse/dir.c), which a program may hold that waits for our answer. SIGKILL ends all threads but
this one: it cannot be interrupted, keeps /dev/fuse open, and so the program waits for ever, and every other
one that comes to the folder. Aborting the connection, as fuse(4) and the kernel's fuse documentation have
it, is the way out, and only another process is left to do it.

Run by its path, in a bare interpreter: of vfs it imports nothing, to stay small.
"""

import contextlib
import os
import re
import subprocess
import sys
import time
from collections.abc import Iterator

LOOK_SECONDS = 1.0
"""Between two looks at the serving process."""


@contextlib.contextmanager
def watched(device: str) -> Iterator[None]:
    """Inside, the mount is aborted if this process dies and leaves a thread in the kernel.

    `device` is the mount's, as mountinfo writes it ("0:52").
    """
    command = [sys.executable, "-I", "-S", os.path.abspath(__file__), str(os.getpid()), device]
    # A session of its own: what is sent to the group of the serving process must not take its watch away.
    watch = subprocess.Popen(
        command,
        stdin=subprocess.DEVNULL,
        stdout=subprocess.DEVNULL,
        stderr=subprocess.DEVNULL,
        cwd="/",
        start_new_session=True,
    )
    try:
        yield
    finally:
        watch.kill()
        watch.wait()


def main(parent: int, device: str) -> None:
    """Return when the parent is gone; abort its connection when it is dead, and not gone."""
    mount = _mount(device)
    was_dead = False
    while os.getppid() == parent:
        # Whoever is killed is dead for a moment before it is gone, and then nothing needs to be done.
        is_dead = _is_dead(parent)
        if is_dead and was_dead:
            # Numbers are given out again: another mount may have this device by now, or this place.
            if mount is not None and _mount(device) == mount:
                _abort(device, mount[1])
            return
        was_dead = is_dead
        time.sleep(LOOK_SECONDS)


def _is_dead(process: int) -> bool:
    """Whether the first thread has ended; with another one left in the kernel, the process is there still."""
    try:
        with open(f"/proc/{process}/stat", "rb") as stat:
            state = stat.read().rpartition(b")")[2].split()[0]
    except (FileNotFoundError, ProcessLookupError):
        return False
    return state in {b"Z", b"X"}


def _mount(device: str) -> tuple[bytes, bytes] | None:
    """The number of the mount of this device, and where it is mounted; None when there is none."""
    with open("/proc/self/mountinfo", "rb") as mounts:
        for line in mounts:
            number, _, found, _, mountpoint, *_ = line.split()
            if found == device.encode():
                return number, re.sub(rb"\\([0-7]{3})", lambda octal: bytes([int(octal[1], 8)]), mountpoint)
    return None


def _abort(device: str, mountpoint: bytes) -> None:
    """By the kernel's file for it, which is the owner's to write; where there is none, root has umount(2)."""
    minor = device.partition(":")[2]
    try:
        with open(f"/sys/fs/fuse/connections/{minor}/abort", "w", encoding="ascii") as abort:
            abort.write("1")
    except OSError:
        subprocess.run(["umount", "--force", "--lazy", mountpoint], check=False)


if __name__ == "__main__":
    main(int(sys.argv[1]), sys.argv[2])
