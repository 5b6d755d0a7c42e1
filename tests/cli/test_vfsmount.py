"""The command from outside: what it prints, what it returns, what is mounted afterwards."""

import os
import signal
import socket
import subprocess
import sys

import pytest

from tests.cli.room import VFSMOUNT, Room, assert_refused
from tests.mounts.waiting import wait_until
from vfs.cli.exit_status import FAILED, MISUSED, OK


def test_returns_when_the_mount_answers_and_ends_when_unmounted(room: Room) -> None:
    """In the background: status 0, not a word, files at once; fusermount3 -u ends the daemon."""
    done = room.run()
    assert (done.returncode, done.stdout, done.stderr) == (OK, "", "")
    (room.mountpoint / "m" / "file").write_text("words")
    assert (room.mountpoint / "m" / "file").read_text() == "words"
    (daemon,) = room.daemons
    assert os.getsid(daemon) == daemon
    assert os.readlink(f"/proc/{daemon}/cwd") == "/"
    subprocess.run(["fusermount3", "-u", room.mountpoint], check=True)
    wait_until(lambda: not room.daemons, 60, "the daemon to end")
    (log,) = (room.folder / "state" / "log").iterdir()
    assert "unmounted; everything is sent" in log.read_text()


def test_arguments_as_mount_helper(room: Room) -> None:
    """What mount(8) and mount.fuse3 pass is understood, ro included."""
    done = room.run("-o", "rw,nosuid,nodev,_netdev,x-systemd.automount,user=root,ro,allow_other")
    assert (done.returncode, done.stderr) == (OK, "")
    with pytest.raises(OSError, match="Read-only file system"):
        (room.mountpoint / "m" / "file").write_text("words")


def test_one_mount_as_the_root(room: Room) -> None:
    """`--mount NAME` shows that mount's own files at the mount point."""
    assert room.run("--mount", "m").returncode == OK
    (room.mountpoint / "file").write_text("words")
    assert os.listdir(room.mountpoint) == ["file"]


def test_unknown_mount_name(room: Room) -> None:
    """`--mount` with a name that is not there tells the nearest that is."""
    assert_refused(room, room.run("--mount", "mm"), MISUSED, "'mm'", "did you mean 'm'?")


def test_unknown_option(room: Room) -> None:
    """A misspelt `-o` is a usage error."""
    assert_refused(room, room.run("-o", "alow_other"), MISUSED, "did you mean 'allow_other'?")


def test_usage_error() -> None:
    """Missing arguments give argparse's words and status 2."""
    done = subprocess.run([VFSMOUNT, "only-one"], capture_output=True, text=True, check=False)
    assert done.returncode == MISUSED
    assert "MOUNTPOINT" in done.stderr


def test_missing_mount_point(room: Room) -> None:
    """A mount point that is not there is said with the command that makes it."""
    room.mountpoint.rmdir()
    assert_refused(room, room.run(), FAILED, "mkdir -p")


def test_occupied_mount_point(room: Room) -> None:
    """A folder with files in it is only covered on request."""
    (room.mountpoint / "precious").touch()
    assert_refused(room, room.run(), FAILED, os.fspath(room.mountpoint), "not empty")
    assert room.run("-o", "nonempty").returncode == OK
    assert os.listdir(room.mountpoint) == ["m"]


def test_mount_point_in_use(room: Room) -> None:
    """A second mount on a living one is refused, and the first lives on."""
    assert room.run().returncode == OK
    done = room.run()
    assert done.returncode == FAILED
    assert "already a vfs mount" in done.stderr
    (room.mountpoint / "m" / "file").write_text("alive")


@pytest.mark.parametrize(
    ("config", "words"),
    [
        ("mounts: {m: {type: memory}", ["config.yaml", "line 1", "not valid YAML"]),
        ("mounts: {m: {type: memory, tttl: 1}}", ["config.yaml", "mounts.m.tttl", "did you mean 'ttl'?"]),
        ("mounts: {m: {type: memory}}\nstate: ${NO_SUCH_VARIABLE}/x", ["config.yaml", "NO_SUCH_VARIABLE"]),
        ("mounts: {m: {type: local, path: nowhere}}\nstate: state", ["nowhere"]),
        ("mounts: {m: {type: memory}}\nstate: mnt/state", ["state", "inside the mount point"]),
    ],
)
def test_wrong_configuration(room: Room, config: str, words: list[str]) -> None:
    """What is wrong with the file is one line that names it; status 2."""
    assert_refused(room, room.run("--foreground", config=config), MISUSED, *words)


