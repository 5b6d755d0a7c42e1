"""The folder to mount on: what is refused, and with which words."""

import contextlib
import errno
import os
import subprocess
import tempfile
from collections.abc import Iterator
from pathlib import Path

import pytest

from vfs.cli.mountpoint import prepare_mountpoint
from vfs.engine.errors import PermissionDenied, StorageError
from vfs.fuse.mount_table import MountTableLine, find_mount


def refusal(path: Path, **options: bool) -> StorageError:
    with pytest.raises(StorageError) as caught:
        prepare_mountpoint(os.fspath(path), **options)
    return caught.value


def test_empty_folder_is_good(tmp_path: Path) -> None:
    """An empty folder passes, and comes back absolute with symlinks resolved."""
    (tmp_path / "mnt").mkdir()
    (tmp_path / "link").symlink_to("mnt")
    assert prepare_mountpoint(os.fspath(tmp_path / "link")) == os.fspath(tmp_path / "mnt")


def test_missing_folder(tmp_path: Path) -> None:
    """A missing mount point is told with the command that makes it."""
    error = refusal(tmp_path / "none")
    assert error.errno == errno.ENOENT
    assert f"mkdir -p {tmp_path / 'none'}" in str(error)


def test_file_is_no_mount_point(tmp_path: Path) -> None:
    """A file cannot be mounted on."""
    (tmp_path / "file").touch()
    assert refusal(tmp_path / "file").errno == errno.ENOTDIR


def test_path_through_a_file(tmp_path: Path) -> None:
    """A path that leads through a file is refused with the system's reason."""
    (tmp_path / "file").touch()
    assert refusal(tmp_path / "file" / "mnt").errno == errno.ENOTDIR


def test_occupied_folder_needs_nonempty(tmp_path: Path) -> None:
    """What lies in the folder is not hidden by accident."""
    (tmp_path / "precious").touch()
    error = refusal(tmp_path)
    assert error.errno == errno.ENOTEMPTY
    assert "-o nonempty" in str(error)
    assert prepare_mountpoint(os.fspath(tmp_path), nonempty=True) == os.fspath(tmp_path)


def test_who_mounts_for_those_that_wait_does_not_look_there(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """autofs would have it wait for itself, as everybody who looks."""

    def wait_for_ever(path: str) -> None:
        raise AssertionError(f"looked into {path}")

    awaited = MountTableLine(os.fspath(tmp_path), "autofs", None, (0, 0))
    monkeypatch.setattr("vfs.cli.mountpoint.find_mount", lambda _: awaited)
    monkeypatch.setattr(os, "statvfs", wait_for_ever)
    assert prepare_mountpoint(os.fspath(tmp_path)) == os.fspath(tmp_path)


@pytest.fixture
def public_folder() -> Iterator[Path]:
    """A folder of ours that everybody can look into."""
    with tempfile.TemporaryDirectory(dir="/tmp") as folder:
        os.chmod(folder, 0o755)
        yield Path(folder)


@contextlib.contextmanager
def as_user(uid: int) -> Iterator[None]:
    """Act with this effective user inside the block."""
    os.seteuid(uid)
    try:
        yield
    finally:
        os.seteuid(0)


def test_folder_of_somebody_else(public_folder: Path) -> None:
    """A folder that one may not write to is refused before libfuse would."""
    with as_user(65534):
        error = refusal(public_folder)
    assert error.errno == errno.EACCES
    assert "you may not write to this folder" in str(error)


def test_folder_behind_a_closed_door(public_folder: Path) -> None:
    """Where even looking at the folder is forbidden, the system's reason is passed on."""
    (public_folder / "closed" / "mnt").mkdir(parents=True)
    (public_folder / "closed").chmod(0o700)
    with as_user(65534):
        error = refusal(public_folder / "closed" / "mnt")
    assert isinstance(error, PermissionDenied)
    assert str(public_folder / "closed" / "mnt") in str(error)


def test_missing_fusermount_names_its_package(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Without fusermount3 the message says what to install."""
    monkeypatch.setenv("PATH", os.fspath(tmp_path))
    assert "install the package fuse3" in str(refusal(tmp_path))


def test_foreign_file_system_with_nothing_in_it_may_be_covered(tmp_path: Path) -> None:
    """Only our own mounts are in the way of mounting."""
    subprocess.run(["mount", "-t", "tmpfs", "none", tmp_path], check=True)
    try:
        assert prepare_mountpoint(os.fspath(tmp_path)) == os.fspath(tmp_path)
    finally:
        subprocess.run(["umount", tmp_path], check=True)


def test_mount_table_is_read_as_the_kernel_writes_it(tmp_path: Path) -> None:
    """Escapes in paths, optional fields, several mounts on one place: the topmost counts."""
    table = tmp_path / "mountinfo"
    table.write_text(
        "22 1 0:5 / /mnt rw shared:1 - tmpfs none rw\n"
        "36 22 0:50 / /mnt/a\\040b\\134c rw,nosuid shared:7 master:1 - ext4 /dev/x rw\n"
        "37 36 0:51 / /mnt/a\\040b\\134c rw,nosuid - fuse.vfs vfs rw,user_id=1000,group_id=1000\n"
    )
    assert find_mount("/mnt/a b\\c", os.fspath(table)) == MountTableLine(
        "/mnt/a b\\c", "fuse.vfs", 1000, (0, 51)
    )
    assert find_mount("/mnt", os.fspath(table)) == MountTableLine("/mnt", "tmpfs", None, (0, 5))
    assert find_mount("/other", os.fspath(table)) is None
