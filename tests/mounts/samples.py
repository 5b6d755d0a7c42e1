"""Trees and bytes to copy about: reproducible, with everything that a copying tool has to keep."""

import os
import random
import stat
from collections.abc import Iterator

EPOCH_NS = 1_600_000_000_000_000_000
MEBIBYTE = 1 << 20


def random_bytes(size: int, seed: int = 0) -> bytes:
    return random.Random(seed).randbytes(size)


def random_chunks(size: int, seed: int = 0) -> Iterator[bytes]:
    """`size` reproducible bytes, a mebibyte at a time."""
    source = random.Random(seed)
    for offset in range(0, size, MEBIBYTE):
        yield source.randbytes(min(MEBIBYTE, size - offset))


def make_tree(root: str, files: int, seed: int = 0) -> None:
    """`files` files in nested folders, with symlinks, an empty folder, odd modes and old times."""
    source = random.Random(seed)
    os.makedirs(root)
    for number in range(files):
        folder = os.path.join(root, f"d{number % 7}", f"e{number % 3}")
        os.makedirs(folder, exist_ok=True)
        path = os.path.join(folder, f"file {number}.bin")
        with open(path, "wb") as file:
            file.write(source.randbytes(source.choice((0, 1, 100, 4096, 20_000))))
        os.chmod(path, source.choice((0o644, 0o600, 0o755, 0o444)))
    os.mkdir(os.path.join(root, "empty"))
    os.symlink("d0/e0", os.path.join(root, "link to a folder"))
    os.symlink("nowhere", os.path.join(root, "dangling"))
    _make_old(root, source)


def _make_old(root: str, source: random.Random) -> None:
    for folder, folders, files in os.walk(root, topdown=False):
        for name in (*files, *folders):
            when = EPOCH_NS + source.randrange(10**17)
            os.utime(os.path.join(folder, name), ns=(when, when), follow_symlinks=False)


def attributes_of_tree(root: str) -> dict[str, tuple[int, ...]]:
    """Kind, mode, owner, group and mtime of everything below `root`, and the size of what is no folder."""
    found = {}
    for folder, folders, files in os.walk(root):
        for name in (*folders, *files):
            path = os.path.join(folder, name)
            entry = os.lstat(path)
            size = 0 if stat.S_ISDIR(entry.st_mode) else entry.st_size
            found[os.path.relpath(path, root)] = (
                entry.st_mode,
                entry.st_uid,
                entry.st_gid,
                entry.st_mtime_ns,
                size,
            )
    return found
