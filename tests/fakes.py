"""Stores that do what a real server will not do on demand, and tell what they were asked."""

import copy
import threading
from collections.abc import Mapping

from vfs.engine.backend import AbilityT, Buffer, Moves, PartLimits, Source
from vfs.engine.backends.memory import MemoryBackend
from vfs.engine.entries import Attributes, Entry, WriteResult
from vfs.engine.errors import BackendUnavailable


class ObjectStore(MemoryBackend):
    """A memory store shaped like an object store: parts, server-side copies, no renames; every request kept.

    Parts are small, so that small files show what big ones do. While `down`, nothing gets in or out.
    """

    part_limits = PartLimits(smallest=5, preferred=8, largest=50, max_parts=10_000)

    def __init__(self) -> None:
        super().__init__()
        self.requests: list[str] = []
        self.down = threading.Event()

    def another_client(self) -> "ObjectStore":
        """The same objects reached another way, which counts its own requests and goes down by itself."""
        client = copy.copy(self)
        client.requests = []
        client.down = threading.Event()
        return client

    def ability(self, wanted: type[AbilityT]) -> AbilityT | None:
        return None if wanted is Moves else super().ability(wanted)

    def _asked(self, request: str) -> None:
        self.requests.append(request)
        if self.down.is_set():
            raise BackendUnavailable(f"{request}: the store does not answer")

    def read(
        self,
        key: str,
        start: int = 0,
        end: int | None = None,
        *,
        version: str | None = None,
        if_match: str | None = None,
    ) -> Buffer:
        self._asked("read")
        return super().read(key, start, end, version=version, if_match=if_match)

    def read_beginning(self, key: str, size: int) -> tuple[Entry, Buffer]:
        return self.stat(key), self.read(key, 0, size)

    def write(
        self,
        key: str,
        source: Source,
        *,
        overwrite: bool = True,
        if_match: str | None = None,
        metadata: Mapping[str, str] | None = None,
        attributes: Attributes | None = None,
    ) -> WriteResult:
        self._asked("write")
        return super().write(
            key, source, overwrite=overwrite, if_match=if_match, metadata=metadata, attributes=attributes
        )

    def delete(self, key: str, *, if_match: str | None = None) -> None:
        self._asked("delete")
        super().delete(key, if_match=if_match)

    def copy(self, source: str, target: str, *, overwrite: bool = True) -> WriteResult:
        self._asked("copy")
        return super().copy(source, target, overwrite=overwrite)

    def begin_upload(
        self,
        key: str,
        *,
        metadata: Mapping[str, str] | None = None,
        attributes: Attributes | None = None,
    ) -> "Upload":
        self._asked("begin")
        return Upload(self, key, metadata, attributes)


class Upload:
    """A part upload; its parts are strict about their sizes, as a real store's are."""

    def __init__(
        self,
        store: ObjectStore,
        key: str,
        metadata: Mapping[str, str] | None,
        attributes: Attributes | None,
    ) -> None:
        self._store = store
        self._key = key
        self._metadata = metadata
        self._attributes = attributes
        self._parts: dict[int, bytes] = {}

    def put(self, number: int, data: Buffer) -> None:
        self._store._asked("part")
        self._parts[number] = bytes(data)

    def copy(self, number: int, start: int, end: int, *, if_match: str | None = None) -> None:
        self._store._asked("copied part")
        self._parts[number] = bytes(MemoryBackend.read(self._store, self._key, start, end, if_match=if_match))

    def complete(self, *, overwrite: bool = True, if_match: str | None = None) -> WriteResult:
        self._store._asked("complete")
        numbers = sorted(self._parts)
        assert numbers == list(range(1, len(numbers) + 1))
        assert all(len(self._parts[n]) >= self._store.part_limits.smallest for n in numbers[:-1])
        return MemoryBackend.write(
            self._store,
            self._key,
            b"".join(self._parts[n] for n in numbers),
            overwrite=overwrite,
            if_match=if_match,
            metadata=self._metadata,
            attributes=self._attributes,
        )

    def abort(self) -> None:
        self._store._asked("abort")
