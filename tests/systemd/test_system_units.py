"""The units of the system, run by a system manager from where `make install` puts them."""

import json
import subprocess
import sys
import threading
from collections.abc import Iterator

import pytest

from tests.mounts.waiting import wait_until
from tests.servers.fault_proxy import FaultProxy
from tests.servers.ports import free_ports
from tests.servers.seaweed import ACCESS_KEY, SECRET_KEY, SeaweedServer
from tests.servers.started import started
from tests.systemd.machine import ROOT, Machine, why_none_boots

_MISSING = why_none_boots()

pytestmark = pytest.mark.skipif(bool(_MISSING), reason=_MISSING or "a machine boots")

NOBODY = 65534
MOUNT, DRIVE = "vfsmount@storage.service", "vfsdav@storage.service"
QUICK = "[Service]\nRestartSec=100ms\n"


@pytest.fixture(scope="module")
def machine(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Machine]:
    """A machine on which vfs is installed."""
    packages = tmp_path_factory.mktemp("packages")
    build = [sys.executable, "-m", "hatchling", "build", "-t", "wheel", "-d", packages]
    room = tmp_path_factory.mktemp("machine")
    with (
        subprocess.Popen(build, cwd=ROOT, stdout=subprocess.DEVNULL) as building,
        started(Machine(room, packages)) as machine,
    ):
        assert building.wait() == 0
        machine.install()
        yield machine


@pytest.fixture
def unit(machine: Machine) -> Iterator[None]:
    """Afterwards no unit runs, and none has settings of its own."""
    yield
    machine.attempt("systemctl", "stop", "vfsdav@storage.socket", MOUNT, DRIVE)
    machine.run("rm", "-rf", "/etc/systemd/system", "/etc/vfs")
    machine.run("systemctl", "daemon-reload")


def drop_in(machine: Machine, unit: str, text: str) -> None:
    """Settings of a unit, besides its own."""
    machine.write(f"/etc/systemd/system/{unit}.d/test.conf", text, 0o644)
    machine.run("systemctl", "daemon-reload")


def failed(machine: Machine, *command: str) -> bool:
    return machine.attempt(*command).returncode != 0


@pytest.mark.usefixtures("unit")
def test_a_mount_of_the_system_is_there_for_everybody(machine: Machine) -> None:
    """Started means that it answers to any process and any user; variables and credentials reach it."""
    machine.write("/srv/data/f", "words", 0o644)
    machine.write("/etc/vfs/key", "secret")
    machine.write("/etc/vfs/storage.env", "DATA=/srv/data\n")
    machine.write(
        "/etc/vfs/storage.yaml",
        "mounts:\n  d: {type: local, path: '${DATA}'}\n"
        "  keys: {type: local, path: '${CREDENTIALS_DIRECTORY}', permissions: readonly}\n",
    )
    drop_in(machine, MOUNT, "[Service]\nLoadCredential=key:/etc/vfs/key\n")
    machine.run("systemctl", "start", MOUNT)
    assert machine.attempt("cat", "/mnt/storage/d/f", uid=NOBODY, check=True).stdout == "words"
    assert machine.run("cat", "/mnt/storage/keys/key") == "secret"
    machine.run("cp", "/mnt/storage/d/f", "/mnt/storage/d/copy")
    assert machine.read("/srv/data/copy") == "words"
    assert machine.run("ls", "/var/lib/vfs/storage/vfs/log") == "mnt%2Fstorage.log"
    wait_until(lambda: "all is sent" in machine.show(MOUNT, "StatusText"), 30, "a word on how it goes")
    machine.run("systemctl", "restart", MOUNT)
    assert machine.run("ls", "/mnt/storage") == "d\nkeys"
    machine.run("systemctl", "stop", MOUNT)
    assert (machine.show(MOUNT, "Result"), machine.show(MOUNT, "ExecMainStatus")) == ("success", "0")
    assert "/mnt/storage" not in machine.run("cat", "/proc/1/mounts")


@pytest.mark.usefixtures("unit")
def test_a_mount_of_the_system_outlives_its_daemon(machine: Machine) -> None:
    """Killed, or silent for as long as the watchdog waits, it is mounted anew over nothing stale."""
    machine.write("/etc/vfs/storage.yaml", "mounts: {m: {type: memory}}\n")
    drop_in(machine, MOUNT, QUICK + "WatchdogSec=3\n")
    machine.run("systemctl", "start", MOUNT)
    for count, (signal, result) in enumerate([("KILL", "signal"), ("STOP", "watchdog")], 1):
        machine.run("kill", f"-{signal}", machine.show(MOUNT, "MainPID"))
        wait_until(lambda: machine.show(MOUNT, "NRestarts") == str(count), 60, f"a restart after {result}")  # noqa: B023
        wait_until(lambda: machine.show(MOUNT, "ActiveState") == "active", 60, "the new mount")
        assert machine.run("ls", "/mnt/storage") == "m"
    assert machine.run("cat", "/proc/1/mounts").count(" /mnt/storage ") == 1
    told = machine.run("journalctl", "--unit", MOUNT, "--output", "cat")
    assert "Watchdog timeout" in told


