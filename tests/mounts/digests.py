"""SHA-256 of files and of whole trees, read from the storage and not from the page cache."""

import hashlib
import os
import stat
from collections.abc import Iterator

CHUNK = 1 << 20


def sha256_of_bytes(data: bytes | bytearray | memoryview) -> str:
    return hashlib.sha256(data).hexdigest()


def sha256_of_file(path: str) -> str:
    """The hash of a file's bytes as the file system below the page cache has them."""
    digest = hashlib.sha256()
    for chunk in uncached_chunks(path):
        digest.update(chunk)
    return digest.hexdigest()


def uncached_chunks(path: str) -> Iterator[bytes]:
    """The content in pieces, after the clean pages that the kernel keeps were dropped."""
    fd = os.open(path, os.O_RDONLY)
    try:
        os.posix_fadvise(fd, 0, 0, os.POSIX_FADV_DONTNEED)
        while chunk := os.read(fd, CHUNK):
            yield chunk
    finally:
        os.close(fd)


def is_sha256(fingerprint: str) -> bool:
    """True for a file's entry in what `sha256_of_tree` gives, False for a folder's or a symlink's."""
    return fingerprint != "folder" and not fingerprint.startswith("symlink to ")


def sha256_of_tree(root: str) -> dict[str, str]:
    """Every file, symlink and folder below `root`: its relative path to a hash, a target or `folder`."""
    found: dict[str, str] = {}
    for folder, folders, files in os.walk(root):
        for name in folders + files:
            path = os.path.join(folder, name)
            found[os.path.relpath(path, root)] = _fingerprint(path)
    return found


def _fingerprint(path: str) -> str:
    mode = os.lstat(path).st_mode
    if stat.S_ISLNK(mode):
        return f"symlink to {os.readlink(path)}"
    if stat.S_ISDIR(mode):
        return "folder"
    return sha256_of_file(path)
