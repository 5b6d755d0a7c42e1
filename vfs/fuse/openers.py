"""Whether the process that opened a file still has it open, at another descriptor.

A shell's `echo x > f` opens the file, duplicates the descriptor onto standard output and closes the first
one, before anything is written; the kernel sends a FLUSH for that close like for any other. While the opener
holds another descriptor one more FLUSH is certain, so an empty file need not be stored for the first.
"""

import os


def is_held(process: int, inode: int, mountpoint: str) -> bool:
    """True if a descriptor of the process is open for writing on this inode below the mountpoint. Blocks.

    A close has taken its own descriptor out of the table before it flushes, and so has a process that ends.
    False where that cannot be told: a process of another user or namespace, or one that has ended.
    """
    try:
        descriptors = os.listdir(f"/proc/{process}/fd")
    except OSError:
        return False
    return any(_shows(process, number, inode, mountpoint) for number in descriptors)


def _shows(process: int, descriptor: str, inode: int, mountpoint: str) -> bool:
    # Only what /proc itself answers: a stat of the link would ask the file system behind it, which may be us.
    try:
        path = os.readlink(f"/proc/{process}/fd/{descriptor}")
        if os.path.commonpath([path, mountpoint]) != mountpoint:
            return False
        with open(f"/proc/{process}/fdinfo/{descriptor}", encoding="ascii") as lines:
            facts = dict(line.split(":", 1) for line in lines if ":" in line)
    except (OSError, ValueError):  # closed meanwhile; a pipe or a socket, which have no path
        return False
    is_writable = int(facts["flags"], 8) & os.O_ACCMODE != os.O_RDONLY
    return is_writable and int(facts.get("ino", "0")) == inode
