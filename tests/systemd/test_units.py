"""The units: valid, hardened, and run by a real systemd, through a crash and a clean stop."""

import os
import re
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.mounts.waiting import wait_until
from tests.servers.ports import free_ports
from tests.systemd.control_groups import hierarchies
from tests.systemd.instance import UNITS, Instance, installed

NAMES = sorted((path.parent.name, path.name) for path in UNITS.glob("*/*.service"))
LARGEST_EXPOSURE = 5.0


@pytest.mark.parametrize(("kind", "name"), NAMES)
def test_systemd_finds_nothing_wrong(kind: str, name: str, tmp_path: Path) -> None:
    """Each unit is one that systemd loads without a warning, as an instance for a mount point."""
    for command in ("vfsmount", "vfsdav", "vfs"):
        (tmp_path / command).touch(mode=0o755)
    unit = installed(kind, name, tmp_path, commands=tmp_path)
    instance = unit.rename(tmp_path / name.replace("@", "@my-storage"))
    done = subprocess.run(
        ["systemd-analyze", f"--{kind}", "--man=no", "verify", instance],
        env={**os.environ, "XDG_RUNTIME_DIR": os.fspath(tmp_path)},
        capture_output=True,
        text=True,
        check=False,
    )
    assert (done.returncode, done.stdout, done.stderr) == (0, "", "")


@pytest.mark.parametrize("name", sorted(name for kind, name in NAMES if kind == "system"))
def test_system_units_are_as_closed_as_they_can_be(name: str, tmp_path: Path) -> None:
    """The exposure that systemd computes stays below what it calls medium."""
    assert float(exposure(name, tmp_path)) <= LARGEST_EXPOSURE


def exposure(name: str, folder: Path) -> str:
    """What systemd says of a system unit, from 0 (closed) to 10."""
    unit = installed("system", name, folder)
    instance = unit.rename(folder / name.replace("@", "@my-storage"))
    command = ["systemd-analyze", "security", "--offline=true", instance]
    done = subprocess.run(command, capture_output=True, text=True, check=True)
    level = re.search(r"exposure level for \S+: ([0-9.]+)", done.stdout)
    assert level is not None
    return level[1]


@pytest.fixture
def instance(tmp_path: Path) -> Iterator[Instance]:
    """A running user instance that knows our units."""
    instance = Instance(tmp_path)
    commands = tmp_path / "commands"
    commands.mkdir()
    for command in ("vfsmount", "vfsdav", "vfs"):
        (commands / command).write_text(f'#!/bin/sh\nexec {sys.executable} -m vfs.cli.{command} "$@"\n')
        (commands / command).chmod(0o755)
    for kind, name in NAMES:
        if kind == "user":
            installed(kind, name, instance.config / "systemd" / "user", commands)
    instance.start()
    yield instance
    instance.close()


@pytest.mark.skipif(os.geteuid() != 0, reason="a mount namespace of its own takes root")
def test_an_instance_moves_nobody_elses_processes_regression(instance: Instance) -> None:
    """It gathers the processes that it finds in its control group, and finds none there but its own."""
    places = instance.control_groups()
    if not all(os.access(place, os.W_OK) for place in hierarchies()):
        pytest.skip("the control groups of this machine cannot be changed")
    assert places
    assert all(place.endswith("/init.scope") and "/vfs-test-" in place for place in places)


@pytest.mark.skipif(os.geteuid() != 0, reason="a mount namespace of its own takes root")
def test_a_mount_lives_through_a_kill_and_stops_cleanly(instance: Instance) -> None:
    """Started means mounted; a killed daemon's dead mount is cleared and mounted anew; stopped means gone."""
    mountpoint = instance.folder / "my-storage"
    unit = "vfsmount@my-storage.service"
    configs = instance.config / "vfs"
    configs.mkdir()
    (configs / "my-storage.env").write_text(f"PYTHONPATH={UNITS.parent}\nKIND=memory\n")
    (configs / "my-storage.yaml").write_text(
        f"mounts: {{m: {{type: '${{KIND}}'}}}}\nstate: {instance.folder}/state\ncache: {{directory: null}}\n"
    )
    instance.run("systemctl", "--user", "start", unit)
    assert instance.run("ls", os.fspath(mountpoint)) == "m"
    first = instance.show(unit, "MainPID")
    assert instance.show(unit, "StatusText") == ""
    instance.run("kill", "-KILL", first)
    wait_until(lambda: instance.show(unit, "NRestarts") == "1", 60, "the restart")
    wait_until(lambda: instance.run("ls", os.fspath(mountpoint)) == "m", 60, "the new mount")
    assert instance.show(unit, "MainPID") != first
    wait_until(lambda: "all is sent" in instance.show(unit, "StatusText"), 30, "a word on how it goes")
    instance.run("systemctl", "--user", "stop", unit)
    assert (instance.show(unit, "Result"), instance.show(unit, "ExecMainStatus")) == ("success", "0")
    assert instance.run("ls", os.fspath(mountpoint)) == ""


def test_what_the_documentation_says_of_exposure_is_so(tmp_path: Path) -> None:
    """The figures of `systemd-analyze security` that are told are those that it gives."""
    text = " ".join((UNITS.parent / "docs" / "running.md").read_text().split())
    told = re.findall(
        r"`systemd-analyze security` says ([0-9.]+) of `vfsmount@` and ([0-9.]+) of `vfsdav@`", text
    )
    assert told == [tuple(exposure(f"{name}@.service", tmp_path) for name in ("vfsmount", "vfsdav"))]


def test_a_network_drive_lives_through_a_kill_and_stops_cleanly(instance: Instance) -> None:
    """Started means that it answers; a killed daemon is started anew; stopped means gone, with status 0."""
    (port,) = free_ports(1)
    unit, url = "vfsdav@drive.service", f"http://127.0.0.1:{port}/m/f"
    configs = instance.config / "vfs"
    configs.mkdir()
    (configs / "drive.env").write_text(f"PYTHONPATH={UNITS.parent}\nKIND=sqlite\n")
    (configs / "drive.yaml").write_text(
        f"mounts: {{m: {{type: '${{KIND}}', path: {instance.folder}/m.db}}}}\n"
        f"webdav: {{port: {port}}}\nstate: {instance.folder}/state\ncache: {{directory: null}}\n"
    )
    (instance.folder / "f").write_text("promised")
    instance.run("systemctl", "--user", "start", unit)
    instance.run("curl", "-sf", "-T", os.fspath(instance.folder / "f"), url)
    assert instance.run("curl", "-sf", url) == "promised"
    first = instance.show(unit, "MainPID")
    instance.run("kill", "-KILL", first)
    wait_until(lambda: instance.show(unit, "NRestarts") == "1", 60, "the restart")
    wait_until(lambda: instance.run("curl", "-sf", url) == "promised", 60, "the new server")
    assert instance.show(unit, "MainPID") != first
    instance.run("systemctl", "--user", "stop", unit)
    assert (instance.show(unit, "Result"), instance.show(unit, "ExecMainStatus")) == ("success", "0")
    assert instance.run("curl", "-sf", url) == ""
