"""/etc/fstab: the line that the guide shows, by the mount(8) of this machine."""

import os
import subprocess
from pathlib import Path

import pytest

from tests.systemd.instance import BIN, UNITS

pytestmark = pytest.mark.skipif(os.geteuid() != 0, reason="a mount namespace of its own takes root")


HELPER = UNITS / "mount.fuse.vfsmount"


def in_namespace(folder: Path, script: str, *arguments: object) -> "subprocess.CompletedProcess[str]":
    """A shell script that sees our helper of mount(8) installed, and whose mounts nobody else sees."""
    upper = folder / "sbin"
    upper.mkdir()
    helper = upper / HELPER.name
    helper.write_text(HELPER.read_text().replace("@bindir@", os.fspath(BIN)))
    helper.chmod(0o755)
    install = f"mount -t overlay none -o lowerdir={upper}:/usr/sbin /usr/sbin; "
    return subprocess.run(
        ["unshare", "-m", "sh", "-ec", install + script, "sh", *map(str, arguments)],
        capture_output=True,
        text=True,
        timeout=120,
        check=False,
    )


def test_mount_all_mounts_a_line_of_fstab(tmp_path: Path) -> None:
    """With the words that mount(8) and systemd add; what is written is there, and unmounting ends it."""
    config = tmp_path / "config.yaml"
    (tmp_path / "data").mkdir()
    config.write_text("mounts: {d: {type: local, path: data}}\nstate: state\ncache: {directory: null}\n")
    mountpoint = tmp_path / "mnt"
    mountpoint.mkdir()
    fstab = tmp_path / "fstab"
    options = "allow_other,_netdev,nofail,x-systemd.automount"
    fstab.write_text(f"{config}  {mountpoint}  fuse.vfsmount  {options}  0 0\n")
    done = in_namespace(
        tmp_path,
        'mount -a -T "$1"; echo words > "$2/d/f"; findmnt -n -o FSTYPE "$2"; umount "$2"; ls "$2"',
        fstab,
        mountpoint,
    )
    assert (done.returncode, done.stderr, done.stdout) == (0, "", "fuse.vfs\n")
    assert (tmp_path / "data" / "f").read_text() == "words\n"


def test_a_wrong_line_is_told(tmp_path: Path) -> None:
    """mount(8) fails with our words where the configuration is not there."""
    fstab = tmp_path / "fstab"
    fstab.write_text(f"{tmp_path}/none.yaml  {tmp_path}  fuse.vfsmount  nonempty  0 0\n")
    done = in_namespace(tmp_path, 'mount -a -T "$1"', fstab)
    assert done.returncode != 0
    assert "none.yaml" in done.stderr
