"""What type checkers make of the Python API: read by mypy and pyright, never run."""

from collections.abc import Iterable, Iterator
from concurrent.futures import Future
from datetime import datetime
from io import BufferedRandom, BufferedReader, BufferedWriter, TextIOWrapper
from pathlib import Path
from typing import IO, Any, assert_type

import vfs
from vfs.engine.serving.served import ServedFile

Written = vfs.NodeWriteResult[vfs.StorageNode]


def manager() -> None:
    """Every form of a configuration, and what a manager gives."""
    with vfs.open("config.yaml") as storage:
        assert_type(storage, vfs.StorageManager)
        assert_type(storage.node("m:a", "b"), vfs.StorageNode)
        joined = storage.iternode("m:a", storage.node("m:b"), storage.diffnode("m:a", "m:b"), separator="x")
        assert_type(joined, vfs.IterNode)
        assert_type(joined.open("rb"), BufferedReader)
        assert_type(joined.read(), str)
        assert_type(joined.zip(), bytes)
        assert_type(joined.zip("m:z"), int)
        assert_type(storage.node("m:a").zip(), bytes)
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
    assert_type(node.write("text"), Written)
    assert_type(node.write(b"bytes", "wb", overwrite=False), Written)
    assert_type(node.write_bytes(piece for piece in [b"a", b"b"]), Written)
    assert_type(node.write_text("a", skip_if_unchanged=True).node, vfs.StorageNode)
    assert_type(node.write_json({}, indent=2, metadata={}), Written)
    assert_type(node.write_atomic(b""), Written)
    assert_type(node.open_atomic(overwrite=True), BufferedWriter)
    assert_type(node.read_ranges([(0, None), (1, 2)]), list[bytes])
    assert_type(node.to_base64(), str)
    result: vfs.WriteResult = node.write_bytes(b"")
    assert result
    node.write(b"bytes")  # type: ignore[call-overload]
    node.write_bytes("text")  # type: ignore[arg-type]
    node.read("w")  # type: ignore[call-overload]
    node.write_text("text", unknown=True)  # type: ignore[call-arg]


def files(node: vfs.StorageNode, mode: str) -> None:
    """The mode decides the class of a file object."""
    assert_type(node.open(), TextIOWrapper)
    assert_type(node.open("w", newline=""), TextIOWrapper)
    assert_type(node.open("rb"), BufferedReader)
    assert_type(node.open("xb"), BufferedWriter)
    assert_type(node.open("r+b"), BufferedRandom)
    assert_type(node.open(mode), IO[Any])
    assert_type(node.open(version=-2), TextIOWrapper)
    assert_type(node.open("rb", as_of=datetime.now()), BufferedReader)


def state(node: vfs.StorageNode) -> None:
    """What touches the storage is a method."""
    assert_type(node.stat(), vfs.Entry)
    assert_type(node.exists(), bool)
    assert_type(node.size(), int)
    assert_type(node.mtime(), float)
    assert_type(node.etag(), str | None)
    assert_type(node.get_metadata(), dict[str, str])
    assert_type(node.url(60), str)
    assert_type(node.internal_url(), str)
    assert_type(node.head(), vfs.WriteResult)
    assert_type(node.md5hash(), str)
    assert_type(node.verify("digest", "md5"), bool)
    assert_type(node.same_content(node), bool)
    assert_type(node.get_tags(), dict[str, str])
    assert_type(node.versions(), list[vfs.Version])
    assert_type(node.rollback(0), vfs.WriteResult)
    assert_type(node.restore(0), vfs.WriteResult)


def tools(node: vfs.StorageNode) -> None:
    """What a call gives is decided by what is asked of it."""
    with node.local_path("rw") as path:
        assert_type(path, Path)
    assert_type(node.call("cat", node, return_output=True, timeout=1), str)
    assert_type(node.call("cat", node, async_mode=True), Future[str | None])
    node.call("cat", node, unknown=True)  # type: ignore[call-overload]


def serving(node: vfs.StorageNode) -> None:
    """An application without a request, a body with one."""

    def start_response(status: str, headers: list[tuple[str, str]], error: Any = None) -> Any: ...

    assert_type(node.serve(as_attachment=True), ServedFile)
    assert_type(node.serve({}, start_response), Iterable[bytes])
    assert_type(node.fill_from_url("https://host/file", metadata={}), Written)
    node.serve(unknown=True)  # type: ignore[call-overload]


def folders(node: vfs.StorageNode) -> None:
    """Children are nodes; moving gives the node at the new place."""
    assert_type(node.children(), list[vfs.StorageNode])
    assert_type(node.files(recursive=True), Iterator[vfs.StorageNode])
    assert_type(node.glob("**/*.csv"), Iterator[vfs.StorageNode])
    assert_type(node.tree_info(max_depth=0), vfs.TreeInfo)
    assert_type(node.walk(), Iterator[tuple[vfs.StorageNode, list[str], list[str]]])
    assert_type(node.move_to("m:b"), vfs.StorageNode)
    assert_type(node.copy_to(node), vfs.CopySummary)
    node.mkdir(parents=True, exist_ok=True)
    node.delete(recursive=True, missing_ok=True)


class Client:
    """What a driver might give out."""


def backing(node: vfs.StorageNode) -> None:
    """A client has the type that was asked for."""
    assert_type(node.unwrap(Client), Client)
    assert_type(node.resolve(), vfs.ResolutionPlan)
    assert_type(node.resolved_path, str | None)
    assert_type(node.native_path(), str)
    assert_type(node.supports("write"), bool)


def many(storage: vfs.StorageManager) -> None:
    """Batches take paths and nodes; a mapping is one of text to bytes."""
    assert_type(storage.batch_delete([storage.node("m:a"), "m:b"]), vfs.BatchResult)
    assert_type(storage.batch_copy([("m:a", storage.node("m:b"))]), vfs.BatchResult)
    assert_type(storage.batch_exists(["m:a"]), dict[str, bool])
    mapping = storage.mapping("m:")
    assert_type(mapping, vfs.FolderMapping)
    assert_type(mapping["a"], bytes)
    assert_type(mapping.get("a"), bytes)
    assert_type(mapping.get("a", None), bytes | None)
    assert_type(list(mapping), list[str])
    mapping["a"] = "text"  # type: ignore[assignment]
