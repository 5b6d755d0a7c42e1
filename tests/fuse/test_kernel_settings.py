"""The kernel's side of a mount, found without touching it."""

import os

from vfs.fuse.kernel_settings import Connection


def test_a_mount_is_found_by_its_device_number() -> None:
    """What mountinfo says is what stat says."""
    device = os.stat("/proc").st_dev
    assert Connection.of("/proc") == Connection(os.major(device), os.minor(device))


def test_where_nothing_is_mounted_there_is_no_connection(tmp_path: os.PathLike[str]) -> None:
    """An ordinary folder has none."""
    assert Connection.of(os.fspath(tmp_path)) is None
