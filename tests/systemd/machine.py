"""A machine that systemd boots: a container over this system's files, whose changes nobody else sees.

systemd-nspawn keeps apart what the system manager would change: processes, mounts, cgroups, what is below
/proc and /sys. The network is this machine's own, so that the test servers can be reached. The interpreter
and its libraries are seen below /opt, since they may lie in a home, and units hide those.
"""

import os
import shutil
import signal
import subprocess
import sys
import sysconfig
from pathlib import Path

from tests.mounts.waiting import wait_until
from tests.systemd.control_groups import ENTERING, ControlGroups, hierarchies

ROOT = Path(__file__).parents[2]

_PATH = "/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin"

_BOOT = f"""
set -e
room=$1 sources=$2 packages=$3 python=$4 libraries=$5
shift 5
{ENTERING}
mount -t tmpfs none "$room"
mkdir "$room/upper" "$room/work" "$room/root"
root=$room/root
mount -t overlay none -o "lowerdir=/,upperdir=$room/upper,workdir=$room/work" "$root"
# What this system would start is none of ours: the journal is enough.
rm -rf "$root/etc/systemd/system" "$root/etc/fstab" "$root/etc/vfs"
find "$root"/lib/systemd/system/*.target.wants -type l -not -name '*journald*' -delete
manager=$root/etc/systemd/system.conf.d
mkdir -p "$root/etc/systemd/system" "$manager" "$root/etc/vfs" "$root/srv"
printf '[Manager]\\nDefaultEnvironment=LD_LIBRARY_PATH=/opt/python/lib\\n' > "$manager/python.conf"
cd /
UNIFIED_CGROUP_HIERARCHY=yes exec systemd-nspawn --quiet --directory="$root" --boot --machine="vfs-test-$$" \\
    --register=no --keep-unit --link-journal=no --console=pipe --capability=all \\
    --bind=/dev/fuse --bind=/dev/autofs \\
    --bind-ro="$sources:/opt/sources" --bind-ro="$packages:/opt/packages" \\
    --bind-ro="$python:/opt/python" --bind-ro="$libraries:/opt/libraries" systemd.show_status=no
"""


def why_none_boots() -> str:
    """What is missing for a machine; empty where nothing is."""
    if os.geteuid() != 0:
        return "booting a container takes root"
    if shutil.which("systemd-nspawn") is None:
        return "systemd-nspawn is missing: install the package systemd-container"
    if not (os.path.exists("/dev/fuse") and os.path.exists("/dev/autofs")):
        return "the kernel has no FUSE or no autofs"
    if not all(os.access(folder, os.W_OK) for folder in hierarchies()):
        return "the control groups of this machine cannot be changed"
    return ""


class Machine:
    """Runs from `start` to `close`; what is written in it is gone then."""

    def __init__(self, folder: Path, packages: Path) -> None:
        """`folder` is empty; what lies in `packages` is seen in the machine."""
        self._folder = folder
        self._packages = packages
        self._groups = ControlGroups()
        self._process: subprocess.Popen[bytes] | None = None
        self._leader = 0

    def start(self) -> None:
        """Returns when the machine is up."""
        room = self._folder / "room"
        room.mkdir()
        given = (
            room,
            ROOT,
            self._packages,
            sys.base_prefix,
            sysconfig.get_path("purelib"),
            *self._groups.paths,
        )
        command = ["unshare", "-m", "sh", "-c", _BOOT, "sh", *map(os.fspath, given)]
        self._groups.make()
        with (self._folder / "console").open("wb") as console:
            self._process = subprocess.Popen(
                command, stdin=subprocess.DEVNULL, stdout=console, stderr=console
            )
        wait_until(self._is_up, 60, "the machine to be up")

    def install(self) -> None:
        """What `make install` does, of the wheel in `packages`, with the libraries of this environment."""
        (wheel,) = self._packages.glob("*.whl")
        script = ["/opt/sources/scripts/install.sh", "/opt/python/bin/python3", "/usr/local", ""]
        ours = {"PIP_NO_DEPS": "1", "PIP_NO_INDEX": "1", "PYTHONPATH": "/opt/libraries"}
        self.run(*script, f"/opt/packages/{wheel.name}", LD_LIBRARY_PATH="/opt/python/lib", **ours)
        version = f"python{sys.version_info.major}.{sys.version_info.minor}"
        self.write(f"/usr/local/lib/vfs/lib/{version}/site-packages/ours.pth", "/opt/libraries\n", 0o644)
        self.run("systemctl", "daemon-reload")

    def run(self, *command: str, **environ: str) -> str:
        """What a command prints there. Raises CalledProcessError for a status that is not 0."""
        return self.attempt(*command, check=True, **environ).stdout.strip()

    def attempt(
        self, *command: str, check: bool = False, uid: int = 0, **environ: str
    ) -> "subprocess.CompletedProcess[str]":
        """A command run there by a user, in none of its units."""
        inside = [
            "nsenter",
            f"--target={self._leader}",
            "--mount",
            "--uts",
            "--ipc",
            "--pid",
            "--cgroup",
            "--wdns=/",
        ]
        user = ["setpriv", f"--reuid={uid}", f"--regid={uid}", "--clear-groups"]
        return subprocess.run(
            [*inside, *user, *command],
            env={"PATH": _PATH, **environ},
            stdin=subprocess.DEVNULL,
            capture_output=True,
            text=True,
            timeout=120,
            check=check,
        )

    def write(self, path: str, text: str, mode: int = 0o600) -> None:
        """Make a file there."""
        file = Path(f"/proc/{self._leader}/root{path}")
        file.parent.mkdir(parents=True, exist_ok=True)
        file.write_text(text)
        file.chmod(mode)

    def read(self, path: str) -> str:
        """A file there."""
        return Path(f"/proc/{self._leader}/root{path}").read_text()

    def show(self, unit: str, name: str) -> str:
        """One property of a unit."""
        return self.run("systemctl", "show", "--property", name, "--value", unit)

    def close(self) -> None:
        """End it and all that it runs."""
        if self._process is not None:
            # Its first process, and by that the kernel, ends all others.
            if self._leader:
                os.kill(self._leader, signal.SIGKILL)
            else:
                self._process.kill()
            self._process.wait(60)
        self._groups.remove()

    def _is_up(self) -> bool:
        assert self._process is not None
        if self._process.poll() is not None:
            raise AssertionError((self._folder / "console").read_text())
        pid = self._process.pid
        children = Path(f"/proc/{pid}/task/{pid}/children").read_text().split()
        if Path(f"/proc/{pid}/comm").read_text().strip() != "systemd-nspawn" or not children:
            return False
        self._leader = int(children[0])
        try:
            return self.attempt("systemctl", "is-system-running").stdout.strip() == "running"
        except ProcessLookupError:
            return False
