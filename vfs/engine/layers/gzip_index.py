"""The index at the end of a gzip file: where its blocks are, and how many bytes they hold.

The file is a sequence of gzip members, each compressing one block of the content, all blocks but the last of
one size. After them come members without content, whose extra fields (RFC 1952, 2.3.1.1) hold the index:

    members "vI"   the stored sizes of the blocks in order, 4 bytes each, little-endian
    a member "vF"  the end of the file: block size (4 bytes), content size (8), index size (8)

To every other program it is an ordinary gzip file.
"""

import itertools
import struct
from collections.abc import Iterator, Sequence

MEMBER_HEADER = b"\x1f\x8b\x08\x04\0\0\0\0\0\xff"
"""Deflate, an extra field, no time, no system."""

EMPTY_BODY = b"\x03\0" + bytes(8)
"""Deflated nothing, its checksum and its length."""

FOOTER = struct.Struct("<IQQ")
_EXTRA = struct.Struct("<H2sH")
FOOTER_SIZE = len(MEMBER_HEADER) + _EXTRA.size + FOOTER.size + len(EMPTY_BODY)
SIZES_PER_MEMBER = 16_000
_INDEX_FRAME = len(MEMBER_HEADER) + _EXTRA.size + len(EMPTY_BODY)


class BlockIndex:
    """Where the blocks of one file are. `size` is that of the content."""

    def __init__(self, block_size: int, size: int, stored_sizes: Sequence[int]) -> None:
        self.block_size = block_size
        self.size = size
        self._offsets = list(itertools.accumulate(stored_sizes, initial=0))

    def stored(self, block: int) -> tuple[int, int]:
        """The range in the stored file of one block."""
        return self._offsets[block], self._offsets[block + 1]

    def size_of(self, block: int) -> int:
        """The bytes of content in one block."""
        return min(self.block_size, self.size - block * self.block_size)


def members(block_size: int, size: int, stored_sizes: Sequence[int]) -> Iterator[bytes]:
    """What is to be appended to the blocks."""
    written = 0
    for at in range(0, len(stored_sizes), SIZES_PER_MEMBER):
        part = stored_sizes[at : at + SIZES_PER_MEMBER]
        member = _member(b"vI", struct.pack(f"<{len(part)}I", *part))
        written += len(member)
        yield member
    yield _member(b"vF", FOOTER.pack(block_size, size, written))


def footer(tail: bytes) -> tuple[int, int, int] | None:
    """(block size, content size, index size) from the end of a file; None where it has no index."""
    start = len(tail) - FOOTER_SIZE
    if start < 0 or tail[start:] != _member(
        b"vF", tail[start + len(MEMBER_HEADER) + _EXTRA.size :][: FOOTER.size]
    ):
        return None
    block_size, size, index_size = FOOTER.unpack_from(tail, start + len(MEMBER_HEADER) + _EXTRA.size)
    return block_size, size, index_size


def stored_sizes(index: bytes) -> list[int] | None:
    """The sizes of the blocks from the members that hold them; None where they are none."""
    found: list[int] = []
    at = 0
    while at < len(index):
        count = _sizes_in_member(index, at)
        if count is None:
            return None
        found += struct.unpack_from(f"<{count}I", index, at + len(MEMBER_HEADER) + _EXTRA.size)
        at += _INDEX_FRAME + 4 * count
    return found


def _sizes_in_member(index: bytes, at: int) -> int | None:
    try:
        _, name, length = _EXTRA.unpack_from(index, at + len(MEMBER_HEADER))
    except struct.error:
        return None
    whole = at + _INDEX_FRAME + length <= len(index)
    return length // 4 if name == b"vI" and length % 4 == 0 and length and whole else None


def _member(name: bytes, data: bytes) -> bytes:
    return MEMBER_HEADER + _EXTRA.pack(4 + len(data), name, len(data)) + data + EMPTY_BODY
