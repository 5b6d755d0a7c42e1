"""What the journals on this machine hold that no store has, read without owning any of it.

Nothing is locked and nothing is changed, so a daemon may start, or serve, meanwhile: what it has sent in the
middle of a read is told as such.
"""

import errno
import os
from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass, field

from vfs.engine import paths
from vfs.engine.backend import Buffer
from vfs.engine.errors import NotFound, StorageError, from_os_error
from vfs.engine.files.journal import RECORD_SUFFIX, Record, journals_in, mount_of, parse_record
from vfs.engine.files.ranges import Range, RangeSet

PIECE = 1 << 20
"""Bytes that are held at a time."""

ReadBase = Callable[[int, int], Buffer]
"""Bytes of the stored object that a record edits, between two offsets."""


@dataclass(frozen=True, slots=True)
class LeftBehind:
    """One file that waits in a journal."""

    mount: str
    record: Record
    since_ns: int
    """When it was put there, in nanoseconds since the epoch."""
    holder: int | None
    """The process that serves this part of the journal; None where nobody does."""
    content: bytes
    """The record as it was written, by which one that is sent meanwhile is known."""

    @property
    def missing(self) -> list[Range]:
        """What only the store has: bytes of the object that was edited."""
        if self.record.is_new:
            return []
        known = RangeSet(self.record.dirty)
        return known.gaps(0, min(self.record.size, self.record.base_limit, self.record.base_size))


@dataclass(frozen=True, slots=True)
class Found:
    """What is in the journals of a state folder, the oldest first, and what of it cannot be read."""

    files: list[LeftBehind] = field(default_factory=list)
    unreadable: list[StorageError] = field(default_factory=list)


def left_behind_in(state: str, mount: str | None = None) -> Found:
    """All that waits below a state folder, of every mount or of one. Raises what reading it raises."""
    found = Found()
    for folder in _folders_in(journals_in(state)):
        name = mount_of(folder)
        if name is not None and mount in {None, name}:
            found.files.extend(_not_replaced(_waiting_in(folder, name, found.unreadable)))
    found.files.sort(key=lambda file: file.since_ns)
    return found


def pieces_of(file: LeftBehind, read_base: ReadBase) -> Iterator[Buffer]:
    """The whole content, in order, zeros where nothing was written.

    `read_base` is asked for what is `missing`. Raises NotFound, at the latest at the end, where the record
    was gone before all was read: a daemon has sent it, or nobody wants it any more.
    """
    try:
        descriptor = os.open(file.record.staging, os.O_RDONLY | os.O_CLOEXEC)
    except FileNotFoundError as error:
        raise _gone(file) from error
    except OSError as error:
        raise from_os_error(error, file.record.staging) from error
    try:
        yield from _pieces(file, descriptor, read_base)
    finally:
        os.close(descriptor)
    # Staged bytes are never written again while a record has them.
    if _content(file.record.staging + RECORD_SUFFIX) != file.content:
        raise _gone(file)


def _pieces(file: LeftBehind, descriptor: int, read_base: ReadBase) -> Iterator[Buffer]:
    written, missing = RangeSet(file.record.dirty), RangeSet(file.missing)
    size = file.record.size
    for start in range(0, size, PIECE):
        end = min(start + PIECE, size)
        piece = bytearray(end - start)
        for at, until in written.within(start, end):
            data = os.pread(descriptor, until - at, at)
            piece[at - start : at - start + len(data)] = data
        for at, until in missing.within(start, end):
            piece[at - start : until - start] = read_base(at, until)
        yield piece


def _gone(file: LeftBehind) -> NotFound:
    return NotFound("is not in the journal any more", file.record.key, mount=file.mount)


def _waiting_in(folder: str, mount: str, unreadable: list[StorageError]) -> Iterator[LeftBehind]:
    locks = _locks()
    for process in _folders_in(folder):
        holder = _holder_of(process, locks)
        for name in _names_in(process):
            path = os.path.join(process, name)
            if name.endswith(RECORD_SUFFIX):
                try:
                    yield from _read(path, mount, holder)
                except StorageError as error:
                    unreadable.append(error)


def _read(path: str, mount: str, holder: int | None) -> Iterator[LeftBehind]:
    """The file that a record stands for, unless it is gone. Raises StorageError for what is no record."""
    try:
        content = _content(path)
        if content is not None:
            record = parse_record(content, os.path.dirname(path))
            paths.check_key(record.key)
            yield LeftBehind(mount, record, os.stat(path).st_mtime_ns, holder, content)
    except ValueError as error:
        raise StorageError(f"cannot be read: {error}", path, errno=errno.EIO) from error
    except FileNotFoundError:
        return
    except OSError as error:
        raise from_os_error(error, path) from error


def _content(path: str) -> bytes | None:
    try:
        with open(path, "rb") as file:
            return file.read()
    except FileNotFoundError:
        return None


def _not_replaced(found: Iterable[LeftBehind]) -> list[LeftBehind]:
    files = list(found)
    void = {path for file in files for path in file.record.replaced}
    return [file for file in files if file.record.staging not in void]


def _folders_in(folder: str) -> list[str]:
    inside = [os.path.join(folder, name) for name in _names_in(folder)]
    return [path for path in inside if os.path.isdir(path) and not os.path.islink(path)]


def _names_in(folder: str) -> list[str]:
    """Sorted; none in a folder that is not there. Raises StorageError for one that may not be read."""
    try:
        return sorted(os.listdir(folder))
    except FileNotFoundError:
        return []
    except OSError as error:
        raise from_os_error(error, folder) from error


def _locks() -> dict[int, list[tuple[str, int]]]:
    """Of each inode that is locked as flock(2) does it, the device and the process.

    As the kernel tells it: a lock that was tried for would, for that moment, keep a daemon from its own.
    """
    try:
        with open("/proc/locks", encoding="ascii") as file:
            rows = [line.split() for line in file]
    except OSError:
        return {}
    held: dict[int, list[tuple[str, int]]] = {}
    for row in rows:
        if len(row) > 5 and row[1] == "FLOCK" and row[5].count(":") == 2:
            device, _, inode = row[5].rpartition(":")
            held.setdefault(int(inode), []).append((device, int(row[4])))
    return held


def _holder_of(folder: str, locks: dict[int, list[tuple[str, int]]]) -> int | None:
    try:
        found = os.stat(folder)
    except OSError:
        return None
    here = f"{os.major(found.st_dev):02x}:{os.minor(found.st_dev):02x}"
    for device, process in locks.get(found.st_ino, []):
        # Some file systems (btrfs) call their device otherwise in stat(2).
        if device == here or _has_open(process, folder):
            return process
    return None


def _has_open(process: int, folder: str) -> bool:
    descriptors = f"/proc/{process}/fd"
    try:
        links = [os.readlink(os.path.join(descriptors, name)) for name in os.listdir(descriptors)]
    except OSError:
        return False
    return os.path.realpath(folder) in links
