"""Asynchronous storages as backends, and backends as asynchronous ones: both keep the contract."""

import threading
from collections.abc import AsyncIterator, Iterator
from pathlib import Path
from typing import Literal

import anyio
import pytest

from tests.fakes import ObjectStore
from vfs.aio.backends import AsyncBackend, BlockingBackend, ThreadedBackend
from vfs.engine.backend import Backend, Copies, Moves
from vfs.engine.backends.local import LocalBackend, LocalOptions
from vfs.engine.backends.memory import MemoryBackend
from vfs.engine.capabilities import READING, Capability
from vfs.engine.entries import Entry, EntryKind
from vfs.engine.errors import CapabilityNotSupported, NotFound, StorageError
from vfs.engine.layers.versioned import VersionedLayer
from vfs.testing import BackendContract, VersionsContract


class TestMemoryThereAndBack(BackendContract):
    """Each call goes from a thread to asyncio, and from there to a thread."""

    library: Literal["asyncio", "trio"] = "asyncio"

    @pytest.fixture
    def backend(self) -> Iterator[Backend]:
        backend = BlockingBackend(ThreadedBackend(MemoryBackend()), self.library)
        yield backend
        backend.close()


class TestMemoryThereAndBackOnTrio(TestMemoryThereAndBack):
    """The same on trio."""

    library = "trio"
    many_files = 200  # more come on asyncio


class TestLocalThereAndBack(BackendContract):
    """The same for local folders, files opened where they are among it."""

    etag_survives_attribute_changes = False

    @pytest.fixture
    def backend(self, tmp_path: Path) -> Iterator[Backend]:
        backend = BlockingBackend(ThreadedBackend(LocalBackend(LocalOptions(path=str(tmp_path)))))
        yield backend
        backend.close()


class Parts(ObjectStore):
    """A store without renames, that says so."""

    @property
    def capabilities(self) -> frozenset[Capability]:
        return super().capabilities - {Capability.ATOMIC_MOVE}


class TestAnObjectStoreThereAndBack(BackendContract):
    """The same for a store that takes files in parts."""

    @pytest.fixture
    def backend(self) -> Iterator[Backend]:
        backend = BlockingBackend(ThreadedBackend(Parts()))
        yield backend
        backend.close()


class TestVersionsThereAndBack(VersionsContract):
    """The same for old versions."""

    @pytest.fixture
    def backend(self) -> Iterator[Backend]:
        backend = BlockingBackend(ThreadedBackend(VersionedLayer(MemoryBackend())))
        yield backend
        backend.close()


class Numbers(AsyncBackend):
    """A storage of somebody's own: files `0`, `1` ... with their numbers, for reading."""

    capabilities = READING | {Capability.READONLY}

    def __init__(self) -> None:
        self.threads: set[int] = set()
        self.entered = self.left = 0
        self.is_closed = False

    async def stat(self, key: str) -> Entry:
        self.threads.add(threading.get_ident())
        if not key.isdigit():
            raise NotFound(path=key)
        return Entry(key, EntryKind.FILE, len(key))

    async def list(self, key: str) -> AsyncIterator[Entry]:
        with anyio.CancelScope():
            self.entered += 1
            try:
                for number in range(10_000):
                    yield Entry(str(number), EntryKind.FILE, len(str(number)))
            finally:
                self.left += 1

    async def read(
        self,
        key: str,
        start: int = 0,
        end: int | None = None,
        *,
        version: str | None = None,
        if_match: str | None = None,
    ) -> bytes:
        return (await self.stat(key)).name.encode()[start:end]

    async def aclose(self) -> None:
        self.is_closed = True


@pytest.mark.parametrize("library", ["asyncio", "trio"])
def test_a_storage_of_ones_own(library: Literal["asyncio", "trio"]) -> None:
    """All calls are made in one private thread; a listing is one task, however often it is left early."""
    numbers = Numbers()
    backend = BlockingBackend(numbers, library)
    assert bytes(backend.read("42")) == b"42"
    assert len([entry.name for entry in backend.list("")]) == 10_000
    listing = backend.list("")
    assert next(listing).name == "0"
    listing.close()  # type: ignore[attr-defined]
    with pytest.raises(NotFound):
        backend.stat("none")
    with pytest.raises(CapabilityNotSupported):
        backend.write("1", b"")
    assert backend.ability(Copies) is None
    assert backend.ability(Moves) is None
    backend.close()
    backend.close()
    assert numbers.is_closed
    assert (numbers.entered, numbers.left) == (2, 2)
    assert len(numbers.threads) == 1
    assert threading.get_ident() not in numbers.threads
    with pytest.raises(StorageError, match="closed"):
        backend.stat("1")
