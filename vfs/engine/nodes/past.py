"""Old versions of a file: which one is meant, and reading it by ranges."""

from collections.abc import Sequence
from datetime import UTC, datetime

from vfs.engine.backend import STREAM_CHUNK, Backend, Buffer
from vfs.engine.entries import Version
from vfs.engine.errors import NotFound
from vfs.engine.histories import at
from vfs.engine.nodes.unchanging import Unchanging

VersionChoice = int | str
"""A version's id; or its place among those with a content, oldest first: 0 the oldest, -1 the newest."""


def choose(
    versions: Sequence[Version], wanted: VersionChoice | None, as_of: datetime | None, key: str
) -> Version:
    """The version meant, out of all of a file, oldest first; of `as_of`, a time without a zone is UTC.

    Raises ValueError unless exactly one of both is given, NotFound where there is no such version, or the
    file was deleted then.
    """
    if (wanted is None) is (as_of is None):
        raise ValueError("give either version or as_of")
    if as_of is not None:
        return _at(versions, as_of, key)
    contents = [version for version in versions if not version.is_delete_marker]
    if isinstance(wanted, int):
        if not -len(contents) <= wanted < len(contents):
            raise NotFound(f"there is no version {wanted}: there are {len(contents)}", key)
        return contents[wanted]
    for version in contents:
        if version.id == wanted:
            return version
    raise NotFound(f"there is no version {wanted!r}", key)


def _at(versions: Sequence[Version], moment: datetime, key: str) -> Version:
    seconds = (moment if moment.tzinfo else moment.replace(tzinfo=UTC)).timestamp()
    found = at(versions, int(seconds * 1_000_000_000))
    if found is None:
        raise NotFound(f"there was no such file at {moment.isoformat()}", key)
    return found


class PastFile(Unchanging):
    """One old version, read by ranges; a MiB at least is fetched at a time and kept. One thread at a time."""

    def __init__(self, backend: Backend, key: str, version: Version) -> None:
        self._backend = backend
        self._key = key
        self._version = version
        self._window: tuple[int, Buffer] = (0, b"")
        self.size = version.size

    def read(self, offset: int, size: int) -> Buffer:
        """Fewer bytes than asked only at the end."""
        end = min(offset + size, self.size)
        if offset >= end:
            return b""
        start, held = self._window
        if not start <= offset <= end <= start + len(held):
            start, held = offset, self._fetched(offset, max(end, min(offset + STREAM_CHUNK, self.size)))
            self._window = (start, held)
        return memoryview(held)[offset - start : end - start]

    def _fetched(self, start: int, end: int) -> Buffer:
        return self._backend.read(self._key, start, end, version=self._version.id)
