"""The same reference of remote folders, asynchronous: what acts is awaited, listings are gone through."""

import asyncio
from collections.abc import AsyncIterator, Callable, Coroutine
from pathlib import Path
from typing import Any

import anyio
import pytest
import trio

import vfs
import vfs.aio
from vfs.aio import AsyncStorageNode

Run = Callable[[Callable[[AsyncStorageNode], Coroutine[Any, Any, None]]], None]


@pytest.fixture(params=["asyncio", "trio"])
def with_store(request: pytest.FixtureRequest, storage: vfs.StorageManager) -> Run:
    """Runs a function with a store of a few files, on either loop."""
    for path in ("a.csv", "b.txt", "raw_1/c.csv"):
        storage.node(f"data:store/{path}").write_text(path)
    store = storage.aio.node("data:store")

    def run(example: Callable[[AsyncStorageNode], Coroutine[Any, Any, None]]) -> None:
        if request.param == "asyncio":
            asyncio.run(example(store))
        else:
            trio.run(example, store)

    return run


async def pieces() -> AsyncIterator[bytes]:
    for piece in (b"one ", b"two"):
        await anyio.lowlevel.checkpoint()
        yield piece


def test_reading(with_store: Run) -> None:
    """Pieces, bytes and text; what is missing is an error of the await."""

    async def example(store: AsyncStorageNode) -> None:
        assert [piece async for piece in (store / "a.csv").iter_bytes()] == [b"a.csv"]
        assert await (store / "a.csv").read_bytes() == b"a.csv"
        assert await (store / "a.csv").read_text(encoding="ascii") == "a.csv"
        with pytest.raises(vfs.NotFound):
            await (store / "none").read_bytes()

    with_store(example)


def test_writing(with_store: Run) -> None:
    """Bytes, or an asynchronous iterator of them; overwriting is a choice."""

    async def example(store: AsyncStorageNode) -> None:
        told = await (store / "new/f").write_bytes(pieces(), overwrite=False, metadata={"by": "me"})
        assert (told.size, await (store / "new/f").get_metadata()) == (7, {"by": "me"})
        await (store / "t").write_text("é", encoding="latin-1", overwrite=False)
        assert await (store / "t").read_bytes() == b"\xe9"
        with pytest.raises(vfs.AlreadyExists):
            await (store / "t").write_atomic(b"new")
        await (store / "t").write_atomic(b"new", overwrite=True)
        assert await (store / "t").read_bytes() == b"new"

    with_store(example)


def test_deleting(with_store: Run) -> None:
    """Files, and folders with what is in them."""

    async def example(store: AsyncStorageNode) -> None:
        await (store / "a.csv").delete()
        await (store / "a.csv").delete(missing_ok=True)
        with pytest.raises(vfs.DirectoryNotEmpty):
            await (store / "raw_1").delete()
        await (store / "raw_1").delete(recursive=True)
        assert [node.name async for node in store.iter_children()] == ["b.txt"]

    with_store(example)


def test_listing_and_iteration(with_store: Run) -> None:
    """Listings come as they are asked for; wrong arguments are refused at the call."""

    async def example(store: AsyncStorageNode) -> None:
        assert {node.name async for node in store.files()} == {"a.csv", "b.txt"}
        assert {n.name async for n in store.files(recursive=True, pattern="*.csv")} == {"a.csv", "c.csv"}
        assert {node.name async for node in store.folders()} == {"raw_1"}
        assert {node.name async for node in store.iter_children()} == {"a.csv", "b.txt", "raw_1"}
        assert {node.name async for node in store.glob("raw_*/*.csv")} == {"c.csv"}
        with pytest.raises(ValueError, match="max_depth"):
            store.files(max_depth=-1)

    with_store(example)


def test_file_operations(with_store: Run) -> None:
    """Moving and copying, over what is there or not."""

    async def example(store: AsyncStorageNode) -> None:
        with pytest.raises(vfs.AlreadyExists):
            await (store / "a.csv").copy_to(store / "b.txt", overwrite=False)
        await (store / "a.csv").copy_to(store / "b.txt")
        await (store / "a.csv").move_to(store / "moved")
        assert await (store / "b.txt").read_text() == await (store / "moved").read_text() == "a.csv"
        assert not await (store / "a.csv").exists()

    with_store(example)


def test_metadata(with_store: Run) -> None:
    """Of a file, of a folder, and three questions."""

    async def example(store: AsyncStorageNode) -> None:
        told = await (store / "f").write_bytes(b"12345")
        assert (await (store / "f").head()).etag == told.etag
        assert await (store / "f").is_file()
        assert await store.is_dir()
        assert not await (store / "none").exists()
        assert (await (store / "f").stat()).size == 5
        assert (await store.tree_info()).file_count == 4
        assert (await store.tree_info(max_depth=0)).file_count == 3

    with_store(example)


def test_introspection_and_interop(with_store: Run) -> None:
    """What asks no storage is not awaited."""

    async def example(store: AsyncStorageNode) -> None:
        file = store.child("raw_1") / "c.csv"
        assert file.resolve().key == "store/raw_1/c.csv"
        assert file.to_key(file.native_path()) == file.path
        assert file.supports(vfs.Capability.ATOMIC_WRITE)
        with pytest.raises(vfs.CapabilityNotSupported):
            file.unwrap(dict)
        with pytest.raises(vfs.InvalidPath):
            store.child("../x")
        await store.ping()

    with_store(example)


def test_aclose(tmp_path: Path) -> None:
    """`async with` gives back what the storage held."""

    async def example() -> None:
        configuration = [{"name": "m", "type": "sqlite", "path": str(tmp_path / "a.db")}]
        async with vfs.aio.open(configuration) as storage:
            await storage.node("m:a").write_text("a")
        assert storage.closed

    asyncio.run(example())
