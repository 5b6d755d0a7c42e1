"""What a mount tells of a file by attributes that nobody stores."""

import errno
import os
from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.mounts.commands import run
from tests.mounts.daemon import Daemon, killed_after, mounted
from tests.mounts.kinds import s3_settings
from tests.mounts.refusals import refused
from tests.mounts.waiting import wait_until
from tests.servers.fault_proxy import FaultProxy
from tests.servers.seaweed import SeaweedServer
from vfs.fuse.facts import FACTS

NAMES = [os.fsdecode(name) for name in FACTS]


@pytest.fixture(scope="module")
def store(seaweed: SeaweedServer) -> Iterator[FaultProxy]:
    proxy = FaultProxy(seaweed.address)
    yield proxy
    proxy.close()


@pytest.fixture(scope="module")
def top(
    seaweed: SeaweedServer, store: FaultProxy, tmp_path_factory: pytest.TempPathFactory
) -> Iterator[Path]:
    """A bucket that keeps versions, mounted, and sent to from the journal."""
    with seaweed.bucket(versioned=True) as bucket:
        settings = {**s3_settings(bucket, store.url), "durability": "disk", "deadline": 2, "timeout": 1}
        with (
            mounted(Daemon(str(tmp_path_factory.mktemp("facts")), settings)) as daemon,
            killed_after(daemon, 120),
        ):
            yield Path(daemon.mountpoint)


def state_of(file: Path) -> str:
    return os.getxattr(file, "user.vfs.state").decode()


def sent(file: Path) -> Path:
    wait_until(lambda: state_of(file) == "sent", 30, "the file in the store")
    return file


def test_the_state_tells_how_far_a_file_is(top: Path, store: FaultProxy) -> None:
    """Being written, on its way, failed and why, sent; and asks the store nothing."""
    file = top / "file"
    with file.open("wb", buffering=0) as writer:
        writer.write(b"x")
        assert state_of(file) == "writing"
        for name in ("user.vfs.version", "user.vfs.etag"):
            with refused(errno.ENODATA):
                os.getxattr(file, name)
        store.stall(matches=lambda request: request.method == "PUT")
    wait_until(lambda: state_of(file) == "sending", 30, "the file on its way")
    wait_until(lambda: state_of(file).startswith("failed: "), 30, "the store's silence")
    store.heal()
    sent(file)
    with store.counting() as counter:
        assert run("getfattr", "--only-values", "-n", "user.vfs.state", str(file)) == "sent"
    assert not counter


def test_nobody_copies_or_changes_them(top: Path, tmp_path: Path) -> None:
    """They are listed nowhere, so `cp -a` and `rsync -X` take stored attributes along and none of these."""
    file = top / "original"
    file.write_text("x")
    os.setxattr(file, "user.colour", b"blue")
    sent(file)
    assert os.listxattr(file) == ["user.colour"]
    run("cp", "-a", str(file), str(tmp_path / "copy"))
    run("cp", "-a", str(file), str(top / "copy"))
    run("rsync", "-aX", str(file), str(tmp_path / "synced"))
    for copy in (tmp_path / "copy", top / "copy", tmp_path / "synced"):
        assert os.listxattr(copy) == ["user.colour"]
    for name in NAMES:
        with refused(errno.EPERM):
            os.setxattr(file, name, b"x")
        with refused(errno.EPERM):
            os.removexattr(file, name)


def test_folders_have_none(top: Path) -> None:
    """Nor have symlinks and the top: they are told of files."""
    (top / "folder").mkdir()
    for place in (top, top / "folder", top / ".versions"):
        for name in NAMES:
            with refused(errno.ENODATA):
                os.getxattr(place, name)
