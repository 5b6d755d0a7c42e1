"""What type checkers make of the Python API: read by mypy, never run."""

from collections.abc import Iterator
from io import BufferedRandom, BufferedReader, BufferedWriter, TextIOWrapper
from pathlib import Path
from typing import IO, Any, assert_type

import vfs


def manager() -> None:
    """Every form of a configuration, and what a manager gives."""
    with vfs.open("config.yaml") as storage:
        assert_type(storage, vfs.StorageManager)
        assert_type(storage.node("m:a", "b"), vfs.StorageNode)
        assert_type(list(storage), list[str])
        assert_type(storage.has_mount("m"), bool)
        storage.configure([{"name": "m", "type": "memory"}])
        storage.configure({"mounts": {"m": {"type": "memory"}}})
        storage.configure(Path("config.yaml"))
        storage.configure(42)  # type: ignore[arg-type]


def names(node: vfs.StorageNode) -> None:
    """Properties are values; places are nodes."""
    assert_type(node.fullpath, str)
    assert_type(node.parent, vfs.StorageNode)
    assert_type(node / "a", vfs.StorageNode)
    assert_type(node.child("a", "b"), vfs.StorageNode)
    assert_type(node.splitext(), tuple[str, str])
    assert_type(node.capabilities, frozenset[vfs.Capability])
    assert_type({node}, set[vfs.StorageNode])


def content(node: vfs.StorageNode) -> None:
    """The mode decides between text and bytes."""
    assert_type(node.read(), str)
    assert_type(node.read("rb"), bytes)
    assert_type(node.read_bytes(), bytes)
    assert_type(node.iter_bytes(), Iterator[bytes])
    assert_type(node.write("text"), vfs.WriteResult)
    assert_type(node.write(b"bytes", "wb"), vfs.WriteResult)
    assert_type(node.write_bytes(piece for piece in [b"a", b"b"]), vfs.WriteResult)
    node.write(b"bytes")  # type: ignore[call-overload]
    node.write_bytes("text")  # type: ignore[arg-type]
    node.read("w")  # type: ignore[call-overload]


def files(node: vfs.StorageNode, mode: str) -> None:
    """The mode decides the class of a file object."""
    assert_type(node.open(), TextIOWrapper)
    assert_type(node.open("w", newline=""), TextIOWrapper)
    assert_type(node.open("rb"), BufferedReader)
    assert_type(node.open("xb"), BufferedWriter)
    assert_type(node.open("r+b"), BufferedRandom)
    assert_type(node.open(mode), IO[Any])


def state(node: vfs.StorageNode) -> None:
    """What touches the storage is a method."""
    assert_type(node.stat(), vfs.Entry)
    assert_type(node.exists(), bool)
    assert_type(node.size(), int)
    assert_type(node.mtime(), float)
    assert_type(node.etag(), str | None)
    assert_type(node.get_metadata(), dict[str, str])
    assert_type(node.url(60), str)


def folders(node: vfs.StorageNode) -> None:
    """Children are nodes; moving gives the node at the new place."""
    assert_type(node.children(), list[vfs.StorageNode])
    assert_type(node.walk(), Iterator[tuple[vfs.StorageNode, list[str], list[str]]])
    assert_type(node.move_to("m:b"), vfs.StorageNode)
    assert_type(node.copy_to(node), vfs.CopySummary)
    node.mkdir(parents=True, exist_ok=True)
    node.delete(recursive=True, missing_ok=True)
