"""Files in parts: each waits as an object in a folder of ours, and the store composes them in the end."""

import contextlib
import errno
import logging
import secrets
import threading
from collections.abc import Callable, Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass

from vfs.engine.backend import Buffer, PartLimits
from vfs.engine.backends.gcs.composing import Component, Composing
from vfs.engine.backends.gcs.objects import GcsObjects
from vfs.engine.backends.objects.stored import ALWAYS, Condition, NewObject, Stored
from vfs.engine.errors import Conflict, NotFound, StorageError

_log = logging.getLogger(__name__)

SMALLEST_PART = 1 << 20
LARGEST_PART = 5 << 30
MAX_PARTS = 10_000
LARGEST_OBJECT = 5 << 40

_PART = NewObject({}, {"content-type": "application/octet-stream"})


def part_limits(preferred: int) -> PartLimits:
    """Any size is a part; small ones only cost more requests."""
    return PartLimits(SMALLEST_PART, preferred, LARGEST_PART, MAX_PARTS)


@dataclass(frozen=True, slots=True)
class Workshop:
    """Where and with what parts are made into objects."""

    objects: GcsObjects
    composing: Composing
    threads: Callable[[], ThreadPoolExecutor]
    delete_batch: Callable[[Mapping[str, str]], None]
    folder: str
    """The prefix of the objects that parts wait in."""
    part_size: int


class ObjectUpload:
    """One object on its way in parts, by object key; errors name `path`. Thread-safe."""

    def __init__(self, workshop: Workshop, object_key: str, path: str, new: NewObject) -> None:
        self._shop = workshop
        self._object_key = object_key
        self._path = path
        self._new = new
        self._folder = f"{workshop.folder}{secrets.token_hex(12)}/"
        self._lock = threading.Lock()
        self._parts: dict[int, Sequence[Component]] = {}
        self._waiting: set[str] = set()

    @property
    def size(self) -> int:
        """The bytes of all parts so far."""
        with self._lock:
            return sum(piece.size for pieces in self._parts.values() for piece in pieces)

    def put(self, number: int, data: Buffer) -> None:
        """Send a part."""
        self._check(number)
        self._took(number, [self._send(f"{number:05}", data)])

    def copy(self, number: int, source: str, start: int, end: int, *, if_match: str | None = None) -> None:
        """Take a part from an object: inside the store if it is the whole object, else through here.

        Google composes whole objects only. Raises Conflict unless the ETag matches, NotFound.
        """
        self._check(number)
        found = self._shop.objects.head(source, self._path)
        if if_match is not None and found.etag != if_match:
            raise Conflict("the object is another one now", self._path)
        if start == 0 and end == found.size:
            self._took(number, [Component(source, found.etag, found.size)])
            return
        pieces = []
        for index, at in enumerate(range(start, end, self._shop.part_size)):
            until = min(end, at + self._shop.part_size)
            _, data = self._shop.objects.get(source, self._path, at, until, if_match=found.etag)
            pieces.append(self._send(f"{number:05}-{index:05}", data))
        self._took(number, pieces)

    def complete(self, condition: Condition = ALWAYS) -> Stored:
        """Publish. Raises Conflict unless the condition holds; the upload can be aborted then."""
        with self._lock:
            parts = [piece for number in sorted(self._parts) for piece in self._parts[number]]
        if not parts:
            return self._shop.objects.put(self._object_key, self._path, b"", self._new, condition)
        self._shop.objects.check(self._object_key, self._path, condition)
        made = self._shop.composing.compose(
            self._reduced(parts), self._object_key, self._path, self._new, condition
        )
        self._clear()
        return made

    def abort(self) -> None:
        """Forget the parts; an upload already gone is no error."""
        self._clear()

    def _send(self, name: str, data: Buffer) -> Component:
        object_key = self._folder + name
        with self._lock:
            self._waiting.add(object_key)
        sent = self._shop.objects.put(object_key, self._path, data, _PART)
        return Component(object_key, sent.etag, len(data))

    def _check(self, number: int) -> None:
        if not 1 <= number <= MAX_PARTS:
            raise StorageError(
                f"a file has {MAX_PARTS} parts at most; set a bigger `part_size`",
                self._path,
                errno=errno.EFBIG,
            )

    def _took(self, number: int, pieces: Sequence[Component]) -> None:
        with self._lock:
            self._parts[number] = pieces

    def _reduced(self, parts: Sequence[Component]) -> Sequence[Component]:
        """As few as one request composes, in as many rounds as that takes."""
        level = 0
        while len(groups := self._shop.composing.groups(parts)) > 1:
            level += 1
            names = [f"{self._folder}{level}-{index:05}" for index in range(len(groups))]
            with self._lock:
                self._waiting.update(names)
            parts = list(self._shop.threads().map(self._joined, groups, names))
        return parts

    def _joined(self, group: Sequence[Component], name: str) -> Component:
        made = self._shop.composing.compose(group, name, self._path, _PART)
        return Component(name, made.etag, sum(piece.size for piece in group))

    def _clear(self) -> None:
        """Delete what waits. What cannot be is told to the log: it is seen by nobody, but it is billed."""
        with self._lock:
            waiting, self._waiting = sorted(self._waiting), set()
        for start in range(0, len(waiting), 1000):
            with contextlib.suppress(NotFound):
                self._delete(waiting[start : start + 1000])

    def _delete(self, names: Sequence[str]) -> None:
        try:
            self._shop.delete_batch(dict.fromkeys(names, self._path))
        except StorageError as error:
            _log.warning("parts of %s are left in %s: %s", self._path, self._folder, error.message)
