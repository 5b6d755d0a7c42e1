"""What a guide to one API for synchronous and asynchronous programs shows, heading by heading."""

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path
from typing import Any

import httpx
import pytest
from fastapi import FastAPI, HTTPException, UploadFile

import vfs
from tests.servers.seaweed import ACCESS_KEY, REGION, SECRET_KEY, SeaweedServer
from vfs import StorageManager


def test_basic_setup(tmp_path: Path, seaweed: SeaweedServer, bucket: str) -> None:
    """A list of mounts, by `protocol` and `base_path`."""
    with StorageManager() as storage:
        storage.configure(
            [
                {"name": "local", "protocol": "local", "base_path": str(tmp_path)},
                {"name": "uploads", "protocol": "s3", "bucket": bucket, **reached(seaweed)},
            ]
        )
        for mount in ("local", "uploads"):
            storage.node(f"{mount}:file.txt").write_text(mount)
            assert storage.node(f"{mount}:file.txt").read() == mount


def reached(server: SeaweedServer) -> dict[str, str]:
    """The keys of a mount that reach the test server."""
    return {
        "endpoint_url": server.url,
        "region": REGION,
        "key": ACCESS_KEY,
        "secret": SECRET_KEY,
    }


def test_sync_usage(tmp_path: Path) -> None:
    """Calls are plain calls, and give plain values."""
    with StorageManager() as storage:
        storage.configure([{"name": "local", "protocol": "local", "base_path": str(tmp_path)}])
        node = storage.node("local:test.txt")
        node.write_bytes(b"Hello World")
        assert node.read_bytes() == b"Hello World"
        assert (node.exists(), node.size(), node.is_file()) == (True, 11, True)


def test_methods_vs_properties(storage: StorageManager) -> None:
    """What asks the storage is a method, what does not is a property."""
    node = storage.node("data:folder/a.b.txt")
    node.write_bytes(b"x")
    for method in (node.exists, node.is_file, node.is_dir, node.size, node.mtime, node.md5hash):
        assert callable(method)
        assert not callable(method())
    assert (node.basename, node.stem, node.suffix) == ("a.b.txt", "a.b", ".txt")
    assert (node.parent, node.mimetype) == (storage.node("data:folder"), "text/plain")


def test_how_it_works(storage: StorageManager) -> None:
    """The same lines, with `await` where a loop runs."""
    node = storage.node("home:file.txt")
    node.write_text("text")
    if node.exists():
        assert node.read() == "text"

    async def process() -> str | None:
        node = storage.node("home:file.txt")
        return await node.read() if await node.exists() else None

    assert asyncio.run(process()) == "text"


def test_async_usage(tmp_path: Path) -> None:
    """What touches the storage is awaited."""
    with StorageManager() as storage:
        storage.configure([{"name": "local", "protocol": "local", "base_path": str(tmp_path)}])

        async def example() -> tuple[bytes, bool, int, bool]:
            node = storage.node("local:test.txt")
            await node.write_bytes(b"Hello Async World")
            content = await node.read_bytes()
            return content, await node.exists(), await node.size(), await node.is_file()

        assert asyncio.run(example()) == (b"Hello Async World", True, 17, True)


def test_methods_vs_properties_awaited(storage: StorageManager) -> None:
    """The same methods are awaited; the same properties are not."""

    async def example() -> None:
        node = storage.node("data:a/b.txt")
        await node.write_bytes(b"hello")
        assert (await node.exists(), await node.is_file(), await node.is_dir()) == (True, True, False)
        assert (await node.size(), await node.md5hash()) == (5, "5d41402abc4b2a76b9719d911017c592")
        assert await node.mtime() > 0
        assert (node.basename, node.stem, node.suffix, node.mimetype) == ("b.txt", "b", ".txt", "text/plain")
        assert await node.parent.is_dir()

    asyncio.run(example())


def test_directory_operations(storage: StorageManager) -> None:
    """Making a folder, and listing it."""

    async def directory_example() -> None:
        folder = storage.node("home:testdir")
        await folder.mkdir()
        await storage.node("home:testdir/file1.txt").write_bytes(b"content1")
        await storage.node("home:testdir/file2.txt").write_bytes(b"content2")
        children = await folder.children()
        assert sorted(child.basename for child in children) == ["file1.txt", "file2.txt"]

    asyncio.run(directory_example())


def test_parallel_operations_parallel_writes(storage: StorageManager) -> None:
    """Ten files at once, and then ten questions."""

    async def parallel_writes() -> list[bool]:
        nodes = [storage.node(f"data:file_{i}.txt") for i in range(10)]
        await asyncio.gather(*[node.write_bytes(f"content_{i}".encode()) for i, node in enumerate(nodes)])
        return await asyncio.gather(*[node.exists() for node in nodes])

    assert asyncio.run(parallel_writes()) == [True] * 10


def test_parallel_operations_parallel_reads(storage: StorageManager) -> None:
    """Each gets its own file's content, in the order of asking."""

    async def parallel_reads() -> list[bytes]:
        nodes = []
        for i in range(10):
            node = storage.node(f"data:file_{i}.txt")
            await node.write_bytes(f"content_{i}".encode())
            nodes.append(node)
        return await asyncio.gather(*[node.read_bytes() for node in nodes])

    assert asyncio.run(parallel_reads()) == [f"content_{i}".encode() for i in range(10)]


