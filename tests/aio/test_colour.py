"""`storage.node()` has the colour of where it is called; `sync` and `aio` force one."""

import asyncio
import subprocess
import sys
import threading
from collections.abc import Callable
from typing import Any

import anyio
import pytest
import trio

import vfs
from vfs.aio import AsyncDiffNode, AsyncIterNode, AsyncStorageNode
from vfs.engine.virtual.nodes import DiffNode, IterNode
from vfs.storage import StorageManager


def colour_in_a_task(run: Callable[..., Any], manager: StorageManager) -> type:
    async def look() -> type:
        assert type(manager.iternode(manager.node("memory:a"))) is AsyncIterNode
        assert type(manager.diffnode("memory:a", "memory:b")) is AsyncDiffNode
        assert type(manager.sync.iternode("memory:a")) is IterNode
        assert type(manager.sync.diffnode("memory:a", "memory:b")) is DiffNode
        return type(manager.node("memory:a"))

    kind: type = run(look()) if run is asyncio.run else run(look)
    return kind


@pytest.mark.parametrize("run", [asyncio.run, anyio.run, trio.run], ids=["asyncio", "anyio", "trio"])
def test_the_colour_of_where_it_is_called(run: Callable[..., Any], manager: StorageManager) -> None:
    """Asynchronous in a task, synchronous before and after."""
    assert type(manager.iternode("memory:a")) is IterNode
    assert type(manager.node("memory:a")) is vfs.StorageNode
    assert colour_in_a_task(run, manager) is AsyncStorageNode
    assert type(manager.node("memory:a")) is vfs.StorageNode


@pytest.mark.anyio
async def test_a_thread_beside_a_loop_is_synchronous(manager: StorageManager) -> None:
    """Also where context variables of the loop were carried along."""
    found = await anyio.to_thread.run_sync(lambda: manager.node("memory:a"))
    assert type(found) is vfs.StorageNode


def test_asyncios_own_threads_are_synchronous(manager: StorageManager) -> None:
    """They copy the context of the task that began them."""

    async def look() -> type:
        return type(await asyncio.to_thread(lambda: manager.node("memory:a")))

    assert asyncio.run(look()) is vfs.StorageNode
    assert anyio.run(look) is vfs.StorageNode


@pytest.mark.anyio
async def test_colours_can_be_forced(manager: StorageManager) -> None:
    """`sync` in a task is for helpers that block; all nodes of one place are equal."""
    forced = manager.sync.node("memory:a")
    assert type(forced) is vfs.StorageNode
    assert type(manager.aio.sync.node("memory:a")) is vfs.StorageNode
    assert type(manager.sync.aio.node("memory:a")) is AsyncStorageNode
    assert manager.aio.node("memory:a") == manager.node("memory:a")
    assert manager.aio.node("memory:a").sync == forced


@pytest.mark.anyio
async def test_what_is_synchronous_inside_stays_so(manager: StorageManager) -> None:
    """Mappings and batches of the manager work in a task as anywhere."""
    manager.mapping("memory:m")["a"] = b"1"
    assert manager.batch_exists(["memory:m/a"]) == {"memory:m/a": True}


def test_both_views_are_one_storage(manager: StorageManager) -> None:
    """What one adds or closes, the other has or lacks."""
    manager.sync.configure([{"name": "later", "type": "memory"}])
    assert manager.has_mount("later")
    manager.remove_mount("later")
    assert not manager.sync.has_mount("later")
    assert manager.sync.sync.mount_names() == manager.mount_names()
    manager.sync.close()
    assert manager.closed
    assert manager.aio.closed


@pytest.mark.anyio
async def test_a_forgotten_await_is_loud(manager: StorageManager) -> None:
    """A synchronous helper that is called in a task is told, instead of finding everything true."""

    def helper(node: vfs.StorageNode) -> str:
        return "there" if node.exists() else "not there"

    with pytest.raises(TypeError, match=r"exists\(\) was not awaited"):
        helper(manager.node("memory:none"))
    assert helper(manager.sync.node("memory:none")) == "not there"
    with pytest.raises(TypeError, match=r"^children\(\) was not awaited"):
        bool(manager.node("memory:").children())


def test_loops_are_not_loaded_by_synchronous_programs() -> None:
    """`import vfs` and its nodes cost no event loop."""
    program = (
        "import sys, vfs\n"
        "with vfs.open([{'name': 'm', 'type': 'memory'}]) as storage:\n"
        "    storage.node('m:a').write_text('a')\n"
        "assert not {'anyio', 'trio', 'vfs.aio'} & set(sys.modules)\n"
    )
    subprocess.run([sys.executable, "-c", program], check=True, timeout=60)


def test_two_loops_at_once(manager: StorageManager) -> None:
    """Each thread's loop has its own turns; the storage is one."""

    async def write(name: str) -> None:
        async with anyio.create_task_group() as group:
            for number in range(100):
                group.start_soon(manager.aio.node(f"memory:{name}/{number}").write_text, name)

    threads = [threading.Thread(target=anyio.run, args=(write, name)) for name in ("a", "b")]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert sum(1 for _ in manager.node("memory:").files(recursive=True)) == 200
