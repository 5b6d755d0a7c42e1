"""A random-operation checker: one file is changed in every way at once, and compared with a model in memory.

    python -m tests.tools.fsx DIRECTORY --ops 100000 --seed 1

The idea is fsx's: the operations are random, so what breaks is a combination that nobody thought of; they
follow from the seed, so that it breaks again.
"""

import argparse
import mmap
import os
import random
import sys
from collections import deque
from collections.abc import Callable

REMEMBERED = 25
"""Operations told when a comparison fails."""


class Mismatch(AssertionError):
    """The file is not what the model says; the message holds the place and the last operations."""


class Checker:
    """A file in `directory`, its model, and the operations on both.

    Sizes are in bytes: the file never grows past `max_size`, one operation touches `max_io` at most.
    """

    def __init__(self, directory: str, seed: int, *, max_size: int = 1 << 20, max_io: int = 1 << 16) -> None:
        self.directory = directory
        self.max_size = max_size
        self.max_io = max_io
        self.model = bytearray()
        self.done = 0
        self._random = random.Random(seed)
        self._seed = seed
        self._names = 0
        self._log: deque[str] = deque(maxlen=REMEMBERED)
        self._path = self._fresh_path()
        self._fd = os.open(self._path, os.O_RDWR | os.O_CREAT | os.O_EXCL, 0o644)
        self._acts: dict[Callable[[], str], int] = {
            self.read: 25,
            self.write: 25,
            self.append: 8,
            self.map_read: 12,
            self.map_write: 12,
            self.truncate_down: 4,
            self.truncate_up: 4,
            self.sync: 3,
            self.reopen: 5,
            self.rename: 2,
        }

    def run(self, operations: int) -> None:
        """Do so many operations, then compare the whole file, reopened. Raises Mismatch."""
        acts, weights = list(self._acts), list(self._acts.values())
        for act in self._random.choices(acts, weights, k=operations):
            self.done += 1
            self._log.append(f"{self.done} {act.__name__}")
            self._log[-1] += f" {act()}"
        self.reopen()
        self.compare(0, len(self.model))

    def close(self) -> None:
        """Close and remove the file."""
        os.close(self._fd)
        os.unlink(self._path)

    def read(self) -> str:
        start, end = self._range()
        self.compare(start, end)
        return f"{start}..{end}"

    def write(self) -> str:
        start = self._random.randint(0, min(len(self.model) + self.max_io, self.max_size - 1))
        data = self._bytes(self.max_size - start)
        return self._write_at(start, data)

    def append(self) -> str:
        start = len(self.model)
        return self._write_at(start, self._bytes(self.max_size - start))

    def map_read(self) -> str:
        start, end = self._range()
        if start < end:
            with mmap.mmap(self._fd, len(self.model), prot=mmap.PROT_READ) as mapping:
                self._expect(start, mapping[start:end], self.model[start:end])
        return f"{start}..{end}"

    def map_write(self) -> str:
        start, end = self._range()
        if start < end:
            data = self._random.randbytes(end - start)
            with mmap.mmap(self._fd, len(self.model)) as mapping:
                mapping[start:end] = data
                if self._random.random() < 0.3:
                    mapping.flush()
            self.model[start:end] = data
        return f"{start}..{end}"

    def truncate_down(self) -> str:
        return self._truncate(self._random.randint(0, len(self.model)))

    def truncate_up(self) -> str:
        return self._truncate(self._random.randint(len(self.model), self.max_size))

    def sync(self) -> str:
        os.fsync(self._fd)
        return ""

    def reopen(self) -> str:
        os.close(self._fd)
        self._fd = os.open(self._path, os.O_RDWR)
        self._expect_size(os.stat(self._path).st_size)
        return f"size {len(self.model)}"

    def rename(self) -> str:
        fresh = self._fresh_path()
        os.rename(self._path, fresh)
        self._path = fresh
        return f"to {os.path.basename(fresh)}"

    def compare(self, start: int, end: int) -> None:
        """The bytes of this range, read by the descriptor, are the model's, and so is the size."""
        self._expect_size(os.fstat(self._fd).st_size)
        for offset in range(start, end, 1 << 20):
            size = min(1 << 20, end - offset)
            self._expect(offset, os.pread(self._fd, size, offset), self.model[offset : offset + size])

    def _range(self) -> tuple[int, int]:
        """A range within the file, empty only when the file is."""
        size = len(self.model)
        if size == 0:
            return 0, 0
        start = self._random.randrange(size)
        return start, min(size, start + self._random.randint(1, self.max_io))

    def _bytes(self, room: int) -> bytes:
        return self._random.randbytes(min(room, self._random.randint(1, self.max_io)))

    def _write_at(self, start: int, data: bytes) -> str:
        if data:
            assert os.pwrite(self._fd, data, start) == len(data)
            if start > len(self.model):
                self.model.extend(bytes(start - len(self.model)))
            self.model[start : start + len(data)] = data
        return f"{start}..{start + len(data)}"

    def _truncate(self, size: int) -> str:
        os.ftruncate(self._fd, size)
        grown = size - len(self.model)
        if grown > 0:
            self.model.extend(bytes(grown))
        else:
            del self.model[size:]
        return f"to {size}"

    def _fresh_path(self) -> str:
        self._names += 1
        return os.path.join(self.directory, f"fsx-{self._seed}-{self._names}")

    def _expect_size(self, size: int) -> None:
        if size != len(self.model):
            raise Mismatch(self._said(f"the size is {size}, not {len(self.model)}"))

    def _expect(self, start: int, found: bytes, wanted: bytes | bytearray) -> None:
        if found == wanted:
            return
        place = next((n for n, (a, b) in enumerate(zip(found, wanted, strict=False)) if a != b), None)
        if place is None:
            raise Mismatch(self._said(f"{len(found)} bytes from {start} on, not {len(wanted)}"))
        shown = f"{bytes(found[place : place + 16]).hex()}, not {bytes(wanted[place : place + 16]).hex()}"
        raise Mismatch(self._said(f"first difference at offset {start + place}: {shown}"))

    def _said(self, what: str) -> str:
        return "\n".join(
            (f"seed {self._seed}, operation {self.done}: {what}", "last operations:", *self._log)
        )


def check(directory: str, seed: int, operations: int, **limits: int) -> None:
    """Run a checker from beginning to end. Raises Mismatch, and leaves the file then."""
    checker = Checker(directory, seed, **limits)
    checker.run(operations)
    checker.close()


def main() -> int:
    parser = argparse.ArgumentParser(description="Compare one file with a model under random operations.")
    parser.add_argument("directory")
    parser.add_argument("--ops", type=int, default=10_000, help="operations (%(default)s)")
    parser.add_argument("--seed", type=int, action="append", help="may be repeated; 1 without any")
    parser.add_argument(
        "--max-size", type=int, default=1 << 20, help="bytes the file may reach (%(default)s)"
    )
    parser.add_argument("--max-io", type=int, default=1 << 16, help="bytes of one operation (%(default)s)")
    options = parser.parse_args()
    for seed in options.seed or [1]:
        try:
            check(options.directory, seed, options.ops, max_size=options.max_size, max_io=options.max_io)
        except Mismatch as mismatch:
            sys.stderr.write(f"{mismatch}\n")
            return 1
        sys.stdout.write(f"seed {seed}: {options.ops} operations agree\n")
    return 0


if __name__ == "__main__":
    sys.exit(main())
