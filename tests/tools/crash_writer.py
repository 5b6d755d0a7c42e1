"""A program that writes files for ever and says what was acknowledged, until its mount is killed.

    python -m tests.tools.crash_writer DIRECTORY FIRST_VERSION WAYS

Each of its threads rewrites a few files of its own, version after version. `begin SLOT VERSION` is said
before a version is written, `done SLOT VERSION` once close or fsync returned. What a version holds follows
from its slot and number, so a reader can tell every whole version from a torn one.
"""

import os
import random
import sys
import threading

THREADS = 3
SLOTS = 4
MEBIBYTE = 1 << 20

REWRITE, REPLACE, SYNC = "rewrite", "replace", "sync"
"""Ways to write: truncate and close; a synced temporary file renamed over; fsync, with more to come."""


def content(slot: str, version: int) -> bytes:
    """What this version of this file holds: mostly small, at times of several parts, never empty."""
    source = random.Random(f"{slot}:{version}")
    most = source.choices((4096, 300_000, 17 * MEBIBYTE), (60, 35, 5))[0]
    return source.randbytes(source.randint(1, most))


def slots() -> list[str]:
    return [f"slot-{thread}-{number}" for thread in range(THREADS) for number in range(SLOTS)]


def main() -> None:
    directory, first, ways = sys.argv[1], int(sys.argv[2]), sys.argv[3].split(",")
    threads = [
        threading.Thread(target=_work, args=(directory, thread, first, ways)) for thread in range(THREADS)
    ]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()


def _work(directory: str, thread: int, first: int, ways: list[str]) -> None:
    source = random.Random(f"{thread}:{first}")
    mine = slots()[thread * SLOTS : (thread + 1) * SLOTS]
    version = first
    try:
        while True:
            _write(directory, source.choice(mine), version, source.choice(ways))
            version += 1
    except OSError:
        # The mount died, as it was meant to; nothing more was acknowledged.
        return


def _write(directory: str, slot: str, version: int, way: str) -> None:
    path = os.path.join(directory, slot)
    _say(f"begin {slot} {version}")
    written = f"{path}.new" if way == REPLACE else path
    fd = os.open(written, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o644)
    try:
        _write_all(fd, content(slot, version))
        if way != REWRITE:
            os.fsync(fd)
        if way == SYNC:
            _say(f"done {slot} {version}")
    finally:
        os.close(fd)
    if way == REPLACE:
        os.rename(written, path)
    _say(f"done {slot} {version}")


def _write_all(fd: int, data: bytes) -> None:
    for offset in range(0, len(data), 128 * 1024):
        os.write(fd, data[offset : offset + 128 * 1024])


def _say(line: str) -> None:
    # One write: lines of several threads never mix.
    os.write(1, f"{line}\n".encode())


if __name__ == "__main__":
    main()
