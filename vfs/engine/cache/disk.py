"""File content on disk, outliving the process: a bounded directory of chunk files, oldest leaving first."""

import contextlib
import errno
import logging
import os
import threading
from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass

from vfs.engine.backend import Buffer
from vfs.engine.cache.blocks import ContentId
from vfs.engine.cache.chunks import BLOCK, CHUNK, BadBlock, Chunk
from vfs.engine.slabs import buffer

_TRIM_TO = 0.9
"""How full the cache is left after it had to be trimmed."""

_MOST_WAITING = 32 << 20
"""Bytes that may wait to be written, for all readers together; they are in memory beyond its budget."""

_log = logging.getLogger(__name__)


@dataclass(frozen=True, slots=True)
class DiskStatistics:
    """Bytes found, not found and written since the start; blocks that did not verify."""

    hit_bytes: int
    missed_bytes: int
    written_bytes: int
    bad_blocks: int
    is_on: bool
    max_bytes: int


class DiskBlocks:
    """Blocks of unchanging contents in a directory, `max_bytes` at most, leaving `keep_free` to others.

    Thread-safe, and several processes may share the directory. Nothing here fails: what cannot be read is
    not there, and a directory that cannot be written switches the cache off, with one warning. The limits
    are looked after in the background, every 64 MiB written or less.
    """

    def __init__(self, directory: str | os.PathLike[str], max_bytes: int, keep_free: int = 1 << 30) -> None:
        self._directory = os.fspath(directory)
        self._max_bytes = max_bytes
        self._keep_free = keep_free
        self._check_every = min(64 << 20, max(max_bytes // 16, BLOCK))
        self._lock = threading.Lock()
        self._is_on = True
        self._closing = False
        self._trimming: threading.Thread | None = None
        self._unchecked = self._check_every
        self._waiting = 0
        self._hit_bytes = self._missed_bytes = self._written_bytes = self._bad_blocks = 0
        with self._off_on_failure():
            _make_private(self._directory)

    def get(self, content: ContentId, start: int, end: int) -> Buffer:
        """The bytes from `start`, a multiple of BLOCK, up to `end` or the first gap before it."""
        if not self._is_on:
            return b""
        if not Chunk(self._directory, content, start // CHUNK).is_there:
            # Nothing of a new file is here: megabytes of memory to read into would only be cleared for it.
            with self._lock:
                self._missed_bytes += end - start
            return b""
        found = buffer(end - start)
        filled = 0
        with self._off_on_failure():
            for number, piece in _by_chunk(start, found):
                count = self._read(Chunk(self._directory, content, number), (start + filled) % CHUNK, piece)
                filled += count
                if count < len(piece):
                    break
        with self._lock:
            self._hit_bytes += filled
            self._missed_bytes += len(found) - filled
        return found[:filled]

    def claim(self, size: int) -> bool:
        """Take note that so many bytes wait to be put; False when the disk is behind: leave them out then."""
        with self._lock:
            if not self._is_on or self._waiting + size > _MOST_WAITING:
                return False
            self._waiting += size
            return True

    def settle(self, size: int) -> None:
        """What was claimed waits no more."""
        with self._lock:
            self._waiting -= size

    def put(self, content: ContentId, start: int, data: Buffer) -> None:
        """Store bytes from `start`, a multiple of BLOCK, on; they may end anywhere."""
        assert start % BLOCK == 0, "blocks begin on the grid"
        view = memoryview(data).cast("B")
        if not self._is_on or len(view) > self._max_bytes:
            return
        offset = start
        with self._off_on_failure():
            for number, piece in _by_chunk(start, view):
                Chunk(self._directory, content, number).write(offset % CHUNK, piece)
                offset += len(piece)
        with self._lock:
            self._written_bytes += offset - start
            self._unchecked += offset - start
        self._trim_when_due()

    def clear(self) -> int:
        """Remove everything, also what other processes have there; the bytes that are gone."""
        freed = 0
        with self._off_on_failure():
            for path, _, size in self._files():
                with contextlib.suppress(FileNotFoundError):  # another process tidies up here, too
                    os.unlink(path)
                    freed += size
        return freed

    def close(self) -> None:
        """Stop tidying up. Calling it again is harmless."""
        with self._lock:
            self._closing = True
            trimming = self._trimming
        if trimming is not None:
            trimming.join()

    def statistics(self) -> DiskStatistics:
        with self._lock:
            return DiskStatistics(
                self._hit_bytes,
                self._missed_bytes,
                self._written_bytes,
                self._bad_blocks,
                self._is_on,
                self._max_bytes,
            )

    def _read(self, chunk: Chunk, offset: int, target: memoryview) -> int:
        try:
            return chunk.read(offset, target)
        except BadBlock:
            with self._lock:
                self._bad_blocks += 1
            _log.info("a damaged block of the disk cache is removed: %s", chunk.path)
            chunk.remove()
            return 0

    @contextlib.contextmanager
    def _off_on_failure(self) -> Iterator[None]:
        try:
            yield
        except OSError as error:
            with self._lock:
                was_on, self._is_on = self._is_on, False
            if was_on:
                _log.warning("the disk cache in %s is switched off: %s", self._directory, error.strerror)

    # Keeping to the limits

    def _trim_when_due(self) -> None:
        with self._lock:
            if self._unchecked < self._check_every or self._trimming is not None or self._closing:
                return
            self._unchecked = 0
            self._trimming = threading.Thread(target=self._trim, name="vfs-disk-cache")
            self._trimming.start()

    def _trim(self) -> None:
        try:
            with self._off_on_failure():
                ages = self._bytes_by_age()
                excess = self._excess(ages.total())
                if excess > 0:
                    self._remove_oldest(excess, ages)
        finally:
            with self._lock:
                self._trimming = None

    def _bytes_by_age(self) -> Counter[int]:
        """Bytes on disk by the second of their last use: a few numbers, however many files there are."""
        ages: Counter[int] = Counter()
        for _, second, size in self._files():
            ages[second] += size
        return ages

    def _excess(self, used: int) -> int:
        """How many bytes have to go."""
        space = os.statvfs(self._directory)
        lacking = self._keep_free - space.f_bavail * space.f_frsize
        too_many = used - int(self._max_bytes * _TRIM_TO) if used > self._max_bytes else 0
        return max(lacking, too_many)

    def _remove_oldest(self, excess: int, ages: Counter[int]) -> None:
        last_second, of_last_second = _cut(excess, ages)
        for path, second, size in self._files():
            if second > last_second or (second == last_second and of_last_second <= 0):
                continue
            with contextlib.suppress(FileNotFoundError):  # another process tidies up here, too
                os.unlink(path)
            if second == last_second:
                of_last_second -= size

    def _files(self) -> Iterator[tuple[str, int, int]]:
        """Path, second of the last use, and bytes on disk of every chunk file; ends early while closing."""
        with os.scandir(self._directory) as found:
            folders = [folder.path for folder in found if folder.is_dir(follow_symlinks=False)]
        for folder in folders:
            for path in _paths_in(folder):
                if self._closing:
                    return
                with contextlib.suppress(FileNotFoundError):  # it may be removed at any moment
                    status = os.lstat(path)
                    yield path, int(status.st_mtime), status.st_blocks * 512


def _paths_in(folder: str) -> list[str]:
    try:
        return [f"{folder}/{name}" for name in os.listdir(folder)]
    except FileNotFoundError:  # somebody empties the cache by hand
        return []


def _cut(excess: int, ages: Counter[int]) -> tuple[int, int]:
    """The last second whose bytes have to go, and how many of these have to."""
    second = 0
    for second in sorted(ages):
        if excess <= ages[second]:
            break
        excess -= ages[second]
    return second, excess


def _by_chunk(start: int, data: memoryview) -> Iterator[tuple[int, memoryview]]:
    """What of `data`, which begins at `start` in its file, lies in each chunk: number and bytes."""
    while data:
        size = CHUNK - start % CHUNK
        yield start // CHUNK, data[:size]
        data = data[size:]
        start += size


def _make_private(directory: str) -> None:
    """Make the directory, for this user alone; one that belongs to another user is refused."""
    os.makedirs(directory, mode=0o700, exist_ok=True)
    if os.stat(directory).st_uid != os.geteuid():
        raise PermissionError(errno.EPERM, "it belongs to another user", directory)
    os.chmod(directory, 0o700)
