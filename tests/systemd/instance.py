"""A user instance of systemd in a mount namespace and control groups of its own, as if it was booted."""

import os
import subprocess
import sys
from pathlib import Path

from tests.mounts.waiting import wait_until
from tests.systemd.control_groups import ENTERING, ControlGroups

UNITS = Path(__file__).parents[2] / "systemd"
BIN = Path(sys.executable).parent

_BOOT = f"""
set -e
{ENTERING}
mount -t tmpfs none /run/systemd
mkdir /run/systemd/system
exec /lib/systemd/systemd --user
"""


def installed(kind: str, name: str, folder: Path, commands: Path = BIN) -> Path:
    """A unit file with the paths that an installation gives it, in a folder."""
    text = (UNITS / kind / name).read_text().replace("@bindir@", os.fspath(commands))
    folder.mkdir(parents=True, exist_ok=True)
    path = folder / name
    path.write_text(text)
    return path


class Instance:
    """Runs from `start` to `close`; its mounts and control groups are its own."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        self.config = folder / "config"
        runtime = folder / "run"
        runtime.mkdir(mode=0o700)
        self._environ = {
            "HOME": os.fspath(folder),
            "XDG_RUNTIME_DIR": os.fspath(runtime),
            "XDG_CONFIG_HOME": os.fspath(self.config),
            "PATH": os.environ["PATH"],
        }
        self._groups = ControlGroups()
        self._process: subprocess.Popen[bytes] | None = None

    def start(self) -> None:
        """Returns when it takes commands."""
        boot = ["unshare", "-m", "sh", "-c", _BOOT, "sh", *map(os.fspath, self._groups.paths)]
        self._groups.make()
        with (self.folder / "log").open("wb") as log:
            self._process = subprocess.Popen(boot, env=self._environ, stdout=log, stderr=log)
        wait_until(lambda: self.run("systemctl", "--user", "is-system-running") == "running", 60, "systemd")

    def run(self, *command: str) -> str:
        """What a command prints that sees what the instance sees, whatever its status."""
        assert self._process is not None
        inside = ["nsenter", f"--mount=/proc/{self._process.pid}/ns/mnt", *command]
        done = subprocess.run(
            inside, env=self._environ, capture_output=True, text=True, timeout=120, check=False
        )
        return done.stdout.strip()

    def control_groups(self) -> list[str]:
        """Where its own process is, in each hierarchy of systemd that this machine has."""
        assert self._process is not None
        lines = Path(f"/proc/{self._process.pid}/cgroup").read_text().splitlines()
        told = [line.split(":", 2) for line in lines]
        return [place for _, kind, place in told if kind in ("", "name=systemd")]

    def show(self, unit: str, name: str) -> str:
        """One property of a unit."""
        return self.run("systemctl", "--user", "show", "-p", name, "--value", unit)

    def close(self) -> None:
        """End it and all that it runs."""
        if self._process is not None:
            self._process.terminate()
            self._process.wait(60)
        self._groups.remove()
