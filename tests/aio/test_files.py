"""Files opened by asynchronous nodes."""

import anyio
import pytest

import vfs
from vfs.aio import AsyncStorageManager

pytestmark = pytest.mark.anyio


async def test_text_and_bytes(storage: AsyncStorageManager) -> None:
    """The standard library's modes, each act awaited."""
    node = storage.node("memory:file")
    async with node.open("w") as file:
        assert await file.write("one\ntwo\n") == 8
        await file.writelines(["three\n"])
    async with node.open() as file:
        assert [line async for line in file] == ["one\n", "two\n", "three\n"]
    file = await node.open("r+b")
    assert await file.seek(4) == 4
    await file.write(b"TWO")
    await file.flush()
    assert await file.tell() == 7
    await file.close()
    assert file.closed
    async with node.open("rb") as file:
        assert await file.readline() == b"one\n"
        assert await file.readlines() == [b"TWO\n", b"three\n"]
        assert (file.readable(), file.writable(), file.seekable()) == (True, False, True)
        assert file.name == "memory:file"
    async with node.open("a") as file:
        await file.truncate(3)
    assert await node.read() == "one"


async def test_a_failed_block_leaves_the_old_file(storage: AsyncStorageManager) -> None:
    """As in synchronous code."""
    node = storage.node("memory:file")
    await node.write_text("old")
    file = await node.open("w")

    async def failing() -> None:
        async with file:
            await file.write("new")
            raise KeyError

    with pytest.raises(KeyError):
        await failing()
    assert await node.read() == "old"


async def test_a_cancelled_block_leaves_the_old_file(storage: AsyncStorageManager) -> None:
    """Being cancelled is a failure of the block, and the file is closed all the same."""
    node = storage.node("memory:file")
    await node.write_text("old")
    with anyio.CancelScope() as scope:
        async with node.open("w") as file:
            await file.write("new")
            scope.cancel()
            await anyio.sleep_forever()
    assert file.closed
    assert await node.read() == "old"


async def test_opening_what_is_not_there(storage: AsyncStorageManager) -> None:
    """Raised by the await; arguments that do not fit together, too."""
    with pytest.raises(vfs.NotFound):
        await storage.node("memory:none").open()
    with pytest.raises(ValueError, match="invalid mode"):
        await storage.node("memory:none").open("q")
    async with storage.node("memory:new").open_atomic() as file:
        await file.write(b"1")
    with pytest.raises(vfs.AlreadyExists):
        await storage.node("memory:new").open_atomic()


async def test_tasks_that_share_a_file_take_turns(storage: AsyncStorageManager) -> None:
    """Acts of one file never run in two threads at once: no line is torn."""
    node = storage.node("memory:log")

    async def write(line: str) -> None:
        for _ in range(20):
            await file.write(line)

    async with node.open("w") as file, anyio.create_task_group() as group:
        for letter in "abcd":
            group.start_soon(write, letter * 50 + "\n")
    lines = (await node.read()).splitlines()
    assert sorted(lines) == sorted(letter * 50 for letter in "abcd" for _ in range(20))
