"""What type checkers make of the asynchronous API: read by mypy and pyright, never run."""

import asyncio
from collections.abc import AsyncIterator
from datetime import datetime
from pathlib import Path
from typing import Any, assert_type

import vfs
import vfs.aio

Written = vfs.NodeWriteResult[vfs.aio.AsyncStorageNode]


async def colours(storage: vfs.StorageManager) -> None:
    """`aio` and `sync` give nodes of their colour, exactly typed, and each leads to the other."""
    assert_type(storage.aio, vfs.aio.AsyncStorageManager)
    assert_type(storage.sync, vfs.StorageManager)
    assert_type(storage.aio.sync, vfs.StorageManager)
    assert_type(storage.aio.node("m:a", "b"), vfs.aio.AsyncStorageNode)
    assert_type(storage.sync.node("m:a"), vfs.StorageNode)
    assert_type(storage.aio.node("m:a").sync, vfs.StorageNode)
    async with vfs.aio.open("config.yaml") as opened:
        assert_type(opened, vfs.aio.AsyncStorageManager)
    assert_type(await vfs.aio.open([{"name": "m", "type": "memory"}]), vfs.aio.AsyncStorageManager)


async def state(node: vfs.aio.AsyncStorageNode) -> None:
    """What touches the storage is awaited; names are not."""
    assert_type(node.fullpath, str)
    assert_type(node.parent, vfs.aio.AsyncStorageNode)
    assert_type(node / "a", vfs.aio.AsyncStorageNode)
    assert_type(node.exists(), vfs.aio.Pending[bool])
    assert_type(await node.exists(), bool)
    assert_type(await node.size(), int)
    assert_type(await node.stat(), vfs.Entry)
    assert_type(await node.etag(), str | None)
    assert_type(await node.digest("md5"), str)
    assert_type(await node.same_content(node), bool)
    assert_type(await node.versions(), list[vfs.Version])
    node.size() + 1  # type: ignore[operator]


async def content(node: vfs.aio.AsyncStorageNode, pieces: AsyncIterator[bytes]) -> None:
    """The mode decides between text and bytes; sources may be asynchronous."""
    assert_type(await node.read(), str)
    assert_type(await node.read("rb"), bytes)
    assert_type(await node.read_bytes(1, 2), bytes)
    assert_type(await node.read_ranges([(0, None)]), list[bytes])
    assert_type(await node.write_bytes(pieces), Written)
    assert_type(await node.write("text"), Written)
    assert_type(await node.write(pieces, "wb", overwrite=False), Written)
    assert_type((await node.write_text("a", skip_if_unchanged=True)).node, vfs.aio.AsyncStorageNode)
    async for piece in node.iter_bytes():
        assert_type(piece, bytes)
    await node.write(b"bytes")  # type: ignore[call-overload]
    await node.write_bytes("text")  # type: ignore[arg-type]


async def files(node: vfs.aio.AsyncStorageNode, mode: str) -> None:
    """The mode decides what a file gives and takes."""
    async with node.open() as text:
        assert_type(text, vfs.aio.AsyncFile[str])
        assert_type(await text.read(), str)
        async for line in text:
            assert_type(line, str)
        await text.write(b"")  # type: ignore[arg-type]
    async with node.open("r+b") as binary:
        assert_type(await binary.readline(), bytes)
    assert_type(await node.open("rb", as_of=datetime.now()), vfs.aio.AsyncFile[bytes])
    assert_type(await node.open_atomic(), vfs.aio.AsyncFile[bytes])
    assert_type(await node.open(mode), vfs.aio.AsyncFile[Any])
    async with node.local_path("rw") as path:
        assert_type(path, Path)
    assert_type(await node.call("sort", node, return_output=True), str)
    assert_type(await node.call("sort", node, timeout=5), None)


async def folders(node: vfs.aio.AsyncStorageNode) -> None:
    """Children are nodes of the same colour."""
    assert_type(await node.children(), list[vfs.aio.AsyncStorageNode])
    async for child in node.files(recursive=True):
        assert_type(child, vfs.aio.AsyncStorageNode)
    async for place, names, _ in node.walk():
        assert_type(place, vfs.aio.AsyncStorageNode)
        assert_type(names, list[str])
    assert_type(await node.move_to("m:b"), vfs.aio.AsyncStorageNode)
    assert_type(await node.copy_to(node, on_file=lambda done: done.path), vfs.CopySummary)


async def many(storage: vfs.aio.AsyncStorageManager, nodes: list[vfs.aio.AsyncStorageNode]) -> None:
    """Acts can be gathered and made tasks of."""
    assert_type(await asyncio.gather(*[node.read_bytes() for node in nodes]), list[bytes])
    assert_type(await asyncio.create_task(nodes[0].exists()), bool)
    assert_type(await storage.batch_exists(["m:a"]), dict[str, bool])
    mapping = storage.mapping("m:")
    assert_type(await mapping.get("a"), bytes)
    assert_type(await mapping.get("a", None), bytes | None)
    async for key in mapping:
        assert_type(key, str)
