"""What the same quick reference lists for asynchronous programs, heading by heading."""

import asyncio
from collections.abc import AsyncIterator, Iterator
from contextlib import asynccontextmanager
from pathlib import Path

import httpx
import pytest
from fastapi import FastAPI, HTTPException

from tests.servers.seaweed import ACCESS_KEY, REGION, SECRET_KEY, SeaweedServer
from vfs.aio import AsyncStorageManager, AsyncStorageNode


@pytest.fixture
def uploads(seaweed: SeaweedServer, bucket: str) -> dict[str, str]:
    """The settings of the mount that all examples use."""
    server = {"endpoint_url": seaweed.url, "region": REGION, "key": ACCESS_KEY, "secret": SECRET_KEY}
    return {"name": "uploads", "type": "s3", "bucket": bucket, **server}


@pytest.fixture
def storage(uploads: dict[str, str]) -> Iterator[AsyncStorageManager]:
    storage = AsyncStorageManager()
    storage.configure([uploads])
    yield storage
    storage.sync.close()


def test_async_storage_manager_api(tmp_path: Path) -> None:
    """Mounts are configured at once, before a loop runs; a node asks nothing."""
    storage = AsyncStorageManager()
    storage.configure([{"name": "one", "type": "memory"}])
    storage.add_mount({"name": "two", "type": "local", "path": str(tmp_path)})
    assert storage.get_mount_names() == ["one", "two"]
    assert storage.has_mount("two")
    assert isinstance(storage.node("two:a"), AsyncStorageNode)
    storage.sync.close()


def test_async_storage_node_api(storage: AsyncStorageManager) -> None:
    """Each act is awaited, in text and in binary modes."""

    async def example() -> None:
        node = storage.node("uploads:a.txt")
        assert not await node.exists()
        await node.write("text")
        assert (await node.read(), await node.read(mode="rb")) == ("text", b"text")
        assert (await node.size(), await node.is_file(), await node.is_dir()) == (4, True, False)
        assert await node.mtime() > 0
        await node.copy_to("uploads:b.txt")
        await node.move_to("uploads:c.txt")
        await storage.node("uploads:c.txt").delete()
        assert [child.path for child in await storage.node("uploads:").children()] == ["b.txt"]

    asyncio.run(example())


def test_synchronous_properties(storage: AsyncStorageManager) -> None:
    """Names are told without a loop."""
    node = storage.node("uploads:a/b.txt")
    assert (node.path, node.fullpath) == ("a/b.txt", "uploads:a/b.txt")
    assert (node.basename, node.stem, node.suffix) == ("b.txt", "b", ".txt")


def test_usage_examples_basic_usage(storage: AsyncStorageManager) -> None:
    """Reading what is there and writing anew."""

    async def process() -> bytes | None:
        node = storage.node("uploads:file.txt")
        data = await node.read(mode="rb") if await node.exists() else None
        await node.write(b"new data", mode="wb")
        return data

    assert asyncio.run(process()) is None
    assert asyncio.run(process()) == b"new data"


def test_usage_examples_fastapi_integration(uploads: dict[str, str]) -> None:
    """Configured when the application begins; an endpoint awaits and tells."""
    storage = AsyncStorageManager()

    @asynccontextmanager
    async def startup(app: FastAPI) -> AsyncIterator[None]:
        storage.configure([uploads])
        await storage.node("uploads:a/b.txt").write("hello")
        yield
        await storage.close()

    app = FastAPI(lifespan=startup)

    @app.get("/files/{filepath:path}")
    async def get_file(filepath: str) -> dict[str, object]:
        node = storage.node(f"uploads:{filepath}")
        if not await node.exists():
            raise HTTPException(status_code=404)
        return {
            "data": await node.read(mode="rb"),
            "size": await node.size(),
            "mime_type": node.mimetype,
        }

    async def asked() -> list[httpx.Response]:
        async with app.router.lifespan_context(app):
            transport = httpx.ASGITransport(app)
            async with httpx.AsyncClient(transport=transport, base_url="http://test") as client:
                return [await client.get(f"/files/{path}") for path in ("a/b.txt", "none")]

    found, missing = asyncio.run(asked())
    assert found.json() == {"data": "hello", "size": 5, "mime_type": "text/plain"}
    assert missing.status_code == 404


def test_usage_examples_concurrent_operations(storage: AsyncStorageManager) -> None:
    """Many at once, those that are not there among them."""

    async def process_multiple(paths: list[str]) -> int:
        async def process_one(path: str) -> int:
            node = storage.node(f"uploads:{path}")
            return len(await node.read(mode="rb")) if await node.exists() else 0

        return sum(await asyncio.gather(*[process_one(path) for path in paths]))

    storage.sync.node("uploads:a").write("12")
    storage.sync.node("uploads:b").write("345")
    assert asyncio.run(process_multiple(["a", "none", "b"])) == 5
