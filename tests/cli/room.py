"""A folder with a configuration and a mount point, and the real command run in it."""

import os
import signal
import subprocess
import sys
from pathlib import Path

from tests.mounts.waiting import wait_until
from vfs.control.client import daemon_at
from vfs.engine.errors import NotFound
from vfs.fuse.mount_table import find_mount

VFSMOUNT = os.fspath(Path(sys.executable).with_name("vfsmount"))
MEMORY = "mounts: {m: {type: memory}}\ncache: {directory: null}\nstate: state\n"


class Room:
    """A folder with a configuration and a mount point."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        self.config = folder / "config.yaml"
        self.mountpoint = folder / "mnt"
        self.mountpoint.mkdir()
        self.config.write_text(MEMORY)
        self._stderr = folder / "stderr"
        self._started: list[subprocess.Popen[bytes]] = []

    def run(self, *options: str, config: str | None = None) -> subprocess.CompletedProcess[str]:
        """`vfsmount CONFIG MOUNTPOINT` with these options, to its end."""
        if config is not None:
            self.config.write_text(config)
        return subprocess.run(
            [VFSMOUNT, self.config, self.mountpoint, *options],
            capture_output=True,
            text=True,
            timeout=120,
            check=False,
        )

    def start(self, *options: str, **environ: str) -> "subprocess.Popen[bytes]":
        """The command in the foreground, its mount answering; `words` has what it says."""
        with self._stderr.open("ab") as stderr:
            daemon = subprocess.Popen(
                [VFSMOUNT, self.config, self.mountpoint, "--foreground", *options],
                stderr=stderr,
                env={**os.environ, **environ},
            )
        self._started.append(daemon)
        wait_until(lambda: self.is_mounted or daemon.poll() is not None, 60, "the mount")
        return daemon

    def serve(self, *options: str) -> "subprocess.Popen[bytes]":
        """As `start`, its control socket listening."""
        daemon = self.start(*options)
        wait_until(lambda: self._listens, 30, "the socket")
        return daemon

    @property
    def _listens(self) -> bool:
        try:
            daemon_at(os.fspath(self.mountpoint)).__exit__()
        except NotFound:
            return False
        return True

    @property
    def words(self) -> str:
        """What the daemons in the foreground have said on stderr."""
        return self._stderr.read_text()

    def close(self) -> None:
        """End everything that still runs or is mounted here."""
        for pid in self.daemons:
            os.kill(pid, signal.SIGKILL)
        for daemon in self._started:
            daemon.wait()
        wait_until(lambda: not self.daemons, 60, "the daemons to end")
        if self.is_mounted:
            subprocess.run(["fusermount3", "-uz", self.mountpoint], check=True)

    @property
    def is_mounted(self) -> bool:
        return find_mount(os.fspath(self.mountpoint)) is not None

    @property
    def daemons(self) -> list[int]:
        """The processes that serve this mount point."""
        processes = [entry for entry in Path("/proc").iterdir() if entry.name.isdigit()]
        ours = os.fsencode(self.mountpoint)
        return [int(process.name) for process in processes if ours in _command_line(process)]


def _command_line(process: Path) -> list[bytes]:
    try:
        return (process / "cmdline").read_bytes().split(b"\0")
    except OSError:
        return []


def assert_refused(room: Room, done: "subprocess.CompletedProcess[str]", status: int, *words: str) -> None:
    """One line on stderr with these words, this status, and nothing running or mounted."""
    assert (done.returncode, done.stdout) == (status, "")
    (line,) = done.stderr.splitlines()
    assert line.startswith("vfsmount: ")
    assert all(word in line for word in words), line
    wait_until(lambda: not room.daemons, 60, "the daemon to end")
    assert not room.is_mounted
