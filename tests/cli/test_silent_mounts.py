"""Mounts that do not answer: a dead daemon's are cleared, a living one's are told of, and nobody waits."""

import errno
import os
import signal
import subprocess
import sys
import threading
from collections.abc import Iterator

import pytest

from tests.cli.room import Room
from tests.mounts.waiting import wait_until
from vfs.cli import silent_mounts
from vfs.cli.mountpoint import prepare_mountpoint
from vfs.engine.errors import StorageError
from vfs.fuse.mount_table import find_mount

LEADER_ENDS = """
import ctypes, threading
threading.Thread(target=threading.Event().wait).start()
ctypes.CDLL(None).syscall(60, 0)
"""
"""Ends the first thread of the process alone, by exit(2), which is number 60 on x86-64."""


@pytest.fixture
def stopped(room: Room, monkeypatch: pytest.MonkeyPatch) -> Iterator["subprocess.Popen[bytes]"]:
    """A daemon that serves a mount and is stopped, so that the mount is silent."""
    monkeypatch.setattr(silent_mounts, "ANSWER_SECONDS", 0.5)
    daemon = room.serve()
    daemon.send_signal(signal.SIGSTOP)
    yield daemon
    daemon.send_signal(signal.SIGCONT)


def test_a_mount_that_answers_stays(room: Room) -> None:
    """Mounting on it again is refused as ever."""
    room.serve()
    with pytest.raises(StorageError, match="already a vfs mount"):
        prepare_mountpoint(os.fspath(room.mountpoint))
    assert room.is_mounted


def test_a_living_daemon_that_is_silent_is_named(room: Room, stopped: "subprocess.Popen[bytes]") -> None:
    """Nothing is taken from it."""
    with pytest.raises(StorageError, match=f"process {stopped.pid} has it") as caught:
        prepare_mountpoint(os.fspath(room.mountpoint))
    assert caught.value.errno == errno.EBUSY
    assert find_mount(os.fspath(room.mountpoint)) is not None


def test_a_dead_daemon_s_mount_is_cleared_and_nobody_waits_for_it(
    room: Room, stopped: "subprocess.Popen[bytes]", monkeypatch: pytest.MonkeyPatch
) -> None:
    """A program that waited for it hears that it is gone."""
    failures: list[OSError] = []

    def look() -> None:
        try:
            os.statvfs(room.mountpoint)
        except OSError as error:
            failures.append(error)

    waiting = threading.Thread(target=look)
    waiting.start()
    monkeypatch.setattr(silent_mounts, "is_alive", lambda pid: False)
    assert prepare_mountpoint(os.fspath(room.mountpoint)) == os.fspath(room.mountpoint)
    assert find_mount(os.fspath(room.mountpoint)) is None
    waiting.join(30)
    assert [error.errno for error in failures] in ([errno.ECONNABORTED], [errno.ENOTCONN])


def test_a_process_whose_threads_are_left_is_dead() -> None:
    """The kernel keeps a killed process while threads of it wait inside."""
    process = subprocess.Popen([sys.executable, "-c", LEADER_ENDS])
    try:
        assert silent_mounts.is_alive(os.getpid())
        wait_until(lambda: not silent_mounts.is_alive(process.pid), 30, "the first thread to end")
        assert os.path.exists(f"/proc/{process.pid}")
    finally:
        process.kill()
        process.wait()
    assert not silent_mounts.is_alive(process.pid)
