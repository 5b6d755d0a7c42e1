"""What a cancelled await leaves behind: nothing half done, and nothing acknowledged is lost."""

import asyncio
import threading
from collections.abc import AsyncIterator, Callable, Iterator

import anyio
import anyio.lowlevel
import pytest

import vfs
from vfs.aio import AsyncStorageManager
from vfs.aio.threads import THREADS, changing, reading

pytestmark = pytest.mark.anyio


class Gate:
    """A blocking call that a test lets through, and knows whether it is under way."""

    def __init__(self) -> None:
        self.entered = threading.Event()
        self.open = threading.Event()
        self.finished = threading.Event()

    def __call__(self) -> str:
        self.entered.set()
        assert self.open.wait(30)
        self.finished.set()
        return "done"

    async def wait_entered(self) -> None:
        assert await anyio.to_thread.run_sync(self.entered.wait, 30)


@pytest.fixture
def gate() -> Iterator[Gate]:
    gate = Gate()
    yield gate
    gate.open.set()


async def test_looking_is_given_up_at_once(gate: Gate) -> None:
    """A timeout is kept while the thread still waits for the storage."""
    with anyio.CancelScope() as scope:
        async with anyio.create_task_group() as group:
            group.start_soon(reading, gate)
            await gate.wait_entered()
            scope.cancel()
    assert scope.cancelled_caught
    assert not gate.finished.is_set()


async def test_a_change_is_finished_first(gate: Gate) -> None:
    """The await of a change that has begun ends after the change."""
    with anyio.CancelScope() as scope:
        async with anyio.create_task_group() as group:
            group.start_soon(changing, gate)
            await gate.wait_entered()
            scope.cancel()
            gate.open.set()
    assert gate.finished.is_set()


async def test_a_change_that_has_not_begun_never_begins(storage: AsyncStorageManager) -> None:
    """Cancelled before, nothing is written."""
    node = storage.node("memory:a")
    with anyio.CancelScope() as scope:
        scope.cancel()
        await node.write_text("never")
    assert scope.cancelled_caught
    assert not await node.exists()


def test_asyncios_own_cancel_waits_for_a_change(gate: Gate) -> None:
    """`task.cancel()` and `wait_for` respect no shields: the task ends after the change all the same."""

    async def cancelled() -> None:
        task = asyncio.create_task(changing(gate))
        await gate.wait_entered()
        task.cancel()
        task.cancel()
        await anyio.lowlevel.checkpoint()
        assert not task.done()
        gate.open.set()
        with pytest.raises(asyncio.CancelledError):
            await task
        assert gate.finished.is_set()

    asyncio.run(cancelled())


def test_a_failure_behind_asyncios_cancel_is_told(gate: Gate) -> None:
    """What the change ran into is the cause of the cancellation that ends its await."""

    def failing() -> None:
        gate()
        raise vfs.Conflict("somebody else's", "a")

    async def cancelled() -> BaseException | None:
        task = asyncio.create_task(changing(failing))
        await gate.wait_entered()
        task.cancel()
        gate.open.set()
        try:
            await task
        except asyncio.CancelledError as error:
            return error.__cause__
        return None

    assert isinstance(asyncio.run(cancelled()), vfs.Conflict)


def test_asyncios_cancel_of_an_open_closes_the_file(
    storage: AsyncStorageManager, gate: Gate, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A file that was opened for an await that is gone is closed, and does not take its place."""
    node = storage.node("memory:a")
    node.sync.write_text("old")
    opened: list[object] = []
    plain: Callable[..., object] = vfs.StorageNode.open

    def slow(*args: object, **kwargs: object) -> object:
        opened.append(plain(*args, **kwargs))
        gate()
        return opened[0]

    monkeypatch.setattr(vfs.StorageNode, "open", slow)

    async def cancelled() -> None:
        task = asyncio.create_task(node.open("w"))
        await gate.wait_entered()
        task.cancel()
        gate.open.set()
        with pytest.raises(asyncio.CancelledError):
            await task

    asyncio.run(cancelled())
    assert opened[0].closed  # type: ignore[attr-defined]
    assert node.sync.read_text() == "old"


async def test_a_cancelled_source_leaves_the_old_file(storage: AsyncStorageManager) -> None:
    """A write whose source is cancelled between two pieces stores nothing."""
    node = storage.node("memory:a")
    await node.write_text("old")
    with anyio.CancelScope() as scope:

        async def stuck() -> AsyncIterator[bytes]:
            yield b"new"
            scope.cancel()
            await anyio.sleep_forever()

        await node.write_bytes(stuck())
    assert scope.cancelled_caught
    assert await node.read() == "old"


async def test_acknowledged_writes_are_there(storage: AsyncStorageManager) -> None:
    """Of many writes that are cancelled together, every one that was acknowledged is stored whole."""
    folder = storage.node("local:many")
    acknowledged = set()

    async def write(number: int) -> None:
        await (folder / str(number)).write_text(f"content {number}")
        acknowledged.add(number)
        if len(acknowledged) == 30:
            scope.cancel()

    with anyio.CancelScope() as scope:
        async with anyio.create_task_group() as group:
            for number in range(200):
                group.start_soon(write, number)
    stored = {int(node.name): await node.read() async for node in folder.files()}
    assert len(acknowledged) >= 30
    assert acknowledged <= set(stored)
    assert all(text == f"content {number}" for number, text in stored.items())


async def test_more_fed_writes_than_threads(storage: AsyncStorageManager) -> None:
    """Writes that wait for what other calls read never take all the threads: there is no deadlock."""
    source = storage.node("memory:source")
    await source.write_bytes(b"content")
    targets = [storage.node(f"memory:targets/{number}") for number in range(THREADS + 8)]
    with anyio.fail_after(60):
        async with anyio.create_task_group() as group:
            for target in targets:
                group.start_soon(target.write_bytes, source.iter_bytes())
    assert [await target.read() for target in targets] == ["content"] * len(targets)


async def test_an_iteration_left_early_gives_back_its_file(storage: AsyncStorageManager) -> None:
    """Closed by hand, it is over; so is one whose loop was cancelled."""
    node = storage.node("memory:big")
    await node.write_bytes(bytes(3 << 20))
    pieces = node.iter_bytes()
    assert len(await anext(pieces)) == 1 << 20
    await pieces.aclose()
    assert [piece async for piece in pieces] == []
    await node.delete()
