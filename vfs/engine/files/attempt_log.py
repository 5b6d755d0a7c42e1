"""What was asked of a store lately, on disk: a process that is killed leaves requests on their way.

The next process must know their states for ours. Lines of JSON, appended before each request without waiting
for the disk: they have to outlive the process, not the machine, as a request does.
"""

import json
import os
import secrets
import time
from collections.abc import Iterable, Iterator
from contextlib import suppress

KEPT_SECONDS = 600.0
"""For which a line counts: as long as a request may take with all its tries, and the store after that."""

_MOST_BYTES = 512 << 10
"""Of one file; then the next one is begun, and the one before it is removed."""


class AttemptLog:
    """The lines of all processes that serve a mount and store, each in files of its own. Thread-safe."""

    def __init__(self, folder: str) -> None:
        """The folder is made when there is something to tell."""
        self._folder = folder
        self._ours = f"{os.getpid()}-{secrets.token_hex(4)}"
        self._number = 0

    def note(self, key: str, states: Iterable[tuple[int, int]]) -> None:
        """These states, by size and time in nanoseconds, may be at the key from now on. Raises OSError."""
        now = time.time()
        lines = "".join(f"{json.dumps([now, key, size, mtime_ns])}\n" for size, mtime_ns in states)
        if not lines:
            return
        descriptor = self._opened()
        try:
            # In one piece: a line of another thread must not come into it.
            os.write(descriptor, lines.encode())
            if os.fstat(descriptor).st_size > _MOST_BYTES:
                self._begin_another()
        finally:
            os.close(descriptor)

    def _opened(self) -> int:
        flags = os.O_WRONLY | os.O_APPEND | os.O_CREAT | os.O_CLOEXEC
        try:
            return os.open(self._path(self._number), flags, 0o600)
        except FileNotFoundError:
            os.makedirs(self._folder, mode=0o700, exist_ok=True)
            return os.open(self._path(self._number), flags, 0o600)

    def _path(self, number: int) -> str:
        return os.path.join(self._folder, f"{self._ours}-{number}")

    def _begin_another(self) -> None:
        # Threads that come here together leave out a number, at worst.
        with suppress(FileNotFoundError):
            os.unlink(self._path(self._number - 1))
        self._number += 1

    def recent(self) -> list[tuple[str, int, int]]:
        """Key, size and time of each state noted lately, the oldest first; old files are removed."""
        found = sorted(line for path in self._files() for line in _lines_in(path))
        oldest = time.time() - KEPT_SECONDS
        return [(key, size, mtime_ns) for moment, key, size, mtime_ns in found if moment > oldest]

    def _files(self) -> Iterator[str]:
        try:
            names = os.listdir(self._folder)
        except FileNotFoundError:
            return
        oldest = time.time() - KEPT_SECONDS
        for name in names:
            path = os.path.join(self._folder, name)
            with suppress(FileNotFoundError):  # another process removes old files, too
                if os.stat(path).st_mtime > oldest:
                    yield path
                else:
                    os.unlink(path)


def _lines_in(path: str) -> Iterator[tuple[float, str, int, int]]:
    with suppress(FileNotFoundError), open(path, "rb") as file:
        for line in file:
            try:
                moment, key, size, mtime_ns = json.loads(line)
                noted = float(moment), str(key), int(size), int(mtime_ns)
            except (ValueError, TypeError, OverflowError):
                continue  # cut off, with the machine
            yield noted
