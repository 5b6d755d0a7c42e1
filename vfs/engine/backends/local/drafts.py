"""Files on their way into a folder: written under a hidden name, then published in one rename."""

import contextlib
import errno
import os
import re
import secrets
from collections.abc import Iterator
from types import TracebackType

from vfs.engine.backend import STREAM_CHUNK, Source
from vfs.engine.backends.local.system_calls import RENAME_NOREPLACE, renameat2
from vfs.engine.locked_files import make_locked, remove_if_left
from vfs.engine.sources import pieces

_PREFIX = ".vfs-tmp-"
_DRAFT_NAME = re.compile(rf"{re.escape(_PREFIX)}[0-9a-f]{{16}}")

_NO_RANGE_COPY = {errno.EXDEV, errno.EINVAL, errno.ENOSYS, errno.ENOTSUP, errno.EPERM}


def is_draft(name: str) -> bool:
    """Whether a name is one that only drafts have; listings leave these out."""
    return name.startswith(_PREFIX) and _DRAFT_NAME.fullmatch(name) is not None


class Draft:
    """A new file that nobody sees until `publish`; leaving the `with` block without it removes it.

    It is locked while its writer lives, which is how the leftovers of a crash are told from work going on.
    """

    def __init__(self, folder: int, mode: int) -> None:
        self._folder = folder
        self._name = f"{_PREFIX}{secrets.token_hex(8)}"
        self._published = False
        self.descriptor = make_locked(self._name, mode, folder=folder)

    def __enter__(self) -> "Draft":
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        os.close(self.descriptor)
        if not self._published:
            with contextlib.suppress(FileNotFoundError):
                os.unlink(self._name, dir_fd=self._folder)

    def fill(self, source: Source) -> None:
        """Write a whole source, a piece at a time."""
        for piece in pieces(source):
            while len(piece):
                piece = piece[os.write(self.descriptor, piece) :]

    def copy_from(self, source: int) -> None:
        """Take the content of an open file: shared blocks where the file system can, holes left as holes."""
        size = os.fstat(source).st_size
        os.ftruncate(self.descriptor, size)
        for start, end in _data_ranges(source, size):
            _copy_range(source, self.descriptor, start, end)

    def save(self) -> None:
        """Wait until the content is on the disk."""
        os.fsync(self.descriptor)

    def publish(self, name: str, *, overwrite: bool) -> os.stat_result:
        """Give the draft its name; FileExistsError when it must not replace what is there."""
        if overwrite:
            os.rename(self._name, name, src_dir_fd=self._folder, dst_dir_fd=self._folder)
        else:
            rename_to_free(self._folder, self._name, self._folder, name)
        self._published = True
        return os.fstat(self.descriptor)


def rename_to_free(source_folder: int, source: str, target_folder: int, target: str) -> None:
    """Rename where nothing is yet, atomically; FileExistsError otherwise."""
    try:
        renameat2(source_folder, source, target_folder, target, RENAME_NOREPLACE)
    except OSError as error:
        if error.errno not in {errno.EINVAL, errno.ENOSYS}:
            raise
        _rename_without_flags(source_folder, source, target_folder, target)


def _rename_without_flags(source_folder: int, source: str, target_folder: int, target: str) -> None:
    """The same on file systems without RENAME_NOREPLACE: what takes the name first wins it."""
    try:
        os.link(source, target, src_dir_fd=source_folder, dst_dir_fd=target_folder, follow_symlinks=False)
    except PermissionError:
        # A folder has no second name; but it replaces an empty one, which can be made exclusively.
        os.mkdir(target, 0o700, dir_fd=target_folder)
        try:
            os.rename(source, target, src_dir_fd=source_folder, dst_dir_fd=target_folder)
        except OSError:
            os.rmdir(target, dir_fd=target_folder)
            raise
    else:
        os.unlink(source, dir_fd=source_folder)


def save_names(folder: int) -> None:
    """Wait until the names in a folder are on the disk, as far as we may open it."""
    with contextlib.suppress(PermissionError):
        descriptor = os.open(".", os.O_RDONLY | os.O_DIRECTORY | os.O_CLOEXEC, dir_fd=folder)
        try:
            os.fsync(descriptor)
        finally:
            os.close(descriptor)


def remove_leftovers(parent: int, name: str) -> bool:
    """Remove the drafts in a folder whose writers died; True when there were any."""
    folder = os.open(name, os.O_RDONLY | os.O_DIRECTORY | os.O_NOFOLLOW | os.O_CLOEXEC, dir_fd=parent)
    try:
        with os.scandir(folder) as entries:
            drafts = [entry.name for entry in entries if is_draft(entry.name)]
        return [draft for draft in drafts if remove_if_left(draft, folder=folder)] != []
    finally:
        os.close(folder)


def _data_ranges(source: int, size: int) -> Iterator[tuple[int, int]]:
    """The (start, end) of what is not a hole."""
    end = 0
    while end < size:
        try:
            start = os.lseek(source, end, os.SEEK_DATA)
        except OSError as error:
            if error.errno == errno.ENXIO:
                return
            raise
        end = min(os.lseek(source, start, os.SEEK_HOLE), size)
        yield start, end


def _copy_range(source: int, target: int, start: int, end: int) -> None:
    position = start
    try:
        while position < end:
            copied = os.copy_file_range(source, target, end - position, position, position)
            if not copied:
                return
            position += copied
    except OSError as error:
        if error.errno not in _NO_RANGE_COPY:
            raise
        _copy_bytes(source, target, position, end)


def _copy_bytes(source: int, target: int, start: int, end: int) -> None:
    while start < end and (data := os.pread(source, min(STREAM_CHUNK, end - start), start)):
        start += os.pwrite(target, data, start)
