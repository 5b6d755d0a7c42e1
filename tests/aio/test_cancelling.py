"""What a cancelled await leaves behind: nothing half done, and nothing acknowledged is lost."""

import asyncio
import threading
from collections.abc import AsyncIterator, Callable, Iterator

import anyio
import anyio.lowlevel
import pytest
import trio

import vfs
from tests.engine.nodes import add_bucket
from tests.servers.seaweed import SeaweedServer
from vfs.aio import AsyncStorageManager, AsyncStorageNode
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


def is_stored(seen: dict[str, bytes], acknowledged: set[str]) -> None:
    """Every acknowledged file is there, and whatever is there is whole."""
    assert acknowledged <= set(seen)
    assert all(content == f"content {name}".encode() for name, content in seen.items())


async def write_until_cancelled(folder: AsyncStorageNode, scope: anyio.CancelScope) -> set[str]:
    """Begin 200 writes, and cancel all of them when some were acknowledged; the names of those that were."""
    acknowledged: set[str] = set()

    async def write(name: str) -> None:
        await (folder / name).write_text(f"content {name}")
        acknowledged.add(name)
        if len(acknowledged) == 30:
            scope.cancel()

    with scope:
        async with anyio.create_task_group() as group:
            for number in range(200):
                group.start_soon(write, str(number))
    assert len(acknowledged) >= 30
    return acknowledged


@pytest.mark.parametrize("mount", ["local", "memory", "sqlite", "journalled"])
async def test_acknowledged_writes_are_there(storage: AsyncStorageManager, mount: str) -> None:
    """Of many writes that are cancelled together, every one that was acknowledged is stored whole."""
    folder = storage.node(f"{mount}:many")
    acknowledged = await write_until_cancelled(folder, anyio.CancelScope())
    is_stored({node.name: await node.read_bytes() async for node in folder.files()}, acknowledged)


async def test_acknowledged_writes_are_in_the_bucket(
    storage: AsyncStorageManager, seaweed: SeaweedServer, bucket: str
) -> None:
    """The same of a bucket, asked past everything of ours."""
    add_bucket(storage.sync, seaweed, bucket)
    acknowledged = await write_until_cancelled(storage.node("s3:"), anyio.CancelScope())
    client = seaweed.client()
    found = [entry["Key"] for entry in client.list_objects_v2(Bucket=bucket)["Contents"]]
    is_stored(
        {key: client.get_object(Bucket=bucket, Key=key)["Body"].read() for key in found if key[-1] != "/"},
        acknowledged,
    )


@pytest.mark.parametrize("run", [asyncio.run, trio.run], ids=["asyncio", "trio"])
def test_writes_in_the_colour_of_the_loop(manager: vfs.StorageManager, run: Callable[..., object]) -> None:
    """`storage.node()` in a task: what is cancelled there is as with `storage.aio`."""
    folder = manager.node("memory:many")

    async def write() -> None:
        found: object = manager.node("memory:many")
        assert isinstance(found, AsyncStorageNode)
        acknowledged.update(await write_until_cancelled(found, anyio.CancelScope()))

    acknowledged: set[str] = set()
    run(write() if run is asyncio.run else write)
    is_stored({node.name: node.read_bytes() for node in folder.files()}, acknowledged)


def test_asyncios_deadline_of_a_write(manager: vfs.StorageManager, gate: Gate) -> None:
    """One that passes while the storage writes ends the await after the write, and the file is whole."""
    node = manager.aio.node("memory:slow")
    deadlines: list[asyncio.Timeout] = []

    def pieces() -> Iterator[bytes]:
        yield b"first "
        gate()
        yield b"last"

    async def write() -> None:
        async with asyncio.timeout(None) as deadline:
            deadlines.append(deadline)
            await node.write_bytes(pieces())

    async def late() -> None:
        task = asyncio.create_task(write())
        await gate.wait_entered()
        (deadline,) = deadlines
        deadline.reschedule(asyncio.get_running_loop().time())
        while not deadline.expired():
            await anyio.lowlevel.checkpoint()
        gate.open.set()
        with pytest.raises(TimeoutError):
            await task

    asyncio.run(late())
    assert gate.finished.is_set()
    assert node.sync.read_bytes() == b"first last"


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
