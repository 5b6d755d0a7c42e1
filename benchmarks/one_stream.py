"""One file streamed into a mount and out again, in a process of its own, so that its memory can be told.

    python -m benchmarks.one_stream CONFIGURATION PATH BYTES

Prints one line of JSON: seconds of each way, and by how many bytes the process grew over what it was when the
mount was open.
"""

import hashlib
import json
import sys
import time
from collections.abc import Iterator
from pathlib import Path

import vfs

PIECE = 1 << 20


def pieces(size: int) -> Iterator[bytes]:
    """A file of `size` bytes that any layer can take: text, each MiB of it another, in no order to pack."""
    for number in range(size // PIECE):
        digest = hashlib.sha512(str(number).encode()).hexdigest().encode()
        yield (digest * (PIECE // len(digest)))[: PIECE - 1] + b"\n"


def main() -> None:
    configuration, path, size = sys.argv[1], sys.argv[2], int(sys.argv[3])
    with vfs.open(configuration) as storage:
        node = storage.node(path)
        node.parent.child("warm").write_bytes(b"a")
        node.parent.child("warm").read_bytes()
        before = _peak()
        began = time.monotonic()
        node.write_bytes(pieces(size))
        written = time.monotonic()
        digest = hashlib.sha256()
        for piece in node.iter_bytes():
            digest.update(piece)
        read = time.monotonic()
        grown = _peak() - before
        node.delete()
    expected = hashlib.sha256()
    for piece in pieces(size):
        expected.update(piece)
    if digest.digest() != expected.digest():
        sys.exit(f"{path}: what came back is not what was written")
    print(json.dumps({"write": written - began, "read": read - written, "grown": grown}))


def _peak() -> int:
    """Bytes of memory that the process has ever had at once; getrusage would tell of its parent's, too."""
    status = Path("/proc/self/status").read_text()
    found = next(line for line in status.splitlines() if line.startswith("VmHWM:"))
    return int(found.split()[1]) * 1024


if __name__ == "__main__":
    main()