@pytest.fixture
def guided(storage: StorageManager, seaweed: SeaweedServer, bucket: str) -> FastAPI:
    """An application with the guide's endpoints; `uploads` is a bucket, `backups` in memory."""
    storage.remove_mount("uploads")
    storage.configure([{"name": "uploads", "protocol": "s3", "bucket": bucket, **reached(seaweed)}])
    app = FastAPI()

    @app.get("/files/{filepath:path}")
    async def get_file(filepath: str) -> dict[str, object]:
        node = storage.node(f"uploads:{filepath}")
        if not await node.exists():
            raise HTTPException(status_code=404, detail="File not found")
        return {"data": await node.read_bytes(), "size": await node.size(), "mtime": await node.mtime()}

    @app.post("/upload/{filepath:path}")
    async def upload_file(filepath: str, file: UploadFile) -> dict[str, object]:
        node = storage.node(f"uploads:{filepath}")
        await node.write_bytes(await file.read())
        return {"filepath": filepath, "size": await node.size()}

    @app.post("/backup")
    async def backup_all(file_list: list[str]) -> dict[str, object]:
        async def backup_one(filepath: str) -> dict[str, str]:
            source = storage.node(f"uploads:{filepath}")
            target = storage.node(f"backups:{filepath}")
            if not await source.exists():
                return {"filepath": filepath, "status": "not found"}
            await target.write_bytes(await source.read_bytes())
            return {"filepath": filepath, "status": "ok"}

        return {"results": await asyncio.gather(*[backup_one(filepath) for filepath in file_list])}

    return app


def ask(app: FastAPI, method: str, path: str, **more: Any) -> httpx.Response:
    """What one request is answered, by an application that begins for it and ends after it."""

    async def asked() -> httpx.Response:
        async with app.router.lifespan_context(app):
            transport = httpx.ASGITransport(app)
            async with httpx.AsyncClient(transport=transport, base_url="http://test") as client:
                return await client.request(method, path, **more)

    return asyncio.run(asked())


def test_fastapi_integration_basic_file_serving(guided: FastAPI, storage: StorageManager) -> None:
    """An endpoint awaits what the storage tells; what is not there is 404."""
    storage.node("uploads:a/b.txt").write_text("hello")
    found = ask(guided, "GET", "/files/a/b.txt").json()
    assert (found["data"], found["size"]) == ("hello", 5)
    assert found["mtime"] == storage.node("uploads:a/b.txt").mtime()
    assert ask(guided, "GET", "/files/none").status_code == 404


def test_fastapi_integration_file_upload_endpoint(guided: FastAPI, storage: StorageManager) -> None:
    """What a browser sends is in the bucket."""
    told = ask(guided, "POST", "/upload/new/file.bin", files={"file": ("x", b"12345")}).json()
    assert told == {"filepath": "new/file.bin", "size": 5}
    assert storage.node("uploads:new/file.bin").read_bytes() == b"12345"


def test_fastapi_integration_batch_operations(guided: FastAPI, storage: StorageManager) -> None:
    """All at once, and each one's outcome is told."""
    storage.node("uploads:a").write_text("a")
    results = ask(guided, "POST", "/backup", json=["a", "none"]).json()["results"]
    assert results == [{"filepath": "a", "status": "ok"}, {"filepath": "none", "status": "not found"}]
    assert storage.node("backups:a").read() == "a"


def test_context_manager_pattern_clean_resource_management(tmp_path: Path) -> None:
    """The storage is opened when the application begins, and closed when it ends."""

    @asynccontextmanager
    async def lifespan(app: FastAPI) -> AsyncIterator[None]:
        with StorageManager() as storage:
            storage.configure([{"name": "data", "protocol": "local", "base_path": str(tmp_path)}])
            app.state.storage = storage
            yield

    app = FastAPI(lifespan=lifespan)

    @app.get("/")
    async def names() -> list[str]:
        return [node.name for node in await app.state.storage.node("data:").children()]

    (tmp_path / "a").touch()
    assert ask(app, "GET", "/").json() == ["a"]
    assert app.state.storage.closed


def test_best_practices(storage: StorageManager) -> None:
    """Errors are caught around an await, and waiting has an end."""

    async def example() -> str:
        try:
            await storage.node("data:none").read()
        except vfs.NotFound as error:
            await asyncio.wait_for(storage.node("data:log").write_text(str(error)), timeout=60)
        return await asyncio.wait_for(storage.node("data:log").read(), timeout=60)

    assert asyncio.run(example()).startswith("data:none: ")


def test_migration_notes(tmp_path: Path) -> None:
    """One manager for both; configuring is no coroutine, also where a loop runs."""

    async def example() -> bool:
        storage = StorageManager()
        storage.configure([{"name": "local", "type": "local", "path": str(tmp_path)}])
        node = storage.node("local:a")
        try:
            return await node.exists()
        finally:
            storage.close()

    assert asyncio.run(example()) is False
