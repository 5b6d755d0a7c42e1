"""A copy that is left in the middle: what is under way is given up, and what it was to replace stays."""

import os
import signal
import threading
from collections.abc import Iterator
from types import FrameType

import pytest

from tests.fakes import ObjectStore
from vfs.engine.backend import Buffer
from vfs.engine.backends.given import GivenOptions
from vfs.engine.entries import Entry
from vfs.engine.files import outgoing, store_transfers
from vfs.engine.mounts import MountSpec
from vfs.engine.nodes import StorageNode
from vfs.storage import StorageManager

BYTES = 20_000
"""Of the big file; each is read in a request of its own."""


class Gate(ObjectStore):
    """A store whose big file is read to its first bytes alone, until `left` was called or is set."""

    def __init__(self) -> None:
        super().__init__()
        self.left = threading.Event()
        self.interrupts = False

    def read(self, key: str, start: int = 0, end: int | None = None, **pinned: str | None) -> Buffer:  # type: ignore[override]
        if key == "source/big" and start and not self.left.is_set():
            if self.interrupts:
                self.left.set()
                os.kill(os.getpid(), signal.SIGINT)
            assert self.left.wait(60)
        return super().read(key, start, end, **pinned)

    def read_beginning(self, key: str, size: int) -> tuple[Entry, Buffer]:
        return self.stat(key), super().read(key, 0, 1)


@pytest.fixture
def interrupted_while_waiting() -> Iterator[None]:
    """SIGINT is raised where the main thread waits: in a finalizer, for one, Python would only report it."""

    def interrupt(number: int, frame: FrameType | None) -> None:
        if frame is not None and frame.f_code is threading.Condition.wait.__code__:
            raise KeyboardInterrupt
        threading.Timer(0.005, os.kill, (os.getpid(), number)).start()

    former = signal.signal(signal.SIGINT, interrupt)
    yield
    signal.signal(signal.SIGINT, former)


@pytest.mark.usefixtures("interrupted_while_waiting")
@pytest.mark.parametrize("interrupts", [False, True], ids=["in a callback", "while it waits"])
def test_who_leaves_waits_for_no_big_file(
    storage: StorageManager, monkeypatch: pytest.MonkeyPatch, interrupts: bool
) -> None:
    """No more bytes are asked for then; the old big file is there, and small ones that were copied."""
    monkeypatch.setattr(outgoing, "RANGE", 1)
    monkeypatch.setattr(store_transfers, "RANGE", 1)
    gate = Gate()
    storage.add_mount(MountSpec(name="gate", type="given", options=GivenOptions(backend=gate)))
    source, target = storage.node("gate:source"), storage.node("memory:target")
    (source / "big").write_bytes(b"x" * BYTES)
    (source / "small").write_bytes(b"1")
    (target / "big").write_bytes(b"old")
    gate.requests.clear()
    gate.interrupts = interrupts

    def leave(node: StorageNode) -> None:
        gate.left.set()
        raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        source.copy_to(target, on_file=None if interrupts else leave)
    assert gate.requests.count("read") < BYTES
    assert (target / "big").read_bytes() == b"old"
    assert {node.name for node in target.children()} <= {"big", "small"}
