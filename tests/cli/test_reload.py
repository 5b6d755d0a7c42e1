"""A changed configuration taken up by a real daemon: what its mount shows, and what its files go on doing."""

import os
import signal
import socket
import subprocess
import time
from functools import partial

import pytest

from tests.cli.room import Room
from tests.cli.tool import Run
from tests.mounts.waiting import wait_until
from vfs.cli.exit_status import FAILED, OK


def written(room: Room, *mounts: str, **more: str) -> None:
    """Write the configuration with these mounts."""
    sections = {"state": "state", "cache": "{directory: null}", **more}
    text = "".join(f"{key}: {value}\n" for key, value in sections.items())
    room.config.write_text(f"mounts: {{{', '.join(mounts)}}}\n{text}")


@pytest.fixture
def reload(run: Run) -> Run:
    """The verb."""
    return partial(run, "reload")


def assert_taken_up(done: "subprocess.CompletedProcess[str]", *lines: str) -> None:
    assert (done.returncode, done.stderr, done.stdout.splitlines()) == (OK, "", [*lines])


def assert_refused(done: "subprocess.CompletedProcess[str]", *words: str) -> None:
    assert (done.returncode, done.stdout) == (FAILED, "")
    assert all(word in done.stderr for word in words), done.stderr
    assert "Traceback" not in done.stderr


A = "a: {type: memory}"
B = "b: {type: memory}"


def test_mounts_come_go_and_change_under_open_files(room: Room, reload: Run) -> None:
    """The mount shows the new set at once; a file that is written on a mount left alone is written on."""
    data = room.folder / "data"
    data.mkdir()
    (data / "f").write_text("words")
    local = "l: {type: local, path: data}"
    written(room, A, local)
    room.start()
    mnt = room.mountpoint
    # Looked for once, so that the kernel remembers that it is absent.
    assert not (mnt / "b").exists()
    assert (mnt / "l" / "f").read_text() == "words"
    with (mnt / "a" / "open").open("w") as file:
        file.write("before, ")
        file.flush()
        written(room, A, "l: {type: local, path: data, permissions: readonly}", B)
        assert_taken_up(reload(mnt), "added: b", "altered: l")
        assert sorted(os.listdir(mnt)) == ["a", "b", "l"]
        (mnt / "b" / "new").write_text("new")
        assert (mnt / "l" / "f").read_text() == "words"
        with pytest.raises(OSError, match="Read-only file system"):
            (mnt / "l" / "g").write_text("no")
        file.write("after")
    assert (mnt / "a" / "open").read_text() == "before, after"
    written(room, A)
    assert_taken_up(reload(mnt), "removed: l, b")
    assert os.listdir(mnt) == ["a"]
    assert not (mnt / "b" / "new").exists()
    assert (mnt / "a" / "open").read_text() == "before, after"


def test_what_is_wrong_changes_nothing_and_is_told(room: Room, reload: Run) -> None:
    """A bad file, a busy mount, a process-wide setting: each is refused with its reason, also in the log."""
    written(room, A, B)
    daemon = room.start()
    mnt = room.mountpoint
    (mnt / "b" / "f").write_text("words")
    written(room, A, "c: {type: memory, ttll: 1}")
    assert_refused(reload(mnt), "mounts.c.ttll: unknown key; did you mean 'ttl'?")
    written(room, A, cache="{directory: null, memory: 64MiB}")
    assert_refused(reload("--pid", daemon.pid), "cache: cannot be changed")
    written(room, A)
    with (mnt / "b" / "f").open() as file:
        assert_refused(reload(mnt), "mount 'b': 1 open file(s)")
        assert file.read() == "words"
        assert sorted(os.listdir(mnt)) == ["a", "b"]
    assert_taken_up(reload(mnt), "removed: b")
    assert_taken_up(reload(mnt), "nothing has changed")
    assert "mounts.c.ttll" in room.words


def test_hangup_reloads(room: Room) -> None:
    """SIGHUP does as `vfs reload` does, and tells the log; the daemon lives on after a bad file."""
    written(room, A)
    daemon = room.start()
    written(room, A, B)
    daemon.send_signal(signal.SIGHUP)
    wait_until(lambda: sorted(os.listdir(room.mountpoint)) == ["a", "b"], 30, "the new mount")
    room.config.write_text("mounts: [")
    daemon.send_signal(signal.SIGHUP)
    wait_until(lambda: "was not taken up" in room.words, 30, "the refusal")
    assert sorted(os.listdir(room.mountpoint)) == ["a", "b"]
    daemon.terminate()
    assert daemon.wait(60) == OK


def test_mount_shown_alone_is_altered_in_place(room: Room, reload: Run) -> None:
    """With --mount the root shows the new storage; a configuration without that mount is refused."""
    for name in ("one", "two"):
        (room.folder / name).mkdir()
        (room.folder / name / "f").write_text(name)
    written(room, "l: {type: local, path: one}", A)
    room.start("--mount", "l")
    mnt = room.mountpoint
    assert (mnt / "f").read_text() == "one"
    written(room, "l: {type: local, path: two}", A)
    assert_taken_up(reload(mnt), "altered: l")
    assert (mnt / "f").read_text() == "two"
    (mnt / "g").write_text("new")
    assert (room.folder / "two" / "g").read_text() == "new"
    written(room, A)
    assert_refused(reload(mnt), "'l' is shown as the root")
    assert (mnt / "f").read_text() == "two"


def test_no_daemon_is_said(reload: Run) -> None:
    """A mount point that nothing of ours serves."""
    assert_refused(reload("/nonexistent"), "no vfs daemon of yours serves this mount point")


def test_supervisor_is_told_of_a_reload(room: Room) -> None:
    """RELOADING=1 with the time of the monotonic clock, then READY=1, as systemd's notify-reload asks for."""
    address = os.fspath(room.folder / "notify")
    with socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM) as supervisor:
        supervisor.bind(address)
        supervisor.settimeout(60)
        daemon = room.start(NOTIFY_SOCKET=address)
        assert supervisor.recv(100) == b"READY=1"
        daemon.send_signal(signal.SIGHUP)
        reloading, stamp = supervisor.recv(100).split(b"\n")
        assert reloading == b"RELOADING=1"
        assert 0 < int(stamp.removeprefix(b"MONOTONIC_USEC=")) <= time.monotonic_ns() // 1000
        assert supervisor.recv(100) == b"READY=1"
