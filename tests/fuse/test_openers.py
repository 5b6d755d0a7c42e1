"""Whether a process still has open what it opened."""

import os
import subprocess
from collections.abc import Iterator
from pathlib import Path

import pytest

from vfs.fuse.openers import is_held


@pytest.fixture
def path(tmp_path: Path) -> Path:
    """A file that nothing has open."""
    file = tmp_path / "file"
    file.touch()
    return file


@pytest.fixture
def descriptor(path: Path) -> Iterator[int]:
    """The file, open for writing."""
    opened = os.open(path, os.O_WRONLY)
    yield opened
    os.close(opened)


def _is_held(path: Path, mountpoint: Path, process: int | None = None) -> bool:
    return is_held(process or os.getpid(), path.stat().st_ino, str(mountpoint))


def test_a_closed_file_is_not_held(path: Path, tmp_path: Path) -> None:
    """A descriptor that is closed no longer counts."""
    os.close(os.open(path, os.O_WRONLY))
    assert not _is_held(path, tmp_path)


def test_a_duplicate_holds_a_file(path: Path, tmp_path: Path, descriptor: int) -> None:
    """One of two descriptors was closed: the file is held by the other."""
    os.close(os.dup(descriptor))
    assert _is_held(path, tmp_path)


def test_a_reader_does_not_hold_a_file(path: Path, tmp_path: Path) -> None:
    """What is open for reading says nothing of a writer's next close."""
    with path.open("rb"):
        assert not _is_held(path, tmp_path)


def test_the_same_inode_number_elsewhere_does_not_count(path: Path, tmp_path: Path, descriptor: int) -> None:
    """Only what is below the mountpoint counts: other file systems have the same numbers."""
    assert not _is_held(path, tmp_path / "mount")
    assert not _is_held(path, Path(str(tmp_path)[:-1]))


def test_a_process_that_is_gone_holds_nothing(path: Path, tmp_path: Path) -> None:
    """The number of a process that has ended is no error."""
    child = subprocess.Popen(["true"])
    child.wait()
    assert not _is_held(path, tmp_path, child.pid)
