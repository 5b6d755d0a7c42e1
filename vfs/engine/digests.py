"""Digests and comparisons of contents: by the storages' own hashes where they have them, else by bytes."""

import hashlib
from collections.abc import Callable, Iterator

from vfs.engine.backend import STREAM_CHUNK, Buffer
from vfs.engine.entries import Entry
from vfs.engine.errors import IsADirectory
from vfs.engine.files.tree import FileTree
from vfs.engine.mount_errors import naming_mount

Place = tuple[FileTree, str]
"""A tree and a key in it."""

Reading = Callable[[int, int], Buffer]
"""Gives bytes from an offset, at most a number of them; none at the end."""


def digest(tree: FileTree, key: str, algorithm: str) -> str:
    """The hex digest of a file's content: the storage's own if it has this one, else of one pass over it.

    Raises ValueError for an algorithm that `hashlib` does not know, and what `open` raises.
    """
    hashlib.new(algorithm, usedforsecurity=False)
    told = tree.transfers.content_hash(key)
    if told is not None and told[0] == algorithm:
        return told[1]
    file = tree.open(key)
    try:
        return _digest_of(file.read, algorithm)
    finally:
        file.close()


def same_content(one: Place, other: Place) -> bool:
    """Whether two files hold the same bytes. Sizes first, then hashes that both storages have, then all.

    Raises NotFound and IsADirectory for either.
    """
    if _file(one).size != _file(other).size:
        return False
    hashes = [_told_hash(place) for place in (one, other)]
    if None not in hashes and len({told[0] for told in hashes if told}) == 1:
        return hashes[0] == hashes[1]
    with naming_mount(one[0].name, one[1]):
        file = one[0].open(one[1])
    try:
        return holds(other, file.read)
    finally:
        file.close()


def holds(place: Place, content: Reading) -> bool:
    """Whether a file's bytes are exactly these: by the storage's hash, else both side by side."""
    tree, key = place
    with naming_mount(tree.name, key):
        told = tree.transfers.content_hash(key)
        if told is not None and told[0] in hashlib.algorithms_available:
            return _digest_of(content, told[0]) == told[1]
        file = tree.open(key)
    try:
        return _same_bytes(file.read, content)
    finally:
        file.close()


def _digest_of(read: Reading, algorithm: str) -> str:
    digester = hashlib.new(algorithm, usedforsecurity=False)
    for piece in _pieces(read):
        digester.update(piece)
    return digester.hexdigest()


def _same_bytes(one: Reading, other: Reading) -> bool:
    offset = 0
    for piece in _pieces(one):
        if memoryview(piece) != memoryview(other(offset, len(piece))):
            return False
        offset += len(piece)
    return not len(other(offset, 1))


def _pieces(read: Reading) -> Iterator[Buffer]:
    offset = 0
    while len(piece := read(offset, STREAM_CHUNK)):
        offset += len(piece)
        yield piece


def _file(place: Place) -> Entry:
    tree, key = place
    with naming_mount(tree.name, key):
        entry = tree.stat(key)
        if entry.is_folder:
            raise IsADirectory(path=key)
        return entry


def _told_hash(place: Place) -> tuple[str, str] | None:
    tree, key = place
    with naming_mount(tree.name, key):
        return tree.transfers.content_hash(key)
