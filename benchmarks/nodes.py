"""`python -m benchmarks.nodes`: what a call of a node costs on a local mount, over the system's own call."""

import argparse
import os
import tempfile
import timeit
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from pathlib import Path

import vfs

REPEATS = 7
"""The fastest of so many runs counts: whatever else the machine did is in the others."""


@dataclass(frozen=True, slots=True)
class Pair:
    """A node's call, and the system's that answers the same."""

    title: str
    ours: Callable[[], object]
    system: Callable[[], object]
    entries: int = 1
    """Files that one call is about: so many times fewer calls are made."""


def pairs(node: vfs.StorageNode, path: str) -> Sequence[Pair]:
    """The calls on a small file that is there, and on one that is not."""
    absent, absent_path = node.parent / "absent", os.path.join(os.path.dirname(path), "absent")
    return [
        Pair("`exists()` against os.stat", node.exists, lambda: os.stat(path)),
        Pair(
            "`exists()` of nothing against os.path.exists",
            absent.exists,
            lambda: os.path.exists(absent_path),
        ),
        Pair("`stat()` against os.stat", node.stat, lambda: os.stat(path)),
        Pair("`size()` against os.path.getsize", node.size, lambda: os.path.getsize(path)),
        Pair("`read_bytes()` of 1 KiB", node.read_bytes, Path(path).read_bytes),
        Pair(
            "`children()` of 100 files against os.listdir",
            node.parent.children,
            lambda: os.listdir(os.path.dirname(path)),
            100,
        ),
    ]


def fastest(call: Callable[[], object], number: int) -> float:
    """Microseconds of one call."""
    return min(timeit.repeat(call, number=number, repeat=REPEATS)) / number * 1e6


def main() -> None:
    """Print one Markdown row for each call."""
    parser = argparse.ArgumentParser(prog="python -m benchmarks.nodes", description=__doc__)
    parser.add_argument("--calls", type=int, default=5000, help="calls in one run")
    number = parser.parse_args().calls
    with tempfile.TemporaryDirectory() as folder:
        for count in range(100):
            Path(folder, f"file-{count}").write_bytes(os.urandom(1024))
        with vfs.open([{"name": "here", "type": "local", "path": folder}]) as storage:
            print("| call | vfs | system | over it |\n| --- | ---: | ---: | ---: |")
            for pair in pairs(storage.node("here:file-7"), os.path.join(folder, "file-7")):
                calls = max(1, number // pair.entries)
                ours, system = fastest(pair.ours, calls), fastest(pair.system, calls)
                print(f"| {pair.title} | {ours:.1f} µs | {system:.1f} µs | {ours - system:.1f} µs |")


if __name__ == "__main__":
    main()
