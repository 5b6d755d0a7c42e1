"""The memory backend keeps the backend contract."""

import pytest

from vfs.engine.backend import Backend
from vfs.engine.backends.memory import MemoryBackend, MemoryOptions
from vfs.engine.errors import NotFound
from vfs.testing.backend import BackendContract


class TestMemoryBackend(BackendContract):
    @pytest.fixture
    def backend(self) -> Backend:
        return MemoryBackend(MemoryOptions())


def test_two_memories_share_nothing() -> None:
    """Each backend has a tree of its own, and ETags that no other ever gives."""
    one, two = MemoryBackend(), MemoryBackend()
    first = one.write("f", b"one")
    with pytest.raises(NotFound):
        two.stat("f")
    assert two.write("f", b"one").etag != first.etag


def test_what_was_read_stays_true() -> None:
    """Bytes handed out do not change when the file is replaced, and cannot be changed by their holder."""
    backend = MemoryBackend()
    backend.write("f", bytearray(b"old"))
    held = memoryview(backend.read("f"))
    backend.write("f", b"new")
    assert bytes(held) == b"old"
    assert held.readonly