def test_missing_configuration(room: Room) -> None:
    """A file that is not there is named."""
    room.config.unlink()
    assert_refused(room, room.run(), MISUSED, "config.yaml", "No such file")


def test_state_directory_that_cannot_be_written(room: Room) -> None:
    """Without a place for its log the daemon does not start, and says which."""
    (room.folder / "state").write_text("a file")
    assert_refused(room, room.run(), FAILED, "state/log")


def test_dead_mount_of_a_killed_daemon_is_cleared(room: Room) -> None:
    """After SIGKILL the mount point answers ENOTCONN; mounting again just works."""
    daemon = room.start()
    daemon.kill()
    daemon.wait()
    with pytest.raises(OSError, match="Transport endpoint is not connected"):
        os.listdir(room.mountpoint)
    assert room.run().returncode == OK
    assert os.listdir(room.mountpoint) == ["m"]


def test_dead_mount_in_use_is_explained(room: Room) -> None:
    """A dead mount that a process still holds cannot be cleared; the message says how to."""
    daemon = room.start()
    holder = os.open(room.mountpoint / "m", os.O_RDONLY | os.O_DIRECTORY)
    try:
        daemon.kill()
        daemon.wait()
        done = room.run()
        assert done.returncode == FAILED
        assert "fusermount3 -uz" in done.stderr
        subprocess.run(["fusermount3", "-uz", room.mountpoint], check=True)
        assert room.run().returncode == OK
    finally:
        os.close(holder)


@pytest.mark.parametrize("number", [signal.SIGTERM, signal.SIGINT])
def test_signal_unmounts_and_ends_well(room: Room, number: signal.Signals) -> None:
    """SIGTERM and Ctrl-C unmount, send everything, and give status 0."""
    daemon = room.start()
    (room.mountpoint / "m" / "file").write_text("words")
    daemon.send_signal(number)
    assert daemon.wait(30) == OK, room.words
    assert "Traceback" not in room.words
    assert not room.is_mounted


def test_supervisor_is_told_when_ready(room: Room) -> None:
    """READY=1 goes to NOTIFY_SOCKET once the mount answers."""
    address = os.fspath(room.folder / "notify")
    with socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM) as supervisor:
        supervisor.bind(address)
        supervisor.settimeout(30)
        daemon = room.start(NOTIFY_SOCKET=address)
        assert supervisor.recv(100) == b"READY=1"
        assert os.listdir(room.mountpoint) == ["m"]
    daemon.terminate()
    assert daemon.wait(30) == OK


def run_python(code: str, room: Room) -> "subprocess.CompletedProcess[str]":
    """The command in the foreground, after some code of the test."""
    script = f"{code}\nfrom vfs.cli.vfsmount import main\nsys.exit(main(sys.argv[1:]))"
    return subprocess.run(
        [sys.executable, "-c", script, room.config, room.mountpoint, "--foreground"],
        capture_output=True,
        text=True,
        timeout=60,
        check=False,
    )


def test_defect_is_one_line_and_a_log(room: Room) -> None:
    """An exception that nobody expected shows no traceback, and says which log has it."""
    done = run_python(
        "import sys, vfs.service\ndef run(*a, **k): raise RuntimeError('oh\\nno')\nvfs.service.run = run",
        room,
    )
    log = room.folder / "state" / "log"
    assert_refused(room, done, FAILED, "unexpected RuntimeError: oh;", os.fspath(log))
    assert "Traceback" in next(log.iterdir()).read_text()


def test_missing_binding_names_the_extra(room: Room) -> None:
    """Without pyfuse3 the message is the pip command."""
    done = run_python("import sys\nsys.modules['pyfuse3'] = None", room)
    assert_refused(room, done, FAILED, "pip install 'vfs[fuse]'")
