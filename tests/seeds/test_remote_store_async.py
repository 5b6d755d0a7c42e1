"""The reference of remote folders from a loop, heading by heading, over mounts and storages given."""

import asyncio
from collections.abc import AsyncIterator, Callable, Coroutine
from pathlib import Path
from typing import Any

import anyio
import pytest
import trio

import vfs
import vfs.aio
from tests.seeds.dictionary import Dictionary
from vfs import Capability
from vfs.aio.scoped import AsyncStore
from vfs.engine.backends.memory import MemoryBackend

Run = Callable[[Callable[[AsyncStore], Coroutine[Any, Any, None]]], None]
FILES = ("a.csv", "b.txt", "raw_1/c.csv", "raw_1/deep/d.csv")

MAKES: dict[str, Callable[[vfs.StorageManager], AsyncStore]] = {
    "a folder of a mount": lambda storage: AsyncStore(storage.aio.node("data:"), "store"),
    "a storage that blocks": lambda _: AsyncStore(MemoryBackend(), "store"),
    "a storage that is awaited": lambda _: AsyncStore(Dictionary(), "store"),
}


@pytest.fixture(params=["asyncio", "trio"])
def loop(request: pytest.FixtureRequest) -> str:
    return str(request.param)


@pytest.fixture(params=MAKES)
def with_store(request: pytest.FixtureRequest, storage: vfs.StorageManager, loop: str) -> Run:
    """Runs a function with a store of a few files, on either loop."""

    def run(example: Callable[[AsyncStore], Coroutine[Any, Any, None]]) -> None:
        async def in_loop() -> None:
            async with MAKES[request.param](storage) as store:
                for path in FILES:
                    await store.write(path, path.encode())
                await example(store)

        asyncio.run(in_loop()) if loop == "asyncio" else trio.run(in_loop)

    return run


async def pieces() -> AsyncIterator[bytes]:
    for piece in (b"one ", b"two"):
        await anyio.lowlevel.checkpoint()
        yield piece


def test_reading(with_store: Run) -> None:
    """`read`, `read_bytes`, `read_text`: pieces, bytes and text; a wrong path is refused at the call."""

    async def example(store: AsyncStore) -> None:
        assert b"".join([piece async for piece in store.read("raw_1/c.csv")]) == b"raw_1/c.csv"
        assert await store.read_bytes("a.csv") == b"a.csv"
        await store.write("latin", "é".encode("latin-1"))
        assert await store.read_text("latin", encoding="latin-1") == "é"
        assert await store.read_text("latin", errors="replace") == "\N{REPLACEMENT CHARACTER}"
        with pytest.raises(UnicodeDecodeError):
            await store.read_text("latin")
        with pytest.raises(vfs.NotFound):
            await store.read_bytes("none")
        with pytest.raises(vfs.IsADirectory):
            await store.read_bytes("raw_1")
        with pytest.raises(vfs.InvalidPath):
            store.read("../secret")

    with_store(example)


def test_writing(with_store: Run) -> None:
    """`write`, `write_text`, `write_atomic`: bytes or an asynchronous iterator; overwriting is a choice."""

    async def example(store: AsyncStore) -> None:
        told = await store.write("new/f", pieces())
        assert (told.path, told.size) == ("new/f", 7)
        await store.write_text("t", "é", encoding="latin-1")
        assert await store.read_bytes("t") == b"\xe9"
        with pytest.raises(vfs.AlreadyExists):
            await store.write("t", b"new")
        with pytest.raises(vfs.AlreadyExists):
            await store.write_atomic("t", b"new")
        await store.write_atomic("t", pieces(), overwrite=True)
        assert await store.read_bytes("t") == b"one two"

    with_store(example)


def test_deleting(with_store: Run) -> None:
    """`delete`, `delete_folder`: one file, a folder with all that is in it, never the root."""

    async def example(store: AsyncStore) -> None:
        await store.delete("a.csv")
        await store.delete("a.csv", missing_ok=True)
        with pytest.raises(vfs.NotFound):
            await store.delete("a.csv")
        with pytest.raises(vfs.IsADirectory):
            await store.delete("raw_1", missing_ok=True)
        with pytest.raises(vfs.DirectoryNotEmpty):
            await store.delete_folder("raw_1")
        with pytest.raises(vfs.NotADirectory):
            await store.delete_folder("b.txt")
        await store.delete_folder("raw_1", recursive=True)
        await store.delete_folder("raw_1", missing_ok=True)
        with pytest.raises(vfs.InvalidPath):
            await store.delete_folder("", recursive=True)
        assert [child.name async for child in store.iter_children("")] == ["b.txt"]

    with_store(example)


