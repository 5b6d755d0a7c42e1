"""The unified diff of two texts, as `diff -u` writes it and `patch` reads it."""

import errno
import io
import os
from collections.abc import Iterator, Sequence

from vfs.engine.errors import StorageError
from vfs.engine.matching import Span, changes

LIMIT = 16 << 20
"""Bytes that each of two files may have, where no other limit is given: both are held to be compared."""

MOST_LINES = 1_000_000
"""Lines that each may have: they cost more than their bytes."""

_CONTEXT = 3
_LOOKED_AT = 8000
"""Bytes at the beginning of a file in which a NUL says that it is no text, as git has it."""


def unified_diff(old: bytes, new: bytes, old_name: str, new_name: str) -> bytes:
    """What makes the new text of the old one; nothing where they are equal.

    Lines end with a line feed, and are bytes in any encoding. Of files that are no text, one line says that
    they differ. Raises StorageError (EFBIG) for too many lines.
    """
    if old == new:
        return b""
    names = _shown(old_name), _shown(new_name)
    if _is_binary(old) or _is_binary(new):
        return b"Binary files %b and %b differ\n" % names
    old_lines, new_lines = _lines(old, old_name), _lines(new, new_name)
    hunks = (_hunk(old_lines, new_lines, group) for group in _grouped(changes(old_lines, new_lines)))
    return b"".join([b"--- %b\n+++ %b\n" % names, *(line for hunk in hunks for line in hunk)])


def not_compared(old_name: str, new_name: str, why: str) -> bytes:
    """The one line that stands for a diff which would cost too much."""
    return b"Files %b and %b: %b\n" % (_shown(old_name), _shown(new_name), why.encode())


def check_size(size: int, name: str, limit: int) -> None:
    """Raises StorageError (EFBIG) for a file that is too large to be compared."""
    if size > limit:
        raise StorageError(
            f"{name} is too large to be compared: {size} bytes, {limit} allowed", errno=errno.EFBIG
        )


def _is_binary(data: bytes) -> bool:
    return b"\0" in data[:_LOOKED_AT]


def _lines(data: bytes, name: str) -> list[bytes]:
    lines = io.BytesIO(data).readlines(-1)
    if len(lines) > MOST_LINES:
        raise StorageError(
            f"{name} has too many lines to be compared: {len(lines)}, {MOST_LINES} allowed",
            errno=errno.EFBIG,
        )
    return lines


def _shown(name: str) -> bytes:
    """A name as it is, or in quotes and escaped, as git does, where it would end its line or its field."""
    plain = os.fsencode(name)
    if not any(letter < 32 or letter in b'"\\\x7f' for letter in plain):
        return plain
    escaped = (b"\\%03o" % letter if letter < 32 or letter == 127 else bytes([letter]) for letter in plain)
    quoted = (b"\\" + letter if letter in {b'"', b"\\"} else letter for letter in escaped)
    return b'"%b"' % b"".join(quoted)


def _grouped(found: Iterator[Span]) -> Iterator[list[Span]]:
    """Changes so near to each other that they share their context."""
    group: list[Span] = []
    for span in found:
        if group and span[0] - group[-1][1] > 2 * _CONTEXT:
            yield group
            group = []
        group.append(span)
    if group:
        yield group


def _hunk(old: Sequence[bytes], new: Sequence[bytes], group: Sequence[Span]) -> Iterator[bytes]:
    first, last = group[0], group[-1]
    before = min(first[0], _CONTEXT)
    after = min(len(old) - last[1], _CONTEXT)
    i = first[0] - before
    yield b"@@ -%b +%b @@\n" % (
        _range(i, last[1] + after - i),
        _range(first[2] - before, last[3] + after - (first[2] - before)),
    )
    for i1, i2, j1, j2 in group:
        yield from (_marked(b" ", line) for line in old[i:i1])
        yield from (_marked(b"-", line) for line in old[i1:i2])
        yield from (_marked(b"+", line) for line in new[j1:j2])
        i = i2
    yield from (_marked(b" ", line) for line in old[i : i + after])


def _range(start: int, length: int) -> bytes:
    if length == 1:
        return b"%d" % (start + 1)
    return b"%d,%d" % (start + 1 if length else start, length)


def _marked(mark: bytes, line: bytes) -> bytes:
    whole = mark + line
    return whole if whole.endswith(b"\n") else whole + b"\n\\ No newline at end of file\n"
