"""A serving process that is killed while it waits in the kernel: nobody waits for it for ever."""

import os
import subprocess
import sys
from collections.abc import Iterator
from contextlib import suppress
from pathlib import Path

import pytest

from tests.mounts.waiting import wait_until

SERVING = """
import sys, threading, trio, vfs
from vfs.fuse.mounting import FuseOptions, serve
from vfs.fuse.operations import Operations

lookup = Operations.lookup

async def slow_lookup(self, parent, name, ctx):
    if name == b"slow":
        print("asked", flush=True)
        await trio.sleep_forever()
    return await lookup(self, parent, name, ctx)

Operations.lookup = slow_lookup
manager = vfs.open([{"name": "m", "type": "memory"}])
manager.node("m:folder/file").write_bytes(b"x")

def edit():
    sys.stdin.readline()
    manager.node("m:folder/new").write_bytes(b"y")

threading.Thread(target=edit, daemon=True).start()
serve(manager, sys.argv[1], FuseOptions(), ready=lambda: print("ready", flush=True))
"""
"""A mount where one name's lookup is never answered, and where a file is made on a line of input."""


@pytest.fixture
def mountpoint(tmp_path: Path) -> str:
    """An empty folder."""
    path = tmp_path / "mnt"
    path.mkdir()
    return os.fspath(path)


@pytest.fixture
def serving(mountpoint: str) -> Iterator["subprocess.Popen[str]"]:
    """A process that serves the mount and waits for a line of input; gone afterwards, whatever its state."""
    command = [sys.executable, "-c", SERVING, mountpoint]
    process = subprocess.Popen(command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True)
    yield process
    process.kill()
    # Aborts: else neither the process nor who waits for it would end.
    subprocess.run(["umount", "-f", "-l", mountpoint], check=False, capture_output=True)
    process.communicate()


def waits_in_kernel(process: int) -> bool:
    """Whether a thread of it waits where no signal reaches it."""
    with suppress(FileNotFoundError, ProcessLookupError):
        for task in Path(f"/proc/{process}/task").iterdir():
            if task.joinpath("stat").read_text().rpartition(")")[2].split()[0] == "D":
                return True
    return False


def test_a_process_killed_inside_a_notice_ends_and_so_do_those_who_wait(
    serving: "subprocess.Popen[str]", mountpoint: str
) -> None:
    """A program holds the folder and waits for an answer; the notice waits for the folder; then SIGKILL."""
    assert serving.stdin is not None
    assert serving.stdout is not None
    assert serving.stdout.readline() == "ready\n"
    looking = subprocess.Popen(["stat", f"{mountpoint}/m/folder/slow"], stderr=subprocess.DEVNULL)
    assert serving.stdout.readline() == "asked\n"
    serving.stdin.write("edit\n")
    serving.stdin.flush()
    wait_until(lambda: waits_in_kernel(serving.pid), 30, "the notice to wait for the folder")
    serving.kill()
    serving.wait(60)
    assert looking.wait(60) != 0


def test_nobody_watches_a_mount_that_was_taken_away(
    serving: "subprocess.Popen[str]", mountpoint: str
) -> None:
    """The second process ends with the serving one."""
    assert serving.stdout is not None
    assert serving.stdout.readline() == "ready\n"
    (watch,) = children(serving.pid)
    subprocess.run(["fusermount3", "-u", mountpoint], check=True)
    serving.wait(60)
    assert not os.path.exists(f"/proc/{watch}")


def children(process: int) -> list[int]:
    """The processes that it has started, by any of its threads."""
    tasks = Path(f"/proc/{process}/task").iterdir()
    return [int(child) for task in tasks for child in task.joinpath("children").read_text().split()]