@pytest.mark.usefixtures("unit")
def test_reloading_is_done_when_systemctl_returns(machine: Machine) -> None:
    """The new mount is there; a wrong configuration fails the reload, and nothing else."""
    machine.write("/etc/vfs/storage.yaml", "mounts: {m: {type: memory}}\n")
    machine.run("systemctl", "start", MOUNT)
    machine.write("/etc/vfs/storage.yaml", "mounts: {m: {type: memory}, more: {type: memory}}\n")
    machine.run("systemctl", "reload", MOUNT)
    assert machine.run("ls", "/mnt/storage") == "m\nmore"
    machine.write("/etc/vfs/storage.yaml", "mounts: {m: {type: memori}}\n")
    assert failed(machine, "systemctl", "reload", MOUNT)
    assert machine.show(MOUNT, "ActiveState") == "active"
    assert machine.run("ls", "/mnt/storage") == "m\nmore"
    assert "did you mean 'memory'?" in machine.run("journalctl", "--unit", MOUNT, "--output", "cat")


@pytest.mark.usefixtures("unit")
def test_stopping_waits_for_the_store(
    machine: Machine, seaweed: SeaweedServer, bucket: str, proxy: FaultProxy
) -> None:
    """What a slow store has not taken yet is told in the status, and is there when the unit has stopped."""
    machine.write("/etc/vfs/storage.env", f"KEY={ACCESS_KEY}\nSECRET={SECRET_KEY}\n")
    machine.write(
        "/etc/vfs/storage.yaml",
        f"mounts: {{s: {{type: s3, bucket: {bucket}, endpoint_url: '{proxy.url}', key: '${{KEY}}', "
        "secret: '${SECRET}', durability: disk}}\n",
    )
    machine.write("/srv/data/f", "promised", 0o644)
    machine.run("systemctl", "start", MOUNT)
    is_free = threading.Event()
    proxy.plan(lambda *_: not is_free.wait(60), matches=lambda request: request.act == "PUT")
    machine.run("cp", "/srv/data/f", "/mnt/storage/s/f")
    machine.run("systemctl", "stop", "--no-block", MOUNT)
    wait_until(lambda: "sending 1 file" in machine.show(MOUNT, "StatusText"), 60, "what is left to be told")
    assert machine.show(MOUNT, "ActiveState") == "deactivating"
    is_free.set()
    wait_until(lambda: machine.show(MOUNT, "ActiveState") == "inactive", 60, "the unit to have stopped")
    assert machine.show(MOUNT, "Result") == "success"
    assert seaweed.client().get_object(Bucket=bucket, Key="f")["Body"].read() == b"promised"


@pytest.mark.usefixtures("unit")
def test_the_journal_of_the_system_has_facts(machine: Machine) -> None:
    """Each record under its unit and mount, with the operation as a field."""
    machine.write("/etc/vfs/storage.yaml", "mounts: {m: {type: memory}}\n")
    machine.run("systemctl", "start", MOUNT)
    machine.run("vfs", "log-level", "--set", "debug", "/mnt/storage")
    machine.run("sh", "-c", "echo words > /mnt/storage/m/f")
    found = machine.run("journalctl", "--unit", MOUNT, "VFS_MOUNT=m", "VFS_PATH=f", "--output", "json")
    records = [json.loads(line) for line in found.splitlines()]
    assert {record["SYSLOG_IDENTIFIER"] for record in records} == {"vfsmount"}
    assert "write" in {record["VFS_OPERATION"] for record in records}


