"""What changed between two versions, as a unified diff."""

import difflib

LARGEST = 1 << 20
"""Bytes of a version that is compared."""


def difference(old: bytes, new: bytes, old_name: str, new_name: str) -> bytes:
    """A unified diff of two texts, empty for equal ones; one line where a side is binary."""
    before, after = _quoted(old_name), _quoted(new_name)
    if old == new:
        return b""
    if b"\0" in old or b"\0" in new:
        return b"Binary files %s and %s differ\n" % (before, after)
    lines = difflib.diff_bytes(
        difflib.unified_diff, old.splitlines(keepends=True), new.splitlines(keepends=True), before, after
    )
    return b"".join(map(_ended, lines))


def too_big(old_name: str, new_name: str) -> bytes:
    """What stands instead of a diff where a side has more than `LARGEST` bytes."""
    limit = b"versions of more than %d bytes are not compared" % LARGEST
    return b"Files %s and %s: %s\n" % (_quoted(old_name), _quoted(new_name), limit)


def _ended(line: bytes) -> bytes:
    return line if line.endswith((b"\n", b"\r")) else line + b"\n\\ No newline at end of file\n"


def _quoted(name: str) -> bytes:
    """A name in one line of its own."""
    return name.encode("utf-8", "surrogateescape").replace(b"\n", b"\\n").replace(b"\r", b"\\r")
