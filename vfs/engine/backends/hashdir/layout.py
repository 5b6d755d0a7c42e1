"""Where things lie below the folder of a hashdir, and the names that make it listable.

    ab/cd/ef/<58 digits>                         the content of a file, by the SHA-256 of its key
    .vfs-names/ab/cd/ef/<58 digits>/             a folder, by the SHA-256 of its key: the names in it,
        report.txt                               an empty file for each file,
        photos/                                  an empty folder for each folder
    .vfs-names/drafts/                           contents on their way
    .vfs-names/lock, .vfs-names/layout           who may change names; width and depth

The contents decide: a name without content, left by a crash, is no file. A content without a name, put there
by another tool, can be read by its key and is not listed.
"""

import contextlib
import fcntl
import hashlib
import itertools
import os
import secrets
import threading
from collections.abc import Iterator

from vfs.engine import paths
from vfs.engine.errors import ConfigError
from vfs.engine.locked_files import make_locked, remove_if_left

_NAMES = ".vfs-names"


class Layout:
    """The places of contents and folders, and the names in folders. Errors are the system's."""

    def __init__(self, root: str, width: int, depth: int) -> None:
        self._root = root
        self._width = width
        self._depth = depth
        self._names = os.path.join(root, _NAMES)
        self._drafts = os.path.join(self._names, "drafts")
        self._lock = threading.Lock()

    def prepare(self) -> None:
        """Make what every hashdir has, and remove what a crash left. ConfigError for another layout."""
        os.makedirs(self._drafts, mode=0o700, exist_ok=True)
        with self.alone():
            self._check_layout()
            os.makedirs(self.folder_place(""), exist_ok=True)
            for name in os.listdir(self._drafts):
                remove_if_left(os.path.join(self._drafts, name))

    @contextlib.contextmanager
    def alone(self) -> Iterator[None]:
        """Hold the lock on all names, against threads and other processes."""
        flags = os.O_RDWR | os.O_CREAT | os.O_CLOEXEC
        with self._lock:
            descriptor = os.open(os.path.join(self._names, "lock"), flags, 0o600)
            try:
                fcntl.flock(descriptor, fcntl.LOCK_EX)
                yield
            finally:
                os.close(descriptor)

    def content_place(self, key: str) -> str:
        """The path of a file's content."""
        return os.path.join(self._root, self._hashed(key))

    def folder_place(self, key: str) -> str:
        """The path of the names in a folder."""
        return os.path.join(self._names, self._hashed(key))

    def file_status(self, key: str) -> os.stat_result | None:
        """What the system says of a file's content; None where there is none."""
        return _status(self.content_place(key)) if key else None

    def folder_status(self, key: str) -> os.stat_result | None:
        """What the system says of a folder; None where there is none."""
        return _status(self.folder_place(key))

    def children(self, key: str) -> Iterator[tuple[str, os.stat_result, bool]]:
        """Name, status and whether it is a folder, of each entry in a folder, as the disk gives them."""
        with os.scandir(os.fsencode(self.folder_place(key))) as names:
            for marker in names:
                name = os.fsdecode(marker.name)
                child = paths.join(key, name)
                is_folder = marker.is_dir(follow_symlinks=False)
                status = self.folder_status(child) if is_folder else self.file_status(child)
                if status is not None:
                    yield name, status, is_folder

    @contextlib.contextmanager
    def draft(self) -> Iterator[tuple[int, str]]:
        """A new file nobody sees, open and by its path; removed at the end unless it was moved away."""
        path = os.path.join(self._drafts, secrets.token_hex(8))
        descriptor = make_locked(path, 0o644)
        try:
            yield descriptor, path
        finally:
            os.close(descriptor)
            with contextlib.suppress(FileNotFoundError):
                os.unlink(path)

    # Below here, the caller is alone.

    def publish(self, draft: str, key: str) -> None:
        """Make a draft the content of a file, in one rename; the folders above are made."""
        self._enter(key, folder=False)
        place = self.content_place(key)
        os.makedirs(os.path.dirname(place), exist_ok=True)
        os.rename(draft, place)

    def make_folder(self, key: str) -> None:
        """Make a folder, unless it is there; also those above."""
        missing = []
        while key and self.folder_status(key) is None:
            missing.append(key)
            key = paths.parent(key)
        for folder in reversed(missing):
            self._enter(folder, folder=True)
            os.makedirs(self.folder_place(folder), exist_ok=True)

    def remove_file(self, key: str) -> None:
        """Remove a content, and then its name."""
        place = self.content_place(key)
        os.unlink(place)
        with contextlib.suppress(FileNotFoundError):
            os.unlink(self._marker(key))
        self._prune(place)

    def remove_folder(self, key: str) -> None:
        """Remove a folder that has no entries; OSError where it has."""
        place = self.folder_place(key)
        for name in os.listdir(place):
            self._drop_left_marker(paths.join(key, name))
        os.rmdir(place)
        os.rmdir(self._marker(key))
        self._prune(place)

    def _enter(self, key: str, *, folder: bool) -> None:
        """Write a name into its folder."""
        self.make_folder(paths.parent(key))
        self._drop_left_marker(key)
        marker = self._marker(key)
        if folder:
            with contextlib.suppress(FileExistsError):
                os.mkdir(marker)
        else:
            os.close(os.open(marker, os.O_WRONLY | os.O_CREAT | os.O_CLOEXEC, 0o644))

    def _drop_left_marker(self, key: str) -> None:
        """Remove a name that stands for nothing any more."""
        if self.file_status(key) is None and self.folder_status(key) is None:
            marker = self._marker(key)
            with contextlib.suppress(FileNotFoundError):
                os.rmdir(marker) if os.path.isdir(marker) else os.unlink(marker)

    def _prune(self, place: str) -> None:
        """Remove the levels of hash digits that became empty."""
        for _ in range(self._depth):
            place = os.path.dirname(place)
            try:
                os.rmdir(place)
            except OSError:
                # Not empty, or on its way to be: either is fine.
                return

    def _marker(self, key: str) -> str:
        return os.path.join(self.folder_place(paths.parent(key)), paths.name_of(key))

    def _hashed(self, key: str) -> str:
        digits = hashlib.sha256(os.fsencode(key)).hexdigest()
        cuts = [place * self._width for place in range(self._depth + 1)]
        levels = [digits[start:end] for start, end in itertools.pairwise(cuts)]
        return os.path.join(*levels, digits[cuts[-1] :])

    def _check_layout(self) -> None:
        wanted = f"sha256 width {self._width} depth {self._depth}\n"
        path = os.path.join(self._names, "layout")
        try:
            with open(path, encoding="ascii") as file:
                found = file.read()
        except FileNotFoundError:
            with open(path, "x", encoding="ascii") as file:
                file.write(wanted)
            return
        if found != wanted:
            raise ConfigError(f"{self._root} was begun with {found.strip()}, not {wanted.strip()}")


def _status(path: str) -> os.stat_result | None:
    try:
        return os.lstat(path)
    except FileNotFoundError:
        return None