@pytest.mark.usefixtures("unit")
def test_a_network_drive_of_the_system(machine: Machine) -> None:
    """As a user of its own, from a configuration that root alone may read, with a state that it may write."""
    (port,) = free_ports(1)
    url, config = (
        f"http://127.0.0.1:{port}",
        "mounts: {m: {type: sqlite, path: '${STATE_DIRECTORY}/m.db'}%s}\n",
    )
    config += f"webdav: {{port: {port}}}\n"
    machine.write("/etc/vfs/storage.yaml", config % "")
    drop_in(machine, DRIVE, QUICK)
    machine.run("systemctl", "start", DRIVE)
    machine.run("curl", "-sf", "-T", "/etc/hostname", f"{url}/m/f")
    assert machine.run("stat", "-c", "%U", "/var/lib/vfsdav/storage/m.db") == "vfsdav"
    machine.run("kill", "-KILL", machine.show(DRIVE, "MainPID"))
    wait_until(lambda: machine.show(DRIVE, "NRestarts") == "1", 60, "the restart")
    wait_until(lambda: machine.show(DRIVE, "ActiveState") == "active", 60, "the new server")
    assert machine.run("curl", "-sf", f"{url}/m/f") == machine.run("cat", "/etc/hostname")
    machine.write("/etc/vfs/storage.yaml", config % ", more: {type: memory}")
    machine.run("systemctl", "reload", DRIVE)
    machine.run("curl", "-sf", "-T", "/etc/hostname", f"{url}/more/f")
    machine.write("/etc/vfs/storage.yaml", config % ", more: {type: memori}")
    assert failed(machine, "systemctl", "reload", DRIVE)
    assert f"{url} (process {machine.show(DRIVE, 'MainPID')})" in machine.run("vfs", "status")
    machine.run("systemctl", "stop", DRIVE)
    assert (machine.show(DRIVE, "Result"), machine.show(DRIVE, "ExecMainStatus")) == ("success", "0")


@pytest.mark.usefixtures("unit")
def test_a_mount_and_a_drive_of_one_name_run_beside_each_other(machine: Machine) -> None:
    """Neither is given the other's state: both may have promises in a journal there."""
    (port,) = free_ports(1)
    machine.write("/etc/vfs/storage.yaml", f"mounts: {{m: {{type: memory}}}}\nwebdav: {{port: {port}}}\n")
    machine.run("systemctl", "start", MOUNT)
    before = machine.run("stat", "-c", "%i %U", "/var/lib/vfs/storage", "/var/cache/vfs/storage")
    machine.run("systemctl", "start", DRIVE)
    machine.run("curl", "-sf", f"http://127.0.0.1:{port}/m/")
    assert machine.run("ls", "/mnt/storage") == "m"
    assert machine.run("stat", "-c", "%i %U", "/var/lib/vfs/storage", "/var/cache/vfs/storage") == before
    machine.run("systemctl", "restart", MOUNT, DRIVE)


@pytest.mark.usefixtures("unit")
def test_a_socket_of_systemd_starts_the_drive(machine: Machine) -> None:
    """Who connects waits until it is served, on the port of the socket, by a drive that nobody started."""
    (port,) = free_ports(1)
    machine.write("/etc/vfs/storage.yaml", "mounts: {m: {type: memory}}\nwebdav: {port: 1}\n")
    socket = f"[Socket]\nListenStream=127.0.0.1:{port}\n"
    machine.write("/etc/systemd/system/vfsdav@storage.socket", socket, 0o644)
    machine.run("systemctl", "daemon-reload")
    machine.run("systemctl", "start", "vfsdav@storage.socket")
    assert machine.show(DRIVE, "ActiveState") == "inactive"
    machine.run("curl", "-sf", f"http://127.0.0.1:{port}/m/")
    assert machine.show(DRIVE, "ActiveState") == "active"


@pytest.mark.usefixtures("unit")
def test_an_automount_of_fstab_mounts_at_the_first_look(machine: Machine) -> None:
    """Who looks waits for the mount, which does not wait for itself; stopped, it is mounted again."""
    machine.write("/srv/data/f", "words", 0o644)
    machine.write("/etc/vfs/storage.yaml", "mounts: {d: {type: local, path: /srv/data}}\n")
    machine.write(
        "/etc/fstab",
        "/etc/vfs/storage.yaml /mnt/storage fuse.vfsmount _netdev,allow_other,x-systemd.automount 0 0\n",
        0o644,
    )
    machine.run("systemctl", "daemon-reload")
    machine.run("systemctl", "start", "remote-fs.target", "mnt-storage.automount")
    for _ in range(2):
        assert machine.show("mnt-storage.mount", "ActiveState") == "inactive"
        looked = machine.attempt("timeout", "60", "cat", "/mnt/storage/d/f", uid=NOBODY)
        assert looked.stdout == "words", looked.stderr
        assert machine.show("mnt-storage.mount", "ActiveState") == "active"
        assert machine.run("findmnt", "-n", "-o", "FSTYPE", "/mnt/storage").split() == ["autofs", "fuse.vfs"]
        machine.run("systemctl", "stop", "mnt-storage.mount")
    machine.run("systemctl", "stop", "mnt-storage.automount")
    assert "/mnt/storage" not in machine.run("cat", "/proc/1/mounts")
