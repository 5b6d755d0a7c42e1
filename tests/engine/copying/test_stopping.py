"""A copy that is left in the middle: what is under way is given up, and what it was to replace stays."""

import threading
from collections.abc import Mapping

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
    """A store whose big file is read to its first bytes alone, until the copy is left."""

    def __init__(self) -> None:
        super().__init__()
        self.left = threading.Event()

    def read(self, key: str, start: int = 0, end: int | None = None, **pinned: str | None) -> Buffer:  # type: ignore[override]
        if key == "source/big" and start:
            assert self.left.wait(60)
        return super().read(key, start, end, **pinned)

    def read_beginning(self, key: str, size: int) -> tuple[Entry, Buffer]:
        return self.stat(key), super().read(key, 0, 1)


def test_who_leaves_waits_for_no_big_file(storage: StorageManager, monkeypatch: pytest.MonkeyPatch) -> None:
    """After Ctrl-C no more bytes are asked for; small files that were copied are there, the old big one too."""
    monkeypatch.setattr(outgoing, "RANGE", 1)
    monkeypatch.setattr(store_transfers, "RANGE", 1)
    gate = Gate()
    storage.add_mount(MountSpec(name="gate", type="given", options=GivenOptions(backend=gate)))
    files: Mapping[str, bytes] = {"big": b"x" * BYTES, "small": b"1"}
    for name, content in files.items():
        storage.node("gate:source", name).write_bytes(content)
    storage.node("memory:target/big").write_bytes(b"old")
    gate.requests.clear()

    def leave(node: StorageNode) -> None:
        gate.left.set()
        raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        storage.node("gate:source").copy_to("memory:target", on_file=leave)
    assert gate.requests.count("read") < BYTES
    assert storage.node("memory:target/big").read_bytes() == b"old"
    assert storage.node("memory:target/small").read_bytes() == b"1"
    assert sorted(node.name for node in storage.node("memory:target").children()) == ["big", "small"]
