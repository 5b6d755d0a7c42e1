"""A serving process that is killed while it waits in the kernel: nobody waits for it for ever."""

import os
import subprocess
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path

from tests.fuse.slow_mount import slow_mount
from tests.mounts.waiting import wait_until


def waits_in_kernel(process: int) -> bool:
    """Whether a thread of it waits where no signal reaches it."""
    with suppress(FileNotFoundError, ProcessLookupError):
        for task in Path(f"/proc/{process}/task").iterdir():
            if task.joinpath("stat").read_text().rpartition(")")[2].split()[0] == "D":
                return True
    return False


def children(process: int) -> list[int]:
    """The processes that it has started, by any of its threads."""
    tasks = Path(f"/proc/{process}/task").iterdir()
    return [int(child) for task in tasks for child in task.joinpath("children").read_text().split()]


@contextmanager
def held(path: Path) -> Iterator[None]:
    """The file is open inside; closing it may fail."""
    descriptor = os.open(path, os.O_RDONLY)
    yield
    with suppress(OSError):
        os.close(descriptor)


def test_a_process_killed_inside_a_notice_ends_and_so_do_those_who_wait(tmp_path: Path) -> None:
    """A program holds the folder and waits for an answer; the notice waits for the folder; then SIGKILL."""
    with slow_mount(os.fspath(tmp_path)) as mount, held(tmp_path / "m/folder/file"):
        looking = mount.hold("folder")
        mount.begin("storage.node('m:folder/file').delete()")
        wait_until(lambda: waits_in_kernel(mount.process.pid), 30, "the notice to wait for the folder")
        mount.process.kill()
        mount.process.wait(60)
        assert looking.wait(60) != 0


def test_nobody_watches_a_mount_that_was_taken_away(tmp_path: Path) -> None:
    """The second process ends with the serving one."""
    with slow_mount(os.fspath(tmp_path)) as mount:
        (watch,) = children(mount.process.pid)
        subprocess.run(["fusermount3", "-u", tmp_path], check=True)
        mount.process.wait(60)
        assert not os.path.exists(f"/proc/{watch}")
