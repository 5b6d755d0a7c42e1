"""Asynchronous nodes do what synchronous ones do, on asyncio and on trio."""

import io
from collections.abc import AsyncIterator

import pytest

import vfs
from vfs.aio import AsyncStorageManager

pytestmark = pytest.mark.anyio


async def pieces() -> AsyncIterator[bytes]:
    """A file that comes piece by piece."""
    for number in range(3):
        yield b"%d" % number


async def test_state_is_awaited(storage: AsyncStorageManager) -> None:
    """What touches the storage is awaited, names are not."""
    node = storage.node("local:a/b.txt")
    assert not await node.exists()
    await node.write_text("hello")
    assert await node.exists()
    assert await node.is_file()
    assert (await node.size(), await node.read_text()) == (5, "hello")
    assert (node.name, node.suffix, node.parent.path) == ("b.txt", ".txt", "a")
    assert (await node.stat()).size == 5
    assert await node.verify(await node.digest("sha256"))
    assert node.sync.read_text() == "hello"


async def test_errors_are_those_of_nodes(storage: AsyncStorageManager) -> None:
    """An await raises what the call raises, with its place."""
    with pytest.raises(vfs.NotFound, match=r"^local:none: "):
        await storage.node("local:none").read_bytes()
    with pytest.raises(vfs.PermissionDenied):
        await storage.node("locked:a").write_bytes(b"")


async def test_a_write_tells_its_node(storage: AsyncStorageManager) -> None:
    """The node in a result has the colour of the one that was written to."""
    node = storage.node("memory:a")
    result = await node.write_bytes(b"1")
    assert result.node == node
    assert type(result.node) is type(node)
    assert not await node.write_bytes(b"1", skip_if_unchanged=True)


@pytest.mark.parametrize("mount", ["local", "memory", "sqlite"])
async def test_async_sources(storage: AsyncStorageManager, mount: str) -> None:
    """Async iterators are stored as they come; what they raise leaves the old file."""
    node = storage.node(f"{mount}:a")
    assert (await node.write_bytes(pieces())).size == 3

    async def failing() -> AsyncIterator[bytes]:
        yield b"part"
        raise KeyError("the source's own")

    with pytest.raises(KeyError, match="the source's own"):
        await node.write_bytes(failing())
    assert await node.read_bytes() == b"012"
    with pytest.raises(vfs.AlreadyExists):
        await node.write_atomic(pieces())


async def test_files_that_are_read_by_awaiting(storage: AsyncStorageManager) -> None:
    """An open file of another node, and of the standard library, are sources."""
    source, target = storage.node("local:source"), storage.node("memory:target")
    await source.write_bytes(b"content")
    async with source.open("rb") as file:
        await target.write_bytes(file)
    assert await target.read_bytes() == b"content"
    await target.write(io.BytesIO(b"other"), "wb")
    assert await target.read() == "other"


async def test_reading_in_pieces(storage: AsyncStorageManager) -> None:
    """`iter_bytes` is an async iterator; a copy through it holds a piece at a time."""
    source, target = storage.node("local:source"), storage.node("sqlite:target")
    content = bytes(range(256)) * (9 << 10)
    await source.write_bytes(content)
    sizes = [len(piece) async for piece in source.iter_bytes()]
    assert max(sizes) <= 1 << 20
    assert sum(sizes) == len(content)
    await target.write_bytes(source.iter_bytes())
    assert await target.same_content(source)


async def test_folders(storage: AsyncStorageManager) -> None:
    """Listings are lists or async iterators of nodes."""
    folder = storage.node("local:folder")
    await folder.mkdir()
    for name in ("b", "a", "sub/c"):
        await (folder / name).write_text(name)
    assert [node.name for node in await folder.children()] == ["a", "b", "sub"]
    assert {node.name async for node in folder.iter_children()} == {"a", "b", "sub"}
    assert {node.path async for node in folder.files(recursive=True)} == {
        "folder/a",
        "folder/b",
        "folder/sub/c",
    }
    assert [node.path async for node in folder.glob("**/c")] == ["folder/sub/c"]
    assert [names async for _, *names in folder.walk()] == [[["sub"], ["a", "b"]], [[], ["c"]]]
    assert (await folder.tree_info()).file_count == 3
    await folder.delete(recursive=True)
    assert not await folder.exists()


