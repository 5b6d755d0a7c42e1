"""The same reference's storages and adapters: written with `async def`, carried over, given by name."""

import asyncio
from collections.abc import Callable, Iterator

import pytest
import trio
from azure.storage.blob import ContainerClient

import vfs
from tests.seeds.dictionary import Dictionary
from tests.servers import azure
from tests.servers.azure import AzuriteServer
from vfs import Capability
from vfs.aio.backends import AsyncBackend, AsyncCopies, AsyncKeepsMetadata, AsyncMoves
from vfs.aio.scoped import (
    AsyncAzureBackend,
    AsyncBackendSyncAdapter,
    AsyncMemoryBackend,
    AsyncStore,
    SyncBackendAdapter,
)
from vfs.engine.backend import Backend, Copies
from vfs.engine.backends.memory import MemoryBackend
from vfs.engine.entries import EntryKind

RUNS: dict[str, Callable[..., None]] = {"asyncio": lambda act: asyncio.run(act()), "trio": trio.run}


@pytest.fixture(params=RUNS)
def run(request: pytest.FixtureRequest) -> Callable[..., None]:
    return RUNS[request.param]


async def keeps_files(backend: AsyncBackend) -> None:
    """Written, listed, read by a range, refused and deleted, as any storage does."""
    assert Capability.READ in backend.capabilities
    told = await backend.write("d/f", b"0123456789", overwrite=False)
    assert told.size == 10
    with pytest.raises(vfs.AlreadyExists):
        await backend.write("d/f", b"other", overwrite=False)
    assert bytes(await backend.read("d/f", 2, 5)) == b"234"
    assert [(entry.name, entry.kind) async for entry in backend.list("")] == [("d", EntryKind.FOLDER)]
    assert (await backend.stat("d/f")).size == 10
    with pytest.raises(vfs.NotFound):
        await backend.read("none")
    with pytest.raises(vfs.IsADirectory):
        await backend.read("d")
    with pytest.raises(vfs.DirectoryNotEmpty):
        await backend.remove_directory("d")
    await backend.delete("d/f")
    await backend.remove_directory("d")
    assert [entry async for entry in backend.list("")] == []


def test_async_backend(run: Callable[..., None]) -> None:
    """A storage of one's own: identity, existence, reading, writing, deleting, listing, lifecycle."""

    async def example() -> None:
        backend = Dictionary()
        await keeps_files(backend)
        assert backend.ability(AsyncCopies) is None
        await backend.aclose()

    run(example)


def test_sync_backend_adapter(run: Callable[..., None]) -> None:
    """Any backend, awaited; its abilities are awaited too, and its words are the same."""

    async def example() -> None:
        inner = MemoryBackend()
        backend = SyncBackendAdapter(inner)
        assert backend.capabilities == inner.capabilities
        await keeps_files(backend)
        await backend.write("a", b"1", metadata={"by": "me"})
        copies, moves = backend.ability(AsyncCopies), backend.ability(AsyncMoves)
        assert copies is not None
        assert moves is not None
        await copies.copy("a", "b")
        with pytest.raises(vfs.AlreadyExists):
            await copies.copy("a", "b", overwrite=False)
        await moves.move("b", "c")
        assert (await backend.stat("c")).metadata == {"by": "me"}
        keeps = backend.ability(AsyncKeepsMetadata)
        assert keeps is not None
        assert (await keeps.set_metadata("c", {"by": "you"})).metadata == {"by": "you"}
        await backend.aclose()

    run(example)


@pytest.fixture
def adapted() -> Iterator[Backend]:
    backend = AsyncBackendSyncAdapter(Dictionary())
    yield backend
    backend.close()


def test_async_backend_sync_adapter(adapted: Backend) -> None:
    """An awaited storage for code that blocks: pieces of any source, listings, errors as they are."""
    assert adapted.write("a/b", iter([b"one ", b"two"])).size == 7
    assert bytes(adapted.read("a/b")) == b"one two"
    assert [entry.name for entry in adapted.list("a")] == ["b"]
    with pytest.raises(vfs.NotFound):
        adapted.read("none")
    assert adapted.ability(Copies) is None


def test_async_backend_sync_adapter_close(adapted: Backend) -> None:
    """What comes after it is an error, and closing again is none; a loop that never ran closes nothing."""
    adapted.write("a", b"1")
    adapted.close()
    adapted.close()
    with pytest.raises(vfs.StorageError, match="closed"):
        adapted.read("a")


def test_async_backend_sync_adapter_mounted(adapted: Backend) -> None:
    """It is a mount like any other: nodes, copies and open files work on it."""
    with vfs.open([{"name": "m", "type": "memory"}]) as storage:
        storage.add_backend("mine", adapted)
        with storage.node("mine:a/b.txt").open("w") as file:
            file.write("one\ntwo\n")
        storage.node("mine:a").copy_to("m:copy")
        assert storage.node("m:copy/b.txt").read() == "one\ntwo\n"
        assert {node.path for node in storage.node("mine:").glob("**/*.txt")} == {"a/b.txt"}


def test_async_memory_backend(run: Callable[..., None]) -> None:
    """Everything in memory; a store of it needs nothing else."""

    async def example() -> None:
        await keeps_files(AsyncMemoryBackend())
        async with AsyncStore(AsyncMemoryBackend(), root_path="tests") as store:
            await store.write("hello.txt", b"Hello")
            assert await store.read_text("hello.txt") == "Hello"
            assert store.supports(Capability.USER_METADATA)

    run(example)


def test_async_azure_backend(
    run: Callable[..., None], azurite: AzuriteServer, container: ContainerClient
) -> None:
    """A container by the words of its reference; its errors and its places."""
    options = {"account_name": azure.ACCOUNT, "account_key": azure.KEY, "account_url": azurite.url}

    async def example() -> None:
        await keeps_files(AsyncAzureBackend(container.container_name, **options))
        backend = AsyncAzureBackend(container.container_name, **options, max_concurrency=4)
        async with AsyncStore(backend, "reports") as store:
            await store.write("may.txt", b"all is well", metadata={"by": "me"})
            assert (await store.get_file_info("may.txt")).metadata == {"by": "me"}
            await store.ping()
            assert store.native_path("may.txt").endswith(f"{container.container_name}/reports/may.txt")
            assert azure.KEY not in str(store.resolve("may.txt"))
        async with AsyncStore(AsyncAzureBackend("no-such-container", **options)) as absent:
            with pytest.raises(vfs.NotFound):
                await absent.ping()

    run(example)
