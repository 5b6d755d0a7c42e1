"""Staging: the bytes of one file that were written here, in memory while few, then in a sparse file."""

import os
import tempfile
from collections.abc import Iterable

from vfs.engine.backend import Buffer
from vfs.engine.errors import StorageError, from_os_error
from vfs.engine.slabs import buffer

MEMORY_LIMIT = 1 << 20
"""Bytes up to which a file is staged in memory; most files never need a staging file."""


class Staging:
    """Bytes by offset; what was never written reads as zeros. The owner's lock guards every call."""

    def __init__(self, directory: str, key: str) -> None:
        self._directory = directory
        self._key = key
        self._memory: bytearray | None = bytearray()
        self._fd = -1
        self.path: str | None = None

    @classmethod
    def reopened(cls, directory: str, key: str, path: str) -> "Staging":
        """The staging that an earlier process left at `path`."""
        staging = cls(directory, key)
        staging._memory = None
        staging._fd = os.open(path, os.O_RDWR | os.O_CLOEXEC)
        staging.path = path
        return staging

    @property
    def in_memory(self) -> bool:
        return self._memory is not None

    def read(self, start: int, end: int) -> Buffer:
        """Exactly `end - start` bytes."""
        if self._memory is not None:
            return bytes(self._memory[start:end]).ljust(end - start, b"\0")
        target, filled = buffer(end - start), 0
        try:
            while filled < len(target) and (count := os.preadv(self._fd, [target[filled:]], start + filled)):
                filled += count
        except OSError as error:
            raise self._failed(error) from error
        target[filled:] = bytes(len(target) - filled)
        return target

    def write(self, offset: int, data: Buffer) -> None:
        """Raises StorageError with errno ENOSPC when the disk that holds the staging file is full."""
        end = offset + len(data)
        if self._memory is not None:
            if end <= MEMORY_LIMIT:
                if len(self._memory) < offset:
                    self._memory.extend(bytes(offset - len(self._memory)))
                self._memory[offset:end] = data
                return
            self.spill()
        self._write_fully(offset, data)

    def truncate(self, size: int) -> None:
        if self._memory is not None:
            del self._memory[size:]
            return
        try:
            os.ftruncate(self._fd, min(size, os.fstat(self._fd).st_size))
        except OSError as error:
            raise self._failed(error) from error

    def spill(self) -> str:
        """Move to a file, if not there yet; its path."""
        if self._memory is not None:
            try:
                self._fd, self.path = tempfile.mkstemp(prefix="staged-", dir=self._directory)
            except OSError as error:
                raise self._failed(error) from error
            content, self._memory = self._memory, None
            self._write_fully(0, content)
        assert self.path is not None
        return self.path

    def copy(self, ranges: Iterable[tuple[int, int]]) -> "Staging":
        """Another staging with the bytes of these ranges; the kernel copies, or shares, what is in a file."""
        twin = Staging(self._directory, self._key)
        for start, end in ranges:
            if self._memory is not None or end <= MEMORY_LIMIT:
                twin.write(start, self.read(start, end))
                continue
            twin.spill()
            try:
                _copy_range(self._fd, twin._fd, start, end)
            except OSError as error:
                twin.close()
                raise self._failed(error) from error
        return twin

    def sync(self) -> None:
        """Have the disk hold what was written."""
        if self._memory is None:
            try:
                os.fdatasync(self._fd)
            except OSError as error:
                raise self._failed(error) from error

    def close(self, *, keep: bool = False) -> None:
        """Drop the bytes, and the file unless the journal is to keep it."""
        self._memory = bytearray()
        if self._fd >= 0:
            os.close(self._fd)
            self._fd = -1
            if self.path is not None and not keep:
                os.unlink(self.path)
            self.path = None

    def _write_fully(self, offset: int, data: Buffer) -> None:
        view = memoryview(data)
        try:
            while view:
                written = os.pwrite(self._fd, view, offset)
                offset += written
                view = view[written:]
        except OSError as error:
            raise self._failed(error) from error

    def _failed(self, error: OSError) -> StorageError:
        failure = from_os_error(error, self._key)
        failure.message = f"staging in {self._directory}: {failure.message}"
        return failure


def _copy_range(source: int, target: int, start: int, end: int) -> None:
    while start < end:
        copied = os.copy_file_range(source, target, end - start, start, start)
        if copied == 0:  # the source ends here, and zeros follow
            os.ftruncate(target, end)
            return
        start += copied