async def test_folders_taken_out_of_a_walk_are_not_entered(storage: AsyncStorageManager) -> None:
    """Nothing is looked at ahead of the loop's body."""
    await storage.node("memory:top/left/file").write_text("")
    await storage.node("memory:top/taken/file").write_text("")
    seen = []
    async for node, folders, _ in storage.node("memory:top").walk():
        seen.append(node.path)
        if "taken" in folders:
            folders.remove("taken")
    assert seen == ["top", "top/left"]


async def test_errors_of_a_listing_come_in_their_place(storage: AsyncStorageManager) -> None:
    """What there was before is given first; an error at once is raised at once."""
    with pytest.raises(vfs.NotFound):
        await anext(storage.node("local:none").iter_children())
    with pytest.raises(ValueError, match="max_depth"):
        storage.node("local:").files(max_depth=-1)


async def test_copying_and_moving(storage: AsyncStorageManager) -> None:
    """Targets may have either colour; what is called back has synchronous nodes."""
    source = storage.node("local:source")
    await (source / "a").write_text("a")
    told: list[vfs.StorageNode] = []
    summary = await source.copy_to(storage.node("memory:one"), on_file=told.append)
    assert (summary.copied, told) == (1, [(source / "a").sync])
    moved = await source.move_to(storage.node("memory:two").sync)
    assert moved == storage.node("memory:two")
    assert await moved.child("a").read() == "a"


async def test_many_places(storage: AsyncStorageManager) -> None:
    """Batches and mappings have their awaited forms."""
    await storage.node("memory:a").write_text("a")
    copied = await storage.batch_copy([("memory:a", storage.node("local:b"))])
    assert copied.all_succeeded
    assert await storage.batch_exists(["local:b", storage.node("local:c")]) == {
        "local:b": True,
        "local:c": False,
    }
    things = storage.mapping("local:things")
    await things.put("x/y", b"1")
    assert await things.get("x/y") == b"1"
    assert await things.get("none", None) is None
    with pytest.raises(KeyError):
        await things.get("none")
    assert [key async for key in things] == ["x/y"]
    assert await things.exists("x/y")
    await things.delete("x/y")
    assert [key async for key in things] == []


async def test_a_storage_opened_by_awaiting() -> None:
    """`vfs.aio.open` is closed by its block; mounts come and go."""
    async with vfs.aio.open([{"name": "one", "type": "memory"}]) as storage:
        storage.configure([{"name": "two", "type": "memory"}])
        assert (list(storage), len(storage), "two" in storage) == (["one", "two"], 2, True)
        await storage.remove_mount("two")
        assert not storage.has_mount("two")
        await storage.flush()
        assert list(await storage.unsent()) == []
    assert storage.closed


async def test_programs_of_this_machine(storage: AsyncStorageManager) -> None:
    """A local path is a block, and a command is awaited; both store what was changed."""
    node = storage.node("memory:a.txt")
    await node.write_text("b\na\n")
    async with node.local_path("rw") as path:
        path.write_text(path.read_text() + "c\n")
    assert await node.call("sort", "-r", node, return_output=True) == "c\nb\na\n"
    await node.call("sort", "-o", node, node)
    assert await node.read() == "a\nb\nc\n"


async def test_virtual_nodes(storage: AsyncStorageManager) -> None:
    """Joined and compared nodes are read by awaiting, from either manager, and archives too."""
    one, two = storage.node("memory:one"), storage.node("local:two")
    await one.write_text("a\n")
    await two.write_text("b\n")
    joined = storage.iternode(one, separator="--\n")
    joined.append(two.sync)
    assert joined.nodes == (one, two)
    assert (await joined.size(), await joined.read()) == (7, "a\n--\nb\n")
    assert b"".join([piece async for piece in joined.iter_bytes()]) == b"a\n--\nb\n"
    async with joined.open("rb") as file:
        await file.seek(5)
        assert await file.read() == b"b\n"
    copied = await joined.copy_to(storage.node("sqlite:joined"))
    assert await copied.node.read() == "a\n--\nb\n"
    assert "+b" in await storage.sync.aio.diffnode(one, two).read()
    assert await joined.zip(storage.node("memory:two.zip")) == await storage.node("memory:two.zip").size()
    assert (await storage.node("memory:one").zip())[:2] == b"PK"
    with pytest.raises(ValueError, match="cannot be written"):
        joined.write_bytes(b"")
