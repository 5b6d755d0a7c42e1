"""Big files in and out through a loop, in the memory of a few pieces."""

import subprocess
import sys
from pathlib import Path

import pytest

PROGRAM = """
import hashlib, sys
import anyio, vfs.aio

MIB = 1 << 20
PIECE = bytes(range(256)) * 4096

def peak() -> int:
    status = open("/proc/self/status").read()
    return int(status.partition("VmHWM:")[2].split()[0]) << 10

async def pieces(count):
    for number in range(count):
        yield number.to_bytes(8) + PIECE[8:]

async def main():
    async with vfs.aio.open({"mounts": {"here": {"type": sys.argv[1], "path": sys.argv[2]}}}) as storage:
        node = storage.node("here:big")
        await node.write_bytes(pieces(2))
        [piece async for piece in node.iter_bytes()]
        before = peak()
        written, read = hashlib.sha256(), hashlib.sha256()
        assert (await node.write_bytes(pieces(256))).size == 256 * MIB
        async for piece in node.iter_bytes():
            read.update(piece)
        async for piece in pieces(256):
            written.update(piece)
        assert read.digest() == written.digest()
        grown = peak() - before
        assert grown < 64 * MIB, grown >> 20

anyio.run(main, backend=sys.argv[3])
"""


@pytest.mark.parametrize("loop", ["asyncio", "trio"])
def test_256_mib_each_way_in_flat_memory(loop: str, tmp_path: Path) -> None:
    """Neither an async source nor `iter_bytes` collects."""
    folder = tmp_path / "files"
    folder.mkdir()
    command = [sys.executable, "-W", "error", "-c", PROGRAM, "local", str(folder), loop]
    done = subprocess.run(command, capture_output=True, text=True, check=False, timeout=300)
    assert done.returncode == 0, done.stderr