def test_listing_and_iteration(with_store: Run) -> None:
    """`list_files`, `list_folders`, `iter_children`, `glob`: lazily; wrong arguments are refused at once."""

    async def example(store: AsyncStore) -> None:
        assert {info.path async for info in store.list_files("")} == {"a.csv", "b.txt"}
        everything = store.list_files("", recursive=True, pattern="*.csv")
        assert {info.path async for info in everything} == {"a.csv", "raw_1/c.csv", "raw_1/deep/d.csv"}
        assert {info.name async for info in store.list_files("", max_depth=1)} == {"a.csv", "b.txt", "c.csv"}
        assert {folder.path async for folder in store.list_folders("")} == {"raw_1"}
        assert {folder.path async for folder in store.list_folders("", pattern="de*", max_depth=1)} == {
            "raw_1/deep"
        }
        assert {child.name async for child in store.iter_children("raw_1")} == {"c.csv", "deep"}
        assert store.supports(Capability.GLOB)
        assert {info.path async for info in store.glob("raw_*/**/*.csv")} == {
            "raw_1/c.csv",
            "raw_1/deep/d.csv",
        }
        for wrong in (store.list_files, store.list_folders):
            with pytest.raises(ValueError, match="max_depth"):
                wrong("", max_depth=-1)

    with_store(example)


def test_file_operations(with_store: Run) -> None:
    """`move`, `copy`: of files, over what is there only when told so."""

    async def example(store: AsyncStore) -> None:
        for act in (store.move, store.copy):
            with pytest.raises(vfs.AlreadyExists):
                await act("a.csv", "b.txt")
            with pytest.raises(vfs.NotFound):
                await act("none", "x")
            with pytest.raises(vfs.IsADirectory):
                await act("raw_1", "x")
        await store.copy("a.csv", "b.txt", overwrite=True)
        await store.move("a.csv", "moved/a")
        assert await store.read_text("b.txt") == await store.read_text("moved/a") == "a.csv"
        assert not await store.exists("a.csv")

    with_store(example)


def test_metadata(with_store: Run) -> None:
    """`head`, `exists`, `is_file`, `is_folder`, `get_file_info`, `get_folder_info`."""

    async def example(store: AsyncStore) -> None:
        told = await store.write("f", b"12345")
        head = await store.head("f")
        assert (head.path, head.size, head.etag) == ("f", 5, told.etag)
        for path, expected in {
            "f": (True, True, False),
            "raw_1": (True, False, True),
            "x": (False,) * 3,
        }.items():
            asked = await store.exists(path), await store.is_file(path), await store.is_folder(path)
            assert asked == expected
        assert (await store.get_file_info("f")).size == 5
        with pytest.raises(vfs.NotFound):
            await store.get_file_info("none")
        assert (await store.get_folder_info("raw_1")).file_count == 2
        assert (await store.get_folder_info("raw_1", max_depth=0)).total_size == len("raw_1/c.csv")

    with_store(example)


def test_introspection_and_interop(with_store: Run) -> None:
    """`resolve`, `unwrap`, `native_path`, `to_key`, `supports`: no storage is asked, nothing is awaited."""

    async def example(store: AsyncStore) -> None:
        plan = store.resolve("raw_1/c.csv")
        assert plan.key == "raw_1/c.csv"
        assert plan.native_path.endswith("store/raw_1/c.csv")
        assert store.to_key(store.native_path("raw_1/c.csv")) == "raw_1/c.csv"
        with pytest.raises(vfs.InvalidPath):
            store.to_key("elsewhere/f")
        assert store.supports(Capability.READ)
        with pytest.raises(ValueError, match="teleport"):
            store.supports("teleport")
        with pytest.raises(vfs.CapabilityNotSupported):
            store.unwrap(dict)

    with_store(example)


def test_lifecycle(with_store: Run) -> None:
    """`ping`, `child`: a store below, on the same storage; `..` leads nowhere."""

    async def example(store: AsyncStore) -> None:
        await store.ping()
        child = store.child("raw_1")
        assert await child.read_text("c.csv") == "raw_1/c.csv"
        for wrong in ("", "../x", "nul\0"):
            with pytest.raises(vfs.InvalidPath):
                store.child(wrong)

    with_store(example)


def test_aclose(tmp_path: Path) -> None:
    """`async with` gives back what the storage held; so does `aclose`."""

    async def example() -> None:
        configuration = [{"name": "m", "type": "sqlite", "path": str(tmp_path / "a.db")}]
        async with vfs.aio.open(configuration) as storage:
            await AsyncStore(storage.node("m:")).write("a", b"1")
        assert storage.closed
        dictionary = Dictionary()
        store = AsyncStore(dictionary)
        assert not await store.exists("a")
        await store.aclose()
        assert dictionary.is_closed

    asyncio.run(example())
