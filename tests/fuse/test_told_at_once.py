"""What another door did is seen in the mount at once, though a program holds the folder in the kernel."""

import os
import subprocess
from collections.abc import Iterator
from contextlib import suppress
from pathlib import Path

import pytest

from tests.fuse.slow_mount import SlowMount, slow_mount


@pytest.fixture
def mount(tmp_path: Path) -> Iterator[SlowMount]:
    """A mount with a folder that a program can hold: no name in it can be taken from the kernel then."""
    with slow_mount(os.fspath(tmp_path)) as mount:
        yield mount


@pytest.fixture
def folder(mount: SlowMount) -> Path:
    return Path(mount.mountpoint, "m", "folder")


def exists_while_held(mount: SlowMount, path: Path) -> bool:
    """Look for a file while the folder is held; who has to wait for an answer gets it afterwards."""
    looking = subprocess.Popen(["test", "-e", path])
    with suppress(subprocess.TimeoutExpired):
        looking.wait(0.5)
    mount.release()
    return looking.wait(30) == 0


def test_a_new_file_is_there(mount: SlowMount, folder: Path) -> None:
    """Though it was asked for just before."""
    assert not folder.joinpath("new").exists()
    mount.hold("folder")
    mount.do("storage.node('m:folder/new').write_bytes(b'words')")
    assert exists_while_held(mount, folder / "new")
    assert folder.joinpath("new").read_bytes() == b"words"


def test_a_changed_file_is_read_as_it_is_now(mount: SlowMount, folder: Path) -> None:
    """Its size too; nobody has to wait."""
    assert folder.joinpath("file").read_bytes() == b"x"
    mount.hold("folder")
    for content in (b"many words", b"few"):
        mount.do(f"storage.node('m:folder/file').write_bytes({content!r})")
        assert folder.joinpath("file").stat().st_size == len(content)
        assert folder.joinpath("file").read_bytes() == content


def test_a_deleted_file_is_gone(mount: SlowMount, folder: Path) -> None:
    """And may come again."""
    assert folder.joinpath("file").exists()
    mount.hold("folder")
    mount.do("storage.node('m:folder/file').delete()")
    assert not exists_while_held(mount, folder / "file")
    mount.do("storage.node('m:folder/file').write_bytes(b'again')")
    assert folder.joinpath("file").read_bytes() == b"again"


@pytest.mark.parametrize("path", ["below", "below/deep", "below/deep/file"])
def test_what_was_known_below_a_deleted_folder_is_gone(mount: SlowMount, folder: Path, path: str) -> None:
    """With the folder."""
    mount.do("storage.node('m:folder/below/deep/file').write_bytes(b'x')")
    assert folder.joinpath("below/deep/file").read_bytes() == b"x"
    mount.hold("folder")
    mount.do("storage.node('m:folder/below').delete(recursive=True)")
    assert not exists_while_held(mount, folder / path)
